// Routes as the kernel tells of them (rtnetlink(7), linux/rtnetlink.h).

import CMnl
import IPRoute

extension NetlinkReply {
    /// What an RTM_NEWROUTE or RTM_DELROUTE is about; nil where it is of another family or makes no sense.
    func route(deviceName: (Int32) -> String?) -> Route? {
        guard let (body, attributes) = body(rtmsg()), let family = Family(number: body.rtm_family),
            let type = RouteType(number: body.rtm_type),
            let dst = destination(attributes.ipAddress(RTA_DST, family), length: body.rtm_dst_len, family)
        else { return nil }
        var route = Route(
            type: type, family: family, dst: dst,
            // A looked-up broadcast is in no table; the kernel's default is main.
            table: RouteTable(attributes[RTA_TABLE]?.uint32 ?? UInt32(body.rtm_table)) ?? .main,
            protocol: RouteProtocol(body.rtm_protocol), scope: RouteScope(body.rtm_scope))
        if let source = attributes.ipAddress(RTA_SRC, family),
            let prefix = IPPrefix(source, length: Int(body.rtm_src_len))
        {
            route.from = prefix.isHost ? "\(source)" : "\(prefix)"
        }
        route.gateway = attributes.ipAddress(RTA_GATEWAY, family)
        route.via = attributes.via
        route.dev = attributes[RTA_OIF]?.int32.flatMap(deviceName)
        route.prefsrc = attributes.ipAddress(RTA_PREFSRC, family)
        route.metric = attributes[RTA_PRIORITY]?.uint32.map { Word($0) }
        route.nhid = attributes[RTA_NH_ID]?.uint32.flatMap { NexthopId(Int($0)) }
        route.flags = routeFlagNames(body.rtm_flags)
        if family == .inet && body.rtm_flags & UInt32(RTM_F_CLONED) != 0 {
            route.cache = cacheFlagNames(body.rtm_flags)
        }
        if body.rtm_tos != 0 { route.tos = (body.rtm_tos < 16 ? "0x0" : "0x") + String(body.rtm_tos, radix: 16) }
        route.metrics = (attributes[RTA_METRICS]?.nested).map { [RouteMetrics($0)] }
        // Of a cached route RTA_CACHEINFO says it; hundredths of a second.
        route.expires =
            attributes[RTA_EXPIRES]?.uint32.map(Int.init)
            ?? attributes[RTA_CACHEINFO]?.structure(zero: rta_cacheinfo()).seconds
        if let realms = attributes[RTA_FLOW]?.uint32 {
            route.flow = Route.Realms(
                from: realms >> 16 == 0 ? nil : String(realms >> 16), to: String(realms & 0xFFFF))
        }
        route.nexthops = attributes[RTA_MULTIPATH].map { nexthops($0.payload, family, deviceName) }
        route.pref = attributes[RTA_PREF]?.uint8.map(routerPreference)
        return route
    }
}

extension rta_cacheinfo {
    /// Until it goes; nil where it stays.
    fileprivate var seconds: Int? { rta_expires == 0 ? nil : Int(rta_expires) / 100 }
}

extension RouteMetrics {
    fileprivate init(_ attributes: Attributes) {
        self.init()
        let locks = attributes[RTAX_LOCK]?.uint32 ?? 0
        for (number, key, path) in Self.members {
            guard let value = attributes[number]?.uint32 else { continue }
            self[keyPath: path] = Word(value / UInt32(Self.unit(number)))
            if locks & 1 << UInt32(number) != 0 { locked = (locked ?? []) + [key] }
        }
    }
}

private func destination(_ address: IPAddress?, length: UInt8, _ family: Family) -> Destination? {
    if address == nil && length == 0 { return .any }
    return IPPrefix(address ?? .unspecified(family), length: Int(length)).map { .prefix($0) }
}

/// The array in RTA_MULTIPATH; a length that cannot be ends it.
private func nexthops(
    _ payload: ArraySlice<UInt8>, _ family: Family, _ deviceName: (Int32) -> String?
) -> [Route.Nexthop] {
    let headerSize = MemoryLayout<rtnexthop>.size
    var nexthops: [Route.Nexthop] = []
    var rest = payload
    while rest.count >= headerSize {
        let header = Attribute(type: 0, payload: rest).structure(zero: rtnexthop())
        let length = Int(header.rtnh_len)
        guard length >= headerSize, length <= rest.count else { break }
        let attributes = Attributes(rest.prefix(length).dropFirst(headerSize))
        var nexthop = Route.Nexthop(dev: deviceName(header.rtnh_ifindex), weight: Int(header.rtnh_hops) + 1)
        nexthop.gateway = attributes.ipAddress(RTA_GATEWAY, family)
        nexthop.via = attributes.via
        nexthop.flags = routeFlagNames(UInt32(header.rtnh_flags))
        nexthops.append(nexthop)
        rest = rest.dropFirst(aligned(length))
    }
    return nexthops
}

extension Attributes {
    /// RTA_VIA: struct rtvia, a family and an address.
    fileprivate var via: Route.Via? {
        guard let via = self[RTA_VIA], let number = via.uint16.flatMap(UInt8.init(exactly:)),
            let family = Family(number: number),
            let host = Attribute(type: 0, payload: via.payload.dropFirst(2)).ipAddress(family)
        else { return nil }
        return Route.Via(host)
    }
}

/// RTNH_F_* and RTM_F_* in iproute2's words and order.
func routeFlagNames(_ flags: UInt32) -> [String] {
    let names: [(CInt, String)] = [
        (RTNH_F_DEAD, "dead"), (RTNH_F_ONLINK, "onlink"), (RTNH_F_PERVASIVE, "pervasive"), (RTNH_F_OFFLOAD, "offload"),
        (RTNH_F_TRAP, "trap"), (RTM_F_NOTIFY, "notify"), (RTNH_F_LINKDOWN, "linkdown"),
        (RTNH_F_UNRESOLVED, "unresolved"), (RTM_F_OFFLOAD, "rt_offload"), (RTM_F_TRAP, "rt_trap"),
        (RTM_F_OFFLOAD_FAILED, "rt_offload_failed"),
    ]
    return names.filter { flags & UInt32($0.0) != 0 }.map(\.1)
}

/// RTCF_* (linux/in_route.h) in iproute2's words and order.
private func cacheFlagNames(_ flags: UInt32) -> [String] {
    let names: [(UInt32, String)] = [
        (0x8000_0000, "local"), (0x4000_0000, "reject"), (0x2000_0000, "multicast"), (0x1000_0000, "brd"),
        (0x0800_0000, "dst-nat"), (0x0080_0000, "src-nat"), (0x0040_0000, "masq"), (0x0002_0000, "dst-direct"),
        (0x0400_0000, "src-direct"), (0x0004_0000, "redirected"), (0x0100_0000, "redirect"),
        (0x0020_0000, "fastroute"), (0x0001_0000, "notify"), (0x0008_0000, "proxy"),
    ]
    return names.filter { flags & $0.0 != 0 }.map(\.1)
}

private func routerPreference(_ number: UInt8) -> String {
    RouterPreference.allCases.first { $0.number == number }?.rawValue ?? String(number)
}
