// Routes as requests: struct rtmsg and its attributes (rtnetlink(7), linux/rtnetlink.h).

import CMnl
import IPRoute

/// How the index of a named device is found.
typealias DeviceIndex = (InterfaceName) throws(NetlinkError) -> Int32

extension NetlinkMessage {
    /// RTM_NEWROUTE. What `spec` leaves open is as `ip` would have it.
    static func addRoute(
        _ spec: RouteSpec, _ flags: MessageFlags, index: DeviceIndex
    ) throws(NetlinkError) -> NetlinkMessage {
        let type = spec.type ?? .unicast
        var body = rtmsg()
        body.rtm_type = type.number
        body.rtm_protocol = (spec.protocol ?? .boot).number
        body.rtm_scope = (spec.scope ?? spec.usualScope(type)).number
        return try route(.newRoute, flags, body, spec, index: index)
    }

    /// RTM_DELROUTE. The kernel takes away the first route that has all that `spec` says.
    static func deleteRoute(_ spec: RouteSpec, index: DeviceIndex) throws(NetlinkError) -> NetlinkMessage {
        var body = rtmsg()
        body.rtm_type = spec.type?.number ?? 0
        body.rtm_protocol = spec.protocol?.number ?? 0
        // `nowhere` is any; only types that are never global are looked for in their own.
        let usual: RouteScope = spec.type.map { $0 == .unicast ? .nowhere : spec.usualScope($0) } ?? .nowhere
        body.rtm_scope = (spec.scope ?? usual).number
        return try route(.deleteRoute, [], body, spec, index: index)
    }

    /// RTM_GETROUTE for a dump of one family; the kernel filters by what is given. Cached routes are left out
    /// (without RTM_F_CLONED, Linux 4.20).
    static func listRoutes(
        family: Family, table: RouteTable? = nil, index: Int32? = nil, protocol: RouteProtocol? = nil
    ) -> NetlinkMessage {
        var body = rtmsg()
        body.rtm_family = family.number
        body.rtm_protocol = `protocol`?.number ?? 0
        var message = NetlinkMessage(.getRoute, body: body)
        if let table { message.attribute(RTA_TABLE, table.number) }
        if let index { message.attribute(RTA_OIF, index) }
        return message
    }

    /// RTM_GETROUTE for one destination: which route a packet would take.
    static func lookUpRoute(_ query: RouteQuery, index: DeviceIndex) throws(NetlinkError) -> NetlinkMessage {
        var body = rtmsg()
        body.rtm_family = query.dst.family.number
        body.rtm_dst_len = UInt8(query.dst.family.addressBits)
        if let from = query.from { body.rtm_src_len = UInt8(from.family.addressBits) }
        // IPv6 always names the table it found the route in, and does not know the flag.
        if query.dst.family == .inet { body.rtm_flags = UInt32(RTM_F_LOOKUP_TABLE) }
        var message = NetlinkMessage(.getRoute, body: body, subject: "\(query.dst)")
        message.attribute(RTA_DST, bytes: query.dst.bytes)
        if let from = query.from { message.attribute(RTA_SRC, bytes: from.bytes) }
        if let oif = query.oif { message.attribute(RTA_OIF, try index(oif)) }
        if let iif = query.iif { message.attribute(RTA_IIF, try index(iif)) }
        if let mark = query.mark { message.attribute(RTA_MARK, mark.bits) }
        return message
    }

    private static func route(
        _ type: MessageType, _ flags: MessageFlags, _ partial: rtmsg, _ spec: RouteSpec, index: DeviceIndex
    ) throws(NetlinkError) -> NetlinkMessage {
        let table = spec.table ?? spec.usualTable
        var body = partial
        body.rtm_family = spec.family.number
        // A byte is too little for most; then the attribute alone says it.
        body.rtm_table = UInt8(exactly: table.number) ?? UInt8(RT_TABLE_UNSPEC.rawValue)
        body.rtm_tos = UInt8(spec.tos?.value ?? 0)
        if spec.onlink == true { body.rtm_flags |= UInt32(RTNH_F_ONLINK) }
        if case .prefix(let prefix) = spec.dst { body.rtm_dst_len = UInt8(prefix.length) }

        var message = NetlinkMessage(type, flags, body: body, subject: "\(spec.dst)")
        if case .prefix(let prefix) = spec.dst { message.attribute(RTA_DST, bytes: prefix.address.bytes) }
        if table.number > UInt8.max { message.attribute(RTA_TABLE, table.number) }
        if let gateway = spec.gateway { message.gateway(gateway, of: spec.family) }
        if let dev = spec.dev { message.attribute(RTA_OIF, try index(dev)) }
        if let metric = spec.metric { message.attribute(RTA_PRIORITY, metric.bits) }
        if let prefsrc = spec.prefsrc { message.attribute(RTA_PREFSRC, bytes: prefsrc.bytes) }
        var metrics = spec.metrics ?? RouteMetrics()
        if let mtu = spec.mtu { metrics.mtu = Word(mtu.value) }
        if metrics != RouteMetrics() { message.nested(RTA_METRICS) { $0.metrics(metrics) } }
        if let preference = spec.pref { message.attribute(RTA_PREF, preference.number) }
        if let seconds = spec.expires { message.attribute(RTA_EXPIRES, seconds.bits) }
        if let id = spec.nhid { message.attribute(RTA_NH_ID, id.bits) }
        if let nexthops = spec.nexthops {
            var ways: [UInt8] = []
            for nexthop in nexthops { ways += try bytes(of: nexthop, family: spec.family, index: index) }
            message.attribute(RTA_MULTIPATH, bytes: ways)
        }
        return message
    }

    /// RTAX_*: some are kept in fractions of a millisecond (iproute2's print_rta_metrics()).
    private mutating func metrics(_ metrics: RouteMetrics) {
        var locks: UInt32 = 0
        for (number, key, path) in RouteMetrics.members {
            guard let value = metrics[keyPath: path] else { continue }
            attribute(number, value.value * RouteMetrics.unit(number), as: UInt32.self)
            if metrics.locked?.contains(key) == true { locks |= 1 << UInt32(number) }
        }
        if locks != 0 { attribute(RTAX_LOCK, locks) }
    }

    /// One way of RTA_MULTIPATH: struct rtnexthop, then attributes, all of them counted in its rtnh_len.
    private static func bytes(
        of nexthop: RouteSpec.Nexthop, family: Family, index: DeviceIndex
    ) throws(NetlinkError) -> [UInt8] {
        var way = rtnexthop()
        way.rtnh_flags = nexthop.onlink == true ? UInt8(RTNH_F_ONLINK) : 0
        way.rtnh_hops = UInt8((nexthop.weight?.value ?? 1) - 1)
        if let dev = nexthop.dev { way.rtnh_ifindex = try index(dev) }
        func message() -> NetlinkMessage {
            var message = NetlinkMessage(.newRoute, body: way)
            if let gateway = nexthop.gateway { message.gateway(gateway, of: family) }
            return message
        }
        let headerSize = MemoryLayout<nlmsghdr>.size
        way.rtnh_len = UInt16(message().bytes.count - headerSize)
        return Array(message().bytes.dropFirst(headerSize))
    }

    /// RTA_GATEWAY, or RTA_VIA (struct rtvia) where it is of another family than the route.
    private mutating func gateway(_ gateway: IPAddress, of family: Family) {
        if gateway.family == family {
            attribute(RTA_GATEWAY, bytes: gateway.bytes)
        } else {
            let number = UInt16(gateway.family.number)
            attribute(RTA_VIA, bytes: unsafe withUnsafeBytes(of: number) { unsafe [UInt8]($0) } + gateway.bytes)
        }
    }
}

extension RouteSpec {
    /// IPv6 has no scopes of routes.
    fileprivate func usualScope(_ type: RouteType) -> RouteScope {
        guard family == .inet else { return .global }
        switch type {
        case .local, .nat: return .host
        case .broadcast, .multicast, .anycast: return .link
        case .unicast where gateway == nil && nexthops == nil && nhid == nil: return .link
        default: return .global
        }
    }

    fileprivate var usualTable: RouteTable {
        switch type {
        case .local, .broadcast, .anycast, .nat: .local
        default: .main
        }
    }
}

extension RouteMetrics {
    /// How many of the kernel's units a millisecond is, for those that are times; 1 for the rest.
    static func unit(_ number: Int) -> Int {
        switch number {
        case RTAX_RTT: 8
        case RTAX_RTTVAR: 4
        default: 1
        }
    }
}
