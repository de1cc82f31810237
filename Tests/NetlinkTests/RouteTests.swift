// Routes: a real kernel compared with `ip -j -d route`.

import IPRoute
import JSON
import SystemPackage
import Testing

@testable import Netlink

@Suite struct RouteTests {
    private func spec(_ text: String, _ change: (inout RouteSpec) -> Void = { _ in }) -> RouteSpec {
        var spec = RouteSpec(Destination(text)!)
        change(&spec)
        return spec
    }

    private func way(_ gateway: String?, _ device: String?, weight: Int = 1, onlink: Bool? = nil) -> RouteSpec.Nexthop {
        var way = RouteSpec.Nexthop(gateway: gateway.map(address), dev: device.map(name))
        (way.weight, way.onlink) = (NexthopWeight(weight), onlink)
        return way
    }

    private static func routable() throws -> TestNamespace {
        let namespace = try TestNamespace.withPair()
        try namespace.run("addr add 10.0.0.1/24 dev d0")
        try namespace.run("addr add fd00::1/64 dev d0 nodad")
        try namespace.run("addr add fd01::1/64 dev d1 nodad")
        // IPv6's local routes come when duplicate address detection is over, even where there is none.
        var filter = RouteFilter()
        (filter.table, filter.type, filter.family) = (.local, .local, .inet6)
        try waitUntil { try namespace.socket.routes(filter).count == 3 }
        return namespace
    }

    /// Of everything in every table; `family` is ours alone.
    private func compare(_ namespace: borrowing TestNamespace) throws -> [Route] {
        var filter = RouteFilter()
        filter.allTables = true
        let ours = try namespace.socket.routes(filter)
        let theirs = try namespace.json("-4 route show table all") + namespace.json("-6 route show table all")
        expectEqual(try shown(ours, without: ["family"]), theirs)
        return ours
    }

    /// One of every kind.
    private var specs: [RouteSpec] {
        [
            spec("default") { $0.gateway = address("10.0.0.254") },
            spec("10.1.0.0/16") {
                $0.gateway = address("10.0.0.9")
                $0.metric = word(5)
            },
            spec("10.1.0.0/16") {
                $0.gateway = address("10.0.0.9")
                $0.metric = word(6)
            },
            spec("10.2.0.0/16") {
                $0.dev = name("d0")
                $0.prefsrc = address("10.0.0.1")
                $0.mtu = MTU(1400)
            },
            spec("10.3.0.0/16") {
                $0.gateway = address("fe80::1")
                $0.dev = name("d0")
            },
            spec("10.4.0.0/16") {
                $0.gateway = address("77.0.0.1")
                $0.dev = name("d0")
                $0.onlink = true
            },
            spec("10.5.0.0/16") {
                $0.dev = name("d1")
                $0.table = RouteTable(77)
                $0.protocol = .static
            },
            spec("10.6.0.0/16") {
                $0.dev = name("d1")
                $0.table = RouteTable(100_000)
                $0.scope = .global
            },
            spec("10.7.0.0/16") {
                $0.nexthops = [way("10.0.0.9", nil, weight: 3), way("fe80::2", "d1", onlink: true), way(nil, "d1")]
            },
            spec("10.8.0.0/16") { $0.type = .blackhole },
            spec("10.9.0.0/16") { $0.type = .unreachable },
            spec("10.10.0.0/16") { $0.type = .prohibit },
            spec("10.11.0.0/16") { $0.type = .throw },
            spec("10.12.0.1") {
                $0.type = .local
                $0.dev = name("d0")
            },
            spec("default") {
                $0.gateway = address("fe80::1")
                $0.dev = name("d0")
                $0.metric = word(77)
            },
            spec("fd10::/16") {
                $0.gateway = address("fd00::9")
                $0.mtu = MTU(1300)
                $0.prefsrc = address("fd00::1")
            },
            spec("fd11::1") {
                $0.dev = name("d1")
                $0.protocol = RouteProtocol("bird")
            },
            spec("fd12::/16") {
                $0.nexthops = [way("fe80::1", "d0", weight: 2), way("fe80::2", "d1"), way("fd01::5", nil, weight: 256)]
            },
            spec("fd13::/16") {
                $0.gateway = address("fdff::1")
                $0.dev = name("d0")
                $0.onlink = true
            },
            spec("fd14::/16") {
                $0.type = .unreachable
                $0.table = RouteTable(300)
            },
            spec("fd15::/16") { $0.type = .blackhole },
        ]
    }

    @Test func showsWhatIpShowsAndDeletesWhatItAdded() throws {
        let namespace = try Self.routable()
        let before = try compare(namespace)
        #expect(try namespace.socket.countRoutes() == 0)
        for spec in specs { try namespace.socket.addRoute(spec) }
        let after = try compare(namespace)
        #expect(after.count == before.count + specs.count)
        #expect(try namespace.socket.countRoutes() == specs.count)

        let multipath = try #require(after.first { $0.dst == Destination("10.7.0.0/16") })
        #expect(multipath.nexthops?.map(\.weight) == [3, 1, 1])
        #expect(multipath.nexthops?[1].via?.host == address("fe80::2"))
        #expect(multipath.nexthops?[1].flags == ["onlink"])
        let sixfold = try #require(after.first { $0.dst == Destination("fd12::/16") })
        #expect(sixfold.nexthops?.map(\.weight) == [2, 1, 256])
        #expect(sixfold.nexthops?.map(\.dev) == ["d0", "d1", "d1"])
        #expect(after.first { $0.dst == Destination("10.6.0.0/16") }?.table == RouteTable(100_000))
        #expect(after.first { $0.dst == Destination("10.2.0.0/16") }?.metrics?.first?.mtu == Word(1400))

        for spec in specs { try namespace.socket.deleteRoute(spec) }
        #expect(Set(try compare(namespace)) == Set(before))
    }

    @Test func flagsTellOfALinkThatIsDown() throws {
        let namespace = try Self.routable()
        try namespace.socket.addRoute(spec("10.2.0.0/16") { $0.dev = name("d0") })
        try namespace.run("link set d1 down")
        var filter = RouteFilter()
        filter.dst = Destination("10.2.0.0/16")
        try waitUntil { try namespace.socket.routes(filter).first?.flags == ["linkdown"] }
        // `ip` names the table only where it shows several.
        expectEqual(
            try shown(try namespace.socket.routes(filter), without: ["family", "table"]),
            try namespace.json("route show 10.2.0.0/16"))
    }

    @Test func filtersLetThrough() throws {
        let namespace = try Self.routable()
        for spec in specs { try namespace.socket.addRoute(spec) }
        func list(_ change: (inout RouteFilter) -> Void) throws -> Set<String> {
            var filter = RouteFilter()
            change(&filter)
            return Set(try namespace.socket.routes(filter).map { "\($0.dst)" })
        }
        #expect(try list { $0.table = RouteTable(77) } == ["10.5.0.0/16"])
        #expect(try list { $0.table = RouteTable(78) } == [])
        #expect(try list { $0.table = RouteTable(300) } == ["fd14::/16"])
        #expect(
            try list {
                $0.allTables = true
                $0.protocol = .static
            } == ["10.5.0.0/16"])
        #expect(try list { $0.type = .blackhole } == ["10.8.0.0/16", "fd15::/16"])
        #expect(
            try list {
                $0.type = .blackhole
                $0.family = .inet6
            } == ["fd15::/16"])
        #expect(try list { $0.dst = Destination("10.1.0.0/16") } == ["10.1.0.0/16"])
        #expect(
            try list {
                $0.dst = .any
                $0.family = .inet6
            } == ["default"])
        #expect(try list { $0.gateway = address("fe80::1") } == ["default", "10.3.0.0/16", "fd12::/16"])
        #expect(try list { $0.gateway = address("fe80::2") } == ["10.7.0.0/16", "fd12::/16"])
        #expect(
            try list {
                $0.dev = name("d1")
                $0.family = .inet
            } == ["10.7.0.0/16"])
        #expect(
            try list {
                $0.dev = name("d1")
                $0.family = .inet6
            } == ["fd01::/64", "fd11::1", "fd12::/16"])
        #expect(
            try list {
                $0.scope = .link
                $0.family = .inet
            } == ["10.0.0.0/24", "10.2.0.0/16"])
        #expect(
            try failure { () throws(NetlinkError) in
                var filter = RouteFilter()
                filter.dev = name("nope")
                _ = try namespace.socket.routes(filter)
            }.unknownDevice == "nope")
    }

    @Test func lookUpsGiveWhatIpGives() throws {
        let namespace = try Self.routable()
        for spec in specs { try namespace.socket.addRoute(spec) }
        // What the kernel says of the look-up itself is not part of a route.
        let ignored: Set = ["family", "protocol", "scope", "uid", "cache", "mark"]
        func compare(_ destination: String, _ words: String = "", _ change: (inout RouteQuery) -> Void = { _ in })
            throws
            -> Route
        {
            var query = RouteQuery(address(destination))
            change(&query)
            let route = try namespace.socket.route(for: query)
            let theirs = try namespace.json("route get \(destination) \(words)")
            expectEqual(try shown([route], without: ignored), theirs.map { comparable($0, without: ignored) })
            return route
        }
        #expect(try compare("8.8.8.8").gateway == address("10.0.0.254"))
        #expect(try compare("10.3.1.1").via?.host == address("fe80::1"))
        #expect(try compare("10.2.1.1").prefsrc == address("10.0.0.1"))
        #expect(try compare("10.0.0.1").type == .local)
        #expect(try compare("fd10::1").gateway == address("fd00::9"))
        #expect(try compare("2001::1").metric == word(77))
        _ = try compare("8.8.8.8", "from 10.0.0.1") { $0.from = address("10.0.0.1") }
        _ = try compare("8.8.8.8", "oif d0 mark 5") {
            $0.oif = name("d0")
            $0.mark = word(5)
        }
        _ = try compare("fd11::1", "from fd01::1") { $0.from = address("fd01::1") }
        try namespace.run("rule add fwmark 5 table 77")
        #expect(try compare("10.5.1.1", "mark 5") { $0.mark = word(5) }.table == RouteTable(77))
        #expect(
            try failure { () throws(NetlinkError) in
                _ = try namespace.socket.route(for: RouteQuery(address("10.9.1.1")))
            }.errno == .noRouteToHost)
    }

    @Test func replaceTakesThePlace() throws {
        let namespace = try Self.routable()
        for text in ["10.1.0.0/16", "fd10::/16"] {
            try namespace.socket.replaceRoute(spec(text) { $0.dev = name("d0") })
            try namespace.socket.replaceRoute(spec(text) { $0.dev = name("d1") })
        }
        var filter = RouteFilter()
        filter.protocol = .boot
        #expect(try namespace.socket.routes(filter).map(\.dev) == ["d1", "d1"])
    }

    @Test func deletingMatchesWhatIsGiven() throws {
        let namespace = try Self.routable()
        for metric in [5, 6] as [UInt32] {
            try namespace.socket.addRoute(
                spec("10.1.0.0/16") {
                    $0.dev = name("d0")
                    $0.metric = word(metric)
                })
        }
        let other = spec("10.1.0.0/16") { $0.protocol = .static }
        #expect(
            try failure { () throws(NetlinkError) in try namespace.socket.deleteRoute(other) }.errno == .noSuchProcess)
        try namespace.socket.deleteRoute(spec("10.1.0.0/16") { $0.metric = word(6) })
        try namespace.socket.deleteRoute(spec("10.1.0.0/16"))
        #expect(try namespace.socket.countRoutes() == 0)
    }

    @Test func flushTakesAllThatMatchAndCountsThem() throws {
        let namespace = try Self.routable()
        for spec in specs { try namespace.socket.addRoute(spec) }
        // A route that no RouteSpec expresses: by source, of a type of service, with another metric.
        try namespace.run("route add 10.20.0.0/16 tos 0x10 dev d0 advmss 1000 initcwnd 3")
        try namespace.run("-6 route add fd20::/16 from fd00::/64 dev d0")
        var filter = RouteFilter()
        filter.allTables = true
        filter.protocol = .boot
        // All but the `static` and the `bird` one.
        #expect(try namespace.socket.flushRoutes(filter) == specs.count)
        #expect(try namespace.socket.countRoutes() == 2)
        #expect(try namespace.socket.flushRoutes(filter) == 0)
        filter.protocol = nil
        #expect(try namespace.socket.flushRoutes(filter) > 2)
        #expect(try namespace.socket.routes(filter).isEmpty)
    }

    @Test func flushTakesManyOfThem() throws {
        let namespace = try Self.routable()
        for number in 0..<600 {
            try namespace.socket.addRoute(spec("10.\(number / 256 + 1).\(number % 256).0/24") { $0.type = .blackhole })
        }
        var filter = RouteFilter()
        filter.type = .blackhole
        #expect(try namespace.socket.flushRoutes(filter) == 600)
    }

    @Test func errorsSayWhatTheKernelSaid() throws {
        let namespace = try Self.routable()
        let good = spec("10.1.0.0/16") { $0.dev = name("d0") }
        try namespace.socket.addRoute(good)
        let twice = try failure { () throws(NetlinkError) in try namespace.socket.addRoute(good) }
        #expect((twice.errno, twice.operation, twice.subject) == (.fileExists, "RTM_NEWROUTE", "10.1.0.0/16"))
        let far = spec("10.2.0.0/16") { $0.gateway = address("99.0.0.1") }
        let unreachable = try failure { () throws(NetlinkError) in try namespace.socket.addRoute(far) }
        #expect(unreachable.errno == .networkUnreachable)
        #expect(unreachable.kernelMessage == "Nexthop has invalid gateway")
        let gone = try failure { () throws(NetlinkError) in try namespace.socket.deleteRoute(far) }
        #expect(gone.errno == .noSuchProcess)
        let nowhere = spec("10.3.0.0/16") { $0.nexthops = [way("10.0.0.9", "d0"), way("10.0.0.9", "nope")] }
        #expect(
            try failure { () throws(NetlinkError) in try namespace.socket.addRoute(nowhere) }.unknownDevice == "nope")
    }
}
