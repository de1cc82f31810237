// Routing rules as the kernel tells of them (linux/fib_rules.h).

import CMnl
import IPRoute

extension NetlinkReply {
    /// What an RTM_NEWRULE or RTM_DELRULE is about; nil where it is of another family or makes no sense.
    func rule() -> Rule? {
        guard let (body, attributes) = body(fib_rule_hdr()), let family = Family(number: body.family) else {
            return nil
        }
        var rule = Rule(
            family: family, priority: Word(attributes[FRA_PRIORITY]?.uint32 ?? 0),
            src: body.src_len == 0 ? "all" : attributes.address(FRA_SRC, family))
        rule.srclen = shownLength(body.src_len, family)
        if body.dst_len != 0 { rule.dst = attributes.address(FRA_DST, family) }
        rule.dstlen = shownLength(body.dst_len, family)
        if body.flags & UInt32(FIB_RULE_INVERT) != 0 { rule.not = true }
        if body.tos != 0 { rule.tos = (body.tos < 16 ? "0x0" : "0x") + String(body.tos, radix: 16) }
        rule.setMark(attributes[FRA_FWMARK]?.uint32, mask: attributes[FRA_FWMASK]?.uint32)
        rule.iif = (attributes[FRA_IIFNAME]?.stringBytes).map { escapedKernelName($0) }
        rule.oif = (attributes[FRA_OIFNAME]?.stringBytes).map { escapedKernelName($0) }
        rule.ipproto = attributes[FRA_IP_PROTO]?.uint8.map(ipProtocolName)
        rule.setPorts(attributes)
        if let range = attributes[FRA_UID_RANGE]?.structure(zero: fib_rule_uid_range()) {
            (rule.uidStart, rule.uidEnd) = (Int(range.start), Int(range.end))
        }
        rule.tunId = attributes[FRA_TUN_ID]?.uint64.map { Int(clamping: UInt64(bigEndian: $0)) }
        if body.flags & UInt32(FIB_RULE_IIF_DETACHED) != 0 { rule.iifDetached = true }
        if body.flags & UInt32(FIB_RULE_OIF_DETACHED) != 0 { rule.oifDetached = true }
        if body.flags & UInt32(FIB_RULE_UNRESOLVED) != 0 { rule.unresolved = true }
        if attributes[FRA_L3MDEV]?.uint8 ?? 0 != 0 { rule.l3mdev = true }
        if let realms = attributes[FRA_FLOW]?.uint32 {
            rule.flowFrom = realms >> 16 == 0 ? nil : String(realms >> 16)
            rule.flowTo = String(realms & 0xFFFF)
        }
        rule.setAction(body, attributes)
        rule.protocol = attributes[FRA_PROTOCOL]?.uint8.map(RouteProtocol.init(_:))
        return rule
    }
}

extension Rule {
    fileprivate mutating func setMark(_ mark: UInt32?, mask: UInt32?) {
        guard mark != nil || mask != nil else { return }
        fwmark = "0x" + String(mark ?? 0, radix: 16)
        if let mask, mask != .max { fwmask = "0x" + String(mask, radix: 16) }
    }

    fileprivate mutating func setPorts(_ attributes: Attributes) {
        if let range = attributes[FRA_SPORT_RANGE]?.structure(zero: fib_rule_port_range()) {
            if range.start == range.end {
                sport = Int(range.start)
            } else {
                (sportStart, sportEnd) = (Int(range.start), Int(range.end))
            }
        }
        if let range = attributes[FRA_DPORT_RANGE]?.structure(zero: fib_rule_port_range()) {
            if range.start == range.end {
                dport = Int(range.start)
            } else {
                (dportStart, dportEnd) = (Int(range.start), Int(range.end))
            }
        }
    }

    /// A lookup shows its table and no action, as with `ip`.
    fileprivate mutating func setAction(_ body: fib_rule_hdr, _ attributes: Attributes) {
        let number = attributes[FRA_TABLE]?.uint32 ?? UInt32(body.table)
        if let table = RouteTable(number) {
            self.table = table
            // -1 is none.
            suppressPrefixlength = attributes[FRA_SUPPRESS_PREFIXLEN]?.int32.flatMap { $0 < 0 ? nil : Int($0) }
            suppressIfgroup = attributes[FRA_SUPPRESS_IFGROUP]?.int32.flatMap {
                $0 < 0 ? nil : "\(LinkGroup(UInt32($0)))"
            }
        }
        if let target = attributes[FRA_GOTO]?.uint32 { goto = Word(target) }
        if let action = RuleAction(number: body.action), action != .lookup, action != .goto { self.action = action }
    }
}

extension Attributes {
    fileprivate func address(_ type: Int, _ family: Family) -> String {
        "\(ipAddress(type, family) ?? .unspecified(family))"
    }
}

/// A host's length goes without saying.
private func shownLength(_ length: UInt8, _ family: Family) -> Int? {
    length == 0 || Int(length) == family.addressBits ? nil : Int(length)
}

/// IANA's protocol numbers under the names of /etc/protocols; others as iproute2 has them.
private func ipProtocolName(_ number: UInt8) -> String {
    let names: [UInt8: String] = [
        1: "icmp", 2: "igmp", 4: "ipencap", 6: "tcp", 17: "udp", 33: "dccp", 41: "ipv6", 47: "gre", 50: "esp", 51: "ah",
        58: "ipv6-icmp", 89: "ospf", 103: "pim", 112: "vrrp", 132: "sctp", 136: "udplite",
    ]
    return names[number] ?? "ipproto-\(number)"
}
