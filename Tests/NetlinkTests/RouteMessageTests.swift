// Routes: golden requests and hostile replies.

import CMnl
import IPRoute
import Testing

@testable import Netlink

@Suite struct RouteMessageTests {
    private func add(_ spec: RouteSpec) throws -> [UInt8] {
        let message = try NetlinkMessage.addRoute(spec, [.create, .exclusive]) { $0.text == "d0" ? 3 : 4 }
        return message.finished(adding: [], sequence: 1)
    }

    private func delete(_ spec: RouteSpec) throws -> [UInt8] {
        try NetlinkMessage.deleteRoute(spec) { _ in 3 }.finished(adding: [], sequence: 1)
    }

    @Test func addCarriesEverything() throws {
        var spec = RouteSpec(Destination("10.9.0.0/16")!)
        spec.gateway = address("10.0.0.9")
        spec.dev = name("d0")
        spec.metric = word(9)
        spec.table = RouteTable(1000)
        spec.prefsrc = address("10.0.0.1")
        spec.protocol = .static
        spec.onlink = true
        spec.mtu = MTU(1400)
        #expect(
            try add(spec) == [
                88, 0, 0, 0, 24, 0, 0x01, 0x06, 1, 0, 0, 0, 0, 0, 0, 0,  // nlmsghdr: RTM_NEWROUTE
                2, 16, 0, 0, 0, 4, 0, 1,  // rtmsg: family, lengths, tos, table, protocol, scope, type
                4, 0, 0, 0,  // flags: RTNH_F_ONLINK
                8, 0, 1, 0, 10, 9, 0, 0,  // RTA_DST
                8, 0, 15, 0, 0xe8, 0x03, 0, 0,  // RTA_TABLE
                8, 0, 5, 0, 10, 0, 0, 9,  // RTA_GATEWAY
                8, 0, 4, 0, 3, 0, 0, 0,  // RTA_OIF
                8, 0, 6, 0, 9, 0, 0, 0,  // RTA_PRIORITY
                8, 0, 7, 0, 10, 0, 0, 1,  // RTA_PREFSRC
                12, 0, 8, 0, 8, 0, 2, 0, 0x78, 0x05, 0, 0,  // RTA_METRICS { RTAX_MTU }
            ])
    }

    @Test func waysAreArraysOfNexthops() throws {
        var spec = RouteSpec(.any)
        var first = RouteSpec.Nexthop(gateway: address("10.0.0.9"), dev: name("d0"))
        first.weight = NexthopWeight(3)
        var second = RouteSpec.Nexthop(gateway: address("fe80::1"), dev: name("d1"))
        second.onlink = true
        spec.nexthops = [first, second]
        #expect(
            try add(spec).dropFirst(16) == [
                2, 0, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0,  // rtmsg
                52, 0, 9, 0,  // RTA_MULTIPATH
                16, 0, 0, 2, 3, 0, 0, 0,  // rtnexthop: length, flags, hops, ifindex
                8, 0, 5, 0, 10, 0, 0, 9,  // RTA_GATEWAY
                32, 0, 4, 0, 4, 0, 0, 0,  // rtnexthop
                22, 0, 18, 0, 10, 0, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0,  // RTA_VIA: rtvia
            ])
    }

    /// rtmsg: family, dst_len, src_len, tos, table, protocol, scope, type.
    @Test func whatIsLeftOpenIsAsIpHasIt() throws {
        func header(_ text: String, _ type: RouteType?, family: Family = .inet) throws -> [UInt8] {
            var spec = RouteSpec(Destination(text)!, family: family)
            spec.type = type
            return Array(try add(spec)[20..<24])
        }
        #expect(try header("10.0.0.0/8", nil) == [254, 3, 253, 1])  // unicast without a gateway: link
        #expect(try header("10.0.0.0/8", .blackhole) == [254, 3, 0, 6])
        #expect(try header("10.0.0.1", .local) == [255, 3, 254, 2])
        #expect(try header("10.0.0.255", .broadcast) == [255, 3, 253, 3])
        #expect(try header("fd00::/8", nil) == [254, 3, 0, 1])
        #expect(try header("default", nil, family: .inet6) == [254, 3, 0, 1])
    }

    @Test func deleteSaysOnlyWhatIsGiven() throws {
        var spec = RouteSpec(Destination("10.9.0.0/16")!)
        #expect(
            try delete(spec) == [
                36, 0, 0, 0, 25, 0, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0,  // nlmsghdr: RTM_DELROUTE
                2, 16, 0, 0, 254, 0, 255, 0, 0, 0, 0, 0,  // rtmsg: main, unspec, nowhere, unspec
                8, 0, 1, 0, 10, 9, 0, 0,  // RTA_DST
            ])
        (spec.type, spec.protocol, spec.scope) = (.unicast, .static, .link)
        #expect(try delete(spec)[20..<24] == [254, 4, 253, 1])
    }

    @Test func lookUpsAskForTheTable() throws {
        var query = RouteQuery(address("10.9.1.1"))
        query.from = address("10.0.0.1")
        query.oif = name("d0")
        query.mark = word(5)
        let message = try NetlinkMessage.lookUpRoute(query) { _ in 3 }
        #expect(
            message.finished(adding: [], sequence: 1) == [
                60, 0, 0, 0, 26, 0, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0,  // nlmsghdr: RTM_GETROUTE
                2, 32, 32, 0, 0, 0, 0, 0, 0, 0x10, 0, 0,  // rtmsg: RTM_F_LOOKUP_TABLE
                8, 0, 1, 0, 10, 9, 1, 1,  // RTA_DST
                8, 0, 2, 0, 10, 0, 0, 1,  // RTA_SRC
                8, 0, 4, 0, 3, 0, 0, 0,  // RTA_OIF
                8, 0, 16, 0, 5, 0, 0, 0,  // RTA_MARK
            ])
    }

    @Test(
        arguments: [
            ([], 0),
            ([16, 0, 0, 0, 3, 0, 0], 0),  // too short for rtnexthop
            ([7, 0, 0, 0, 3, 0, 0, 0], 0),  // a length below the header's
            ([9, 0, 0, 0, 3, 0, 0, 0], 0),  // beyond the end
            ([8, 0, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1),  // the second has length 0
            ([16, 0, 0, 0, 3, 0, 0, 0, 9, 0, 5, 0, 1, 2, 3, 4], 1),  // its gateway's length is wrong
        ] as [([UInt8], Int)])
    func waysThatCannotBeEndTheList(payload: [UInt8], count: Int) throws {
        var body = rtmsg()
        body.rtm_family = 2
        body.rtm_type = 1
        body.rtm_table = 254
        var message = NetlinkMessage(.newRoute, body: body)
        message.attribute(RTA_MULTIPATH, bytes: payload)
        let reply = NetlinkReply.messages(in: message.finished(adding: [], sequence: 1))[0]
        let route = try #require(reply.route { "d\($0)" })
        #expect(route.nexthops?.count == count)
        #expect(route.nexthops?.allSatisfy { $0.gateway == nil && $0.dev == "d3" } == true)
    }

    @Test func shortMessagesAreNoRoutes() {
        for count in 0..<12 {
            let reply = NetlinkReply(
                type: .newRoute, flags: [], sequence: 0, port: 0, payload: [UInt8](repeating: 2, count: count)[...])
            #expect(reply.route { _ in nil } == nil)
            #expect(reply.rule() == nil)
            #expect(reply.neighbour { _ in nil } == nil)
            #expect(reply.address() == nil)
        }
    }
}
