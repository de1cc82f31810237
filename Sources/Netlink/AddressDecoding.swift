// Addresses as the kernel tells of them (rtnetlink(7), linux/if_addr.h).

import CMnl
import IPRoute

extension NetlinkReply {
    /// What an RTM_NEWADDR or RTM_DELADDR is about; nil where it is of another family or makes no sense.
    func address() -> (index: Int32, info: AddressInfo)? {
        guard let (body, attributes) = body(ifaddrmsg()), let family = Family(number: body.ifa_family),
            // IPv6 has IFA_LOCAL only where there is a peer.
            let local = attributes.ipAddress(IFA_LOCAL, family) ?? attributes.ipAddress(IFA_ADDRESS, family)
        else { return nil }
        var info = AddressInfo(
            family: family, local: local, prefixlen: Int(body.ifa_prefixlen), scope: RouteScope(body.ifa_scope))
        if let other = attributes.ipAddress(IFA_ADDRESS, family), other != local { info.peer = other }
        info.broadcast = attributes.ipAddress(IFA_BROADCAST, family)
        info.metric = attributes[IFA_RT_PRIORITY]?.uint32.map { Word($0) }
        info.label = (attributes[IFA_LABEL]?.stringBytes).map { escapedKernelName($0) }
        info.protocol = attributes[IFA_PROTO]?.uint8.flatMap(addressProtocolName)
        info.setFlags(attributes[IFA_FLAGS]?.uint32 ?? UInt32(body.ifa_flags))
        if let lifetimes = attributes[IFA_CACHEINFO]?.structure(zero: ifa_cacheinfo()) {
            info.validLifetime = Word(lifetimes.ifa_valid)
            info.preferredLifetime = Word(lifetimes.ifa_prefered)
        }
        return (Int32(bitPattern: body.ifa_index), info)
    }
}

extension AddressInfo {
    /// IFA_F_*, under the words of `ip`. IPv6's use of the first, for temporary addresses (RFC 8981), has none here.
    fileprivate mutating func setFlags(_ flags: UInt32) {
        func present(_ flag: CInt) -> Bool? { flags & UInt32(flag) != 0 ? true : nil }
        if family == .inet { secondary = present(IFA_F_SECONDARY) }
        nodad = present(IFA_F_NODAD)
        dadfailed = present(IFA_F_DADFAILED)
        deprecated = present(IFA_F_DEPRECATED)
        tentative = present(IFA_F_TENTATIVE)
        noprefixroute = present(IFA_F_NOPREFIXROUTE)
        dynamic = present(IFA_F_PERMANENT) == nil ? true : nil
    }
}

/// IFAPROT_* by iproute2's names; nil for none.
func addressProtocolName(_ number: UInt8) -> String? {
    switch CInt(number) {
    case IFAPROT_UNSPEC: nil
    case IFAPROT_KERNEL_LO: "kernel_lo"
    case IFAPROT_KERNEL_RA: "kernel_ra"
    case IFAPROT_KERNEL_LL: "kernel_ll"
    default: "0x" + String(number, radix: 16)
    }
}

extension Attribute {
    /// An address of `family`; nil where the payload has not its length.
    func ipAddress(_ family: Family) -> IPAddress? {
        payload.count == family.addressBytes ? IPAddress(bytes: payload) : nil
    }
}

extension Attributes {
    func ipAddress(_ type: some AttributeType, _ family: Family) -> IPAddress? { self[type]?.ipAddress(family) }
}
