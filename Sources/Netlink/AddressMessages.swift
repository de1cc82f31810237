// Addresses as requests: struct ifaddrmsg and its attributes (rtnetlink(7), linux/if_addr.h).

import CMnl
import IPRoute

extension NetlinkMessage {
    /// RTM_NEWADDR. `flags` say whether it must be new.
    static func addAddress(_ spec: AddressSpec, on index: Int32, _ flags: MessageFlags) -> NetlinkMessage {
        var message = address(.newAddress, flags, spec, on: index, scope: spec.scope ?? spec.usualScope)
        if let broadcast = spec.broadcast { message.attribute(IFA_BROADCAST, bytes: broadcast.bytes) }
        if let metric = spec.metric { message.attribute(IFA_RT_PRIORITY, metric.bits) }
        let addressFlags =
            (spec.nodad == true ? IFA_F_NODAD : 0) | (spec.noprefixroute == true ? IFA_F_NOPREFIXROUTE : 0)
        if addressFlags != 0 { message.attribute(IFA_FLAGS, UInt32(addressFlags)) }
        if let lifetimes = spec.lifetimes { message.attribute(IFA_CACHEINFO, structure: lifetimes) }
        return message
    }

    /// RTM_DELADDR. The prefix length and the peer must be those of the address; the label, where it is given.
    static func deleteAddress(_ spec: AddressSpec, on index: Int32) -> NetlinkMessage {
        address(.deleteAddress, [], spec, on: index, scope: .global)
    }

    /// RTM_GETADDR for a dump, which the kernel filters by device and family.
    static func listAddresses(family: Family?, index: Int32?) -> NetlinkMessage {
        var body = ifaddrmsg()
        body.ifa_family = family?.number ?? 0
        body.ifa_index = UInt32(bitPattern: index ?? 0)
        return NetlinkMessage(.getAddress, body: body)
    }

    /// What an address is known by.
    private static func address(
        _ type: MessageType, _ flags: MessageFlags, _ spec: AddressSpec, on index: Int32, scope: RouteScope
    ) -> NetlinkMessage {
        var body = ifaddrmsg()
        body.ifa_family = spec.local.family.number
        body.ifa_prefixlen = UInt8(spec.local.length)
        body.ifa_scope = scope.number
        body.ifa_index = UInt32(bitPattern: index)
        var message = NetlinkMessage(type, flags, body: body, subject: "\(spec.local)")
        message.attribute(IFA_LOCAL, bytes: spec.local.address.bytes)
        // The other end where the link has one, else the same again.
        message.attribute(IFA_ADDRESS, bytes: (spec.peer ?? spec.local.address).bytes)
        if let label = spec.label { message.attribute(IFA_LABEL, label.text) }
        return message
    }
}

extension AddressSpec {
    /// As `ip` has it: 127.0.0.0/8 reaches the host only. (IPv6's scope lies in the address; the kernel sees to it.)
    fileprivate var usualScope: RouteScope {
        local.family == .inet && local.address.isLoopback ? .host : .global
    }

    /// Seconds. An address does not stay preferred for longer than it is valid.
    fileprivate var lifetimes: ifa_cacheinfo? {
        guard validLifetime != nil || preferredLifetime != nil else { return nil }
        let valid = validLifetime ?? .forever
        return ifa_cacheinfo(
            ifa_prefered: (preferredLifetime ?? valid).bits, ifa_valid: valid.bits, cstamp: 0, tstamp: 0)
    }
}
