// Exemplars of route.*.

import IPRoute
import Wire

extension Exemplars {
    static let route: [Exemplars] = [
        Exemplars(RouteAdd.self, specs, [Nothing()]),
        Exemplars(RouteReplace.self, specs, [Nothing()]),
        Exemplars(RouteChange.self, specs, [Nothing()]),
        Exemplars(RouteAppend.self, specs, [Nothing()]),
        Exemplars(RoutePrepend.self, specs, [Nothing()]),
        Exemplars(RouteDelete.self, specs, [Nothing()]),
        Exemplars(
            RouteFlush.self, [.init(Place("client"), filter), .init(Place(netnsFileDescriptor: 0), .init())],
            [.init(removed: 1)]),
        Exemplars(
            RouteList.self, [.init(["client"], filter), .init(nil, .init()), .init(netnsFileDescriptor: 0, .init())],
            [[InNamespace("client", fullRoute), InNamespace("client", leastRoute)]]),
        Exemplars(
            RouteGet.self, [.init(Place("client"), query), .init(Place(netnsFileDescriptor: 0), .init("fd00::1"))],
            [fullRoute, leastRoute]),
    ]

    private static var specs: [RouteAdd.Params] {
        var full = RouteSpec("10.9.0.0/16", family: .inet)
        full.type = .unicast
        full.gateway = "fe80::1"
        full.dev = "eth0"
        full.metric = Word(100)
        full.table = .main
        full.prefsrc = "10.0.0.1"
        full.scope = .global
        full.protocol = .static
        full.onlink = true
        full.mtu = MTU(1400)
        full.tos = Octet(16)
        full.pref = .high
        full.expires = Word(100)
        full.metrics = fullMetrics
        var shared = RouteSpec("10.8.0.0/16")
        shared.nhid = NexthopId(5)
        var multipath = RouteSpec(.any)
        var way = RouteSpec.Nexthop(gateway: "10.0.0.254", dev: "eth0")
        way.weight = NexthopWeight(2)
        way.onlink = true
        multipath.nexthops = [way, .init()]
        return [
            .init(Place("client"), full), .init(Place(netnsFileDescriptor: 0), multipath),
            .init(Place(nil), RouteSpec("fd00::/32")), .init(Place("client"), shared),
        ]
    }

    private static var filter: RouteFilter {
        var filter = RouteFilter()
        filter.family = .inet
        filter.table = RouteTable(100 as UInt32)
        filter.allTables = false
        filter.dst = "10.0.0.0/8"
        filter.dev = "eth0"
        filter.gateway = "10.0.0.254"
        filter.protocol = .kernel
        filter.scope = .host
        filter.type = .blackhole
        filter.root = "10.0.0.0/8"
        filter.match = "10.0.0.1/32"
        filter.prefsrc = "10.0.0.1"
        filter.metric = Word(5)
        filter.tos = Octet(16)
        return filter
    }

    private static var fullMetrics: RouteMetrics {
        var metrics = RouteMetrics()
        for (number, _, path) in RouteMetrics.members { metrics[keyPath: path] = Word(number) }
        metrics.locked = ["mtu"]
        return metrics
    }

    private static var query: RouteQuery {
        var query = RouteQuery("10.9.0.1")
        query.from = "10.0.0.1"
        query.oif = "eth0"
        query.iif = "eth1"
        query.mark = Word(1)
        return query
    }

    static let leastRoute = Route(
        type: .unreachable, family: .inet6, dst: .any, table: .main, protocol: .kernel, scope: .global)

    static var fullRoute: Route {
        var route = Route(
            type: .unicast, family: .inet, dst: "10.9.0.0/16", table: .main, protocol: .boot, scope: .link)
        route.from = "10.0.0.0/8"
        route.gateway = "10.0.0.254"
        route.via = .init("fe80::1")
        route.dev = "eth0"
        route.prefsrc = "10.0.0.1"
        route.metric = Word(100)
        route.flags = ["onlink"]
        route.cache = ["local"]
        route.metrics = [fullMetrics]
        route.tos = "0x10"
        route.nhid = NexthopId(5)
        route.expires = 99
        route.flow = .init(from: "3", to: "4")
        var way = Route.Nexthop(dev: "eth0", weight: 1)
        way.gateway = "10.0.0.254"
        way.via = .init("fe80::1")
        way.flags = ["linkdown"]
        route.nexthops = [way, .init(dev: nil, weight: 256)]
        route.pref = "medium"
        return route
    }
}
