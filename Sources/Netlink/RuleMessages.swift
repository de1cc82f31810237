// Routing rules as requests: struct fib_rule_hdr and its attributes (linux/fib_rules.h).

import CMnl
import IPRoute
import SystemPackage

extension NetlinkMessage {
    /// RTM_NEWRULE. Without an action the rule looks into a table, without a table into `main`.
    static func addRule(_ spec: RuleSpec) -> NetlinkMessage {
        let action = spec.action ?? (spec.goto == nil ? .lookup : .goto)
        let table = spec.table ?? (action == .lookup && spec.l3mdev != true ? .main : nil)
        // Nobody's, as `ip rule add` leaves it: there is no FRA_PROTOCOL.
        return rule(.newRule, [.create, .exclusive], spec, action: action, table: table)
    }

    /// RTM_DELRULE. The kernel takes away the first rule that has all that `spec` says.
    static func deleteRule(_ spec: RuleSpec) -> NetlinkMessage {
        rule(.deleteRule, [], spec, action: spec.action ?? spec.goto.map { _ in .goto }, table: spec.table)
    }

    /// RTM_GETRULE for a dump of one family.
    static func listRules(family: Family) -> NetlinkMessage {
        var body = fib_rule_hdr()
        body.family = family.number
        return NetlinkMessage(.getRule, body: body)
    }

    private static func rule(
        _ type: MessageType, _ flags: MessageFlags, _ spec: RuleSpec, action: RuleAction?, table: RouteTable?
    ) -> NetlinkMessage {
        var body = fib_rule_hdr()
        body.family = spec.knownFamily.number
        body.src_len = spec.src?.length ?? 0
        body.dst_len = spec.dst?.length ?? 0
        body.tos = UInt8(spec.tos?.value ?? 0)
        body.action = action?.number ?? 0
        // A byte is too little for most; the attribute says it in any case.
        body.table = table.flatMap { UInt8(exactly: $0.number) } ?? UInt8(RT_TABLE_UNSPEC.rawValue)
        body.flags = spec.not == true ? UInt32(FIB_RULE_INVERT) : 0

        var message = NetlinkMessage(type, flags, body: body, subject: spec.subject)
        if let priority = spec.priority { message.attribute(FRA_PRIORITY, priority.bits) }
        if case .prefix(let prefix) = spec.src { message.attribute(FRA_SRC, bytes: prefix.address.bytes) }
        if case .prefix(let prefix) = spec.dst { message.attribute(FRA_DST, bytes: prefix.address.bytes) }
        if let iif = spec.iif { message.attribute(FRA_IIFNAME, iif.text) }
        if let oif = spec.oif { message.attribute(FRA_OIFNAME, oif.text) }
        if let mark = spec.fwmark { message.attribute(FRA_FWMARK, mark.bits) }
        if let mask = spec.fwmask { message.attribute(FRA_FWMASK, mask.bits) }
        if let ipproto = spec.ipproto { message.attribute(FRA_IP_PROTO, UInt8(ipproto.value)) }
        if let port = spec.sport { message.ports(FRA_SPORT_RANGE, from: port, to: spec.sportEnd) }
        if let port = spec.dport { message.ports(FRA_DPORT_RANGE, from: port, to: spec.dportEnd) }
        if let table { message.attribute(FRA_TABLE, table.number) }
        if let length = spec.suppressPrefixlength { message.attribute(FRA_SUPPRESS_PREFIXLEN, UInt32(length.value)) }
        if let group = spec.suppressIfgroup { message.attribute(FRA_SUPPRESS_IFGROUP, group.bits) }
        if let first = spec.uidStart, let last = spec.uidEnd {
            message.attribute(FRA_UID_RANGE, structure: fib_rule_uid_range(start: first.bits, end: last.bits))
        }
        if let id = spec.tunId { message.attribute(FRA_TUN_ID, bigEndian: UInt64(id.bits)) }
        if let target = spec.goto { message.attribute(FRA_GOTO, target.bits) }
        if spec.l3mdev == true { message.attribute(FRA_L3MDEV, UInt8(1)) }
        if let maker = spec.protocol { message.attribute(FRA_PROTOCOL, maker.number) }
        return message
    }

    private mutating func ports(_ type: Int, from first: Port, to last: Port?) {
        attribute(
            type, structure: fib_rule_port_range(start: UInt16(first.value), end: UInt16((last ?? first).value)))
    }
}

extension RuleSpec {
    /// Nothing but a family: a deletion would take the first rule there is, the one for the table `local`.
    var saysNothing: Bool {
        var nothing = RuleSpec()
        nothing.family = family
        return self == nothing
    }

    fileprivate var subject: String {
        let parts = [priority.map { "priority \($0)" }, src.map { "from \($0)" }, dst.map { "to \($0)" }]
        return parts.compactMap { $0 }.joined(separator: " ")
    }
}

extension Destination {
    fileprivate var length: UInt8 {
        switch self {
        case .any: 0
        case .prefix(let prefix): UInt8(prefix.length)
        }
    }
}
