// Nexthop objects: golden requests, and a real kernel compared with `ip -j -d nexthop`.

import CMnl
import IPRoute
import JSON
import SystemPackage
import Testing

@testable import Netlink

private func spec(_ id: Int, _ change: (inout NexthopSpec) -> Void) -> NexthopSpec {
    var spec = NexthopSpec()
    spec.id = NexthopId(id)
    change(&spec)
    return spec
}

@Suite struct NexthopMessageTests {
    @Test func aGroupIsOfNoFamilyAndItsWeightsAreOneLess() throws {
        let group = spec(6) { $0.group = [NexthopMember(NexthopId(5)!, weight: NexthopWeight(3))] }
        let message = try NetlinkMessage.addNexthop(group, [.create, .exclusive]) { _ in 0 }
        #expect(
            message.finished(adding: [], sequence: 1) == [
                44, 0, 0, 0, 104, 0, 0x01, 0x06, 1, 0, 0, 0, 0, 0, 0, 0,  // nlmsghdr: RTM_NEWNEXTHOP
                0, 0, 0, 0, 0, 0, 0, 0,  // nhmsg
                8, 0, 1, 0, 6, 0, 0, 0,  // NHA_ID
                12, 0, 2, 0, 5, 0, 0, 0, 2, 0, 0, 0,  // NHA_GROUP: struct nexthop_grp
            ])
    }

    @Test func aRouterIsOfItsFamily() throws {
        let router = spec(5) {
            ($0.gateway, $0.dev, $0.onlink, $0.protocol) = (address("10.0.0.9"), name("v0"), true, .static)
        }
        let message = try NetlinkMessage.addNexthop(router, [.create, .replace]) { _ in 3 }
        #expect(
            message.finished(adding: [], sequence: 1) == [
                48, 0, 0, 0, 104, 0, 0x01, 0x05, 1, 0, 0, 0, 0, 0, 0, 0,  // nlmsghdr: RTM_NEWNEXTHOP
                2, 0, 4, 0, 4, 0, 0, 0,  // nhmsg: AF_INET, static, RTNH_F_ONLINK
                8, 0, 1, 0, 5, 0, 0, 0,  // NHA_ID
                8, 0, 6, 0, 10, 0, 0, 9,  // NHA_GATEWAY
                8, 0, 5, 0, 3, 0, 0, 0,  // NHA_OIF
            ])
    }

    @Test(arguments: 0..<8) func aGroupCutShortIsNoTrap(count: Int) {
        var message = NetlinkMessage(.newNexthop, body: nhmsg())
        message.attribute(NHA_ID, UInt32(6))
        message.attribute(NHA_GROUP, bytes: [UInt8](repeating: 1, count: count))
        let reply = NetlinkReply.messages(in: message.finished(adding: [], sequence: 1))[0]
        #expect(reply.nexthop { _ in nil }?.group == [])
    }
}

@Suite struct NexthopTests {
    private func prepared() throws -> TestNamespace {
        let namespace = try TestNamespace.fresh()
        try namespace.ip("link", "add", "v0", "type", "veth", "peer", "name", "v1")
        for link in ["lo", "v0", "v1"] { try namespace.ip("link", "set", link, "up") }
        try namespace.ip("addr", "add", "10.0.0.1/24", "dev", "v0")
        try namespace.ip("addr", "add", "fd00::1/64", "dev", "v0", "nodad")
        return namespace
    }

    @Test func theyAreListedAsIpListsThem() throws {
        let namespace = try prepared()
        let specs = [
            spec(1) { ($0.gateway, $0.dev) = (address("10.0.0.9"), name("v0")) },
            spec(2) { ($0.gateway, $0.dev, $0.protocol) = (address("fd00::9"), name("v0"), .static) },
            spec(3) { $0.blackhole = true },
            spec(4) { $0.group = [NexthopMember(NexthopId(1)!, weight: NexthopWeight(256)!)] },
            spec(5) { ($0.gateway, $0.fdb) = (address("10.0.0.8"), true) },
        ]
        for spec in specs { try namespace.socket.addNexthop(spec) }
        let ours = try namespace.socket.nexthops()
        let theirs = try namespace.json("-d nexthop")
        #expect(ours.map(\.id.value) == [1, 2, 3, 4, 5] && theirs.count == 5)
        for (mine, other) in zip(ours, theirs) {
            #expect(other["id"] == .integer(Int64(mine.id.value)))
            #expect(other["gateway"]?.stringValue == mine.gateway?.description)
            #expect(other["dev"]?.stringValue == mine.dev)
            #expect(other["scope"]?.stringValue == "\(mine.scope)")
            #expect(other["protocol"]?.stringValue == "\(mine.protocol)")
        }
        #expect(ours[3].group == [NexthopMember(NexthopId(1)!, weight: NexthopWeight(256))])
        #expect(try namespace.socket.countNexthops() == 5)
        var filter = NexthopFilter()
        filter.groups = true
        #expect(try namespace.socket.nexthops(filter).map(\.id.value) == [4])
        filter = NexthopFilter()
        filter.dev = name("v0")
        #expect(try namespace.socket.flushNexthops(filter) == 2)
    }

    @Test func routesAreFlushedThatReferToThem() throws {
        let namespace = try prepared()
        try namespace.socket.addNexthop(spec(1) { ($0.gateway, $0.dev) = (address("10.0.0.9"), name("v0")) })
        var route = RouteSpec(Destination("10.9.0.0/16")!)
        route.nhid = NexthopId(1)
        try namespace.socket.addRoute(route)
        var filter = RouteFilter()
        filter.root = IPPrefix("10.8.0.0/15")
        #expect(try namespace.socket.routes(filter).map(\.nhid) == [NexthopId(1)])
        #expect(try namespace.socket.flushRoutes(filter) == 1)
        #expect(try namespace.socket.routes(filter).isEmpty)
    }
}
