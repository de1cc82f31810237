// Routes made, removed, listed and looked up (ip-route(8)).

import CMnl
public import IPRoute
import SystemPackage

extension NetlinkSocket {
    /// EEXIST where there is one to the same destination with this metric in the table; ENETUNREACH where the gateway
    /// cannot be reached.
    public func addRoute(_ spec: RouteSpec) throws(NetlinkError) {
        try request(.addRoute(spec, [.create, .exclusive]) { name throws(NetlinkError) in try index(of: name) })
    }

    /// Makes it, in the place of the one to the same destination with this metric.
    public func replaceRoute(_ spec: RouteSpec) throws(NetlinkError) {
        try request(.addRoute(spec, [.create, .replace]) { name throws(NetlinkError) in try index(of: name) })
    }

    /// Puts it behind those to the same destination with this metric: IPv4 asks the first, IPv6 uses them all.
    public func appendRoute(_ spec: RouteSpec) throws(NetlinkError) {
        try request(.addRoute(spec, [.create, .append]) { name throws(NetlinkError) in try index(of: name) })
    }

    /// Puts it before those to the same destination with this metric.
    public func prependRoute(_ spec: RouteSpec) throws(NetlinkError) {
        try request(.addRoute(spec, [.create]) { name throws(NetlinkError) in try index(of: name) })
    }

    /// Puts it in the place of the one to the same destination with this metric. ENOENT where there is none.
    public func changeRoute(_ spec: RouteSpec) throws(NetlinkError) {
        try request(.addRoute(spec, [.replace]) { name throws(NetlinkError) in try index(of: name) })
    }

    /// Removes the first route that has all that `spec` says. ESRCH where there is none.
    public func deleteRoute(_ spec: RouteSpec) throws(NetlinkError) {
        try request(.deleteRoute(spec) { name throws(NetlinkError) in try index(of: name) })
    }

    /// The routes that `filter` lets through, cached ones left out.
    public func routes(_ filter: RouteFilter = RouteFilter()) throws(NetlinkError) -> [Route] {
        try described(filter).map(\.route)
    }

    /// The route that a packet would take. ENETUNREACH and the like where it would take none.
    public func route(for query: RouteQuery) throws(NetlinkError) -> Route {
        let replies = try request(.lookUpRoute(query) { name throws(NetlinkError) in try index(of: name) })
        let names = try deviceNames()
        guard let route = replies.lazy.compactMap({ $0.route { names[$0] } }).first else {
            throw NetlinkError(.badMessage, "\(MessageType.getRoute)", "\(query.dst)")
        }
        return route
    }

    /// Deletes the routes that `filter` lets through, the kernel's own among them, and gives their number.
    @discardableResult
    public func flushRoutes(_ filter: RouteFilter) throws(NetlinkError) -> Int {
        try flush { () throws(NetlinkError) in
            try described(filter).compactMap { reply, route in
                // A nexthop object says it all: with the ways it has, the kernel would not take it.
                let ways = [RTA_GATEWAY, RTA_VIA, RTA_OIF, RTA_MULTIPATH].map(\.attributeType)
                return reply.deletion(
                    .deleteRoute, rtmsg(), subject: "\(route.dst)", without: route.nhid == nil ? [] : ways)
            }
        }
    }

    private func described(_ filter: RouteFilter) throws(NetlinkError) -> [(reply: NetlinkReply, route: Route)] {
        let table = filter.table ?? (filter.allTables == true ? nil : .main)
        var index: Int32?
        if let dev = filter.dev { index = try self.index(of: dev) }
        var replies: [NetlinkReply] = []
        for family in filter.families {
            let listing = NetlinkMessage.listRoutes(
                family: family, table: table, index: index, protocol: filter.protocol)
            do {
                replies += try dump(listing)
            } catch  where error.errno == .noSuchFileOrDirectory {
                continue  // ENOENT: no route was ever in this table
            }
        }
        guard !replies.isEmpty else { return [] }
        let names = try deviceNames()
        return replies.compactMap { reply in
            guard let route = reply.route(deviceName: { names[$0] }), filter.matches(route, in: table) else {
                return nil
            }
            return (reply, route)
        }
    }
}

extension RouteFilter {
    fileprivate var families: [Family] {
        (family ?? dst?.family).map { [$0] } ?? Family.allCases
    }

    /// The device is the kernel's to compare: it knows indices, and the ways of a route by several.
    fileprivate func matches(_ route: Route, in table: RouteTable?) -> Bool {
        families.contains(route.family) && (table ?? route.table) == route.table && (dst ?? route.dst) == route.dst
            && (self.protocol ?? route.protocol) == route.protocol && (scope ?? route.scope) == route.scope
            && (type ?? route.type) == route.type && (gateway.map(route.gateways.contains) ?? true)
            && (metric == nil || metric == route.metric) && (tos == nil || tos == route.tosOctet)
            && (prefsrc == nil || prefsrc == route.prefsrc)
            && (root?.contains(route.network) ?? true) && (match.map(route.network.contains) ?? true)
    }
}

extension Route {
    fileprivate var tosOctet: Octet? { tos.flatMap { Int($0.dropFirst(2), radix: 16) }.flatMap(Octet.init) }
    fileprivate var network: IPPrefix { dst.network(family) }

    fileprivate var gateways: [IPAddress] {
        ([gateway, via?.host] + (nexthops ?? []).flatMap { [$0.gateway, $0.via?.host] }).compactMap { $0 }
    }
}
