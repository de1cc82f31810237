// What is printed: tables, colours, lines about routes, and the screen of `show`.

import Testing

@testable import NetnsClient
@testable import netnsctl

@Suite struct TableTests {
    @Test func columnsAreAlignedAndEmptyOnesLeftOut() {
        var table = Table("NAME", "COUNT", "NOTE", "STATE", numeric: [1])
        table.add("a", "7", "", Text("UP", .up))
        table.add("longer", "1234", "", "DOWN")
        #expect(
            table.text(colour: false) == """
                NAME    COUNT  STATE
                a           7  UP
                longer   1234  DOWN

                """)
    }

    @Test func nothingIsPrintedForNoRows() {
        #expect(Table("NAME").text(colour: true).isEmpty)
    }

    @Test func coloursDoNotMoveColumns() {
        var table = Table()
        table.add(Text("a", .name), "x")
        table.add(Text("bcd", .name), "y")
        #expect(table.text(colour: true) == "\u{1B}[36ma\u{1B}[0m    x\n\u{1B}[36mbcd\u{1B}[0m  y\n")
    }

    @Test func noLineEndsInSpaces() {
        var table = Table("A", "B")
        table.add("long-word", "")
        table.add("x", "y")
        #expect(table.lines(colour: false) == ["A          B", "long-word", "x          y"])
    }

    @Test func whatATerminalWouldObeyIsEscaped() {
        #expect(Text("a\u{1B}[2Jb\u{9B}c\td").rendered(colour: false) == "a\\x1b[2Jb\\x9bc\\x09d")
        #expect(escaped("ä\n") == "ä\n")
    }
}

@Suite struct SentenceTests {
    @Test func theRuleIsAddedWhereTheAgentDidNotSayIt() {
        var details = WireError.Details()
        details.rule = "defaults in /etc/netnsd/policy.yaml"
        #expect(
            WireError(.quotaExceeded, "8 of 8 namespaces are in use", details).sentence
                == "8 of 8 namespaces are in use; decided by defaults in /etc/netnsd/policy.yaml")
        #expect(
            WireError(.quotaExceeded, "no more by defaults in /etc/netnsd/policy.yaml", details).sentence
                == "no more by defaults in /etc/netnsd/policy.yaml")
    }

    @Test func theKernelsWordsAreAdded() {
        var details = WireError.Details()
        details.errno = "EINVAL"
        details.kernelMessage = "Invalid MTU"
        #expect(WireError(.kernel, "cannot set eth0", details).sentence == "cannot set eth0: Invalid MTU (EINVAL)")
    }
}

@Suite struct RouteTextTests {
    @Test(arguments: [
        (
            #"{"type":"unicast","family":"inet","dst":"default","gateway":"10.0.0.1","dev":"eth0","table":"main","#
                + #""protocol":"boot","scope":"global","flags":[]}"#,
            "default via 10.0.0.1 dev eth0"
        ),
        (
            #"{"type":"unicast","family":"inet","dst":"10.0.0.0/24","dev":"eth0","table":"main","protocol":"kernel","#
                + #""scope":"link","prefsrc":"10.0.0.1","flags":["linkdown"]}"#,
            "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1 linkdown"
        ),
        (
            #"{"type":"blackhole","family":"inet6","dst":"fd00::/64","table":"100","protocol":"static","#
                + #""scope":"global","metric":1024,"flags":[],"pref":"medium"}"#,
            "blackhole fd00::/64 table 100 proto static metric 1024"
        ),
        (
            #"{"type":"unicast","family":"inet","dst":"default","table":"main","protocol":"boot","scope":"global","#
                + #""flags":[],"nexthops":[{"gateway":"10.0.0.2","dev":"a","weight":2,"flags":[]},"#
                + #"{"via":{"family":"inet6","host":"fe80::1"},"dev":"b","weight":1,"flags":["onlink"]}]}"#,
            "default nexthop via 10.0.0.2 dev a weight 2 nexthop via inet6 fe80::1 dev b weight 1 onlink"
        ),
    ])
    func routesReadAsTheyAreMade(_ json: String, _ expected: String) throws {
        let route: Route = try JSONValue.parse(json).decode()
        #expect(route.text.rendered(colour: false) == expected)
    }
}

@Suite struct EventTextTests {
    @Test(arguments: [
        (#"{"action":"added","subject":"netns","netns":"a"}"#, "[a] netns a"),
        (
            #"{"action":"deleted","subject":"address","netns":"a","address":{"ifindex":2,"dev":"eth0","family":"inet","#
                + #""local":"10.0.0.1","prefixlen":24,"scope":"global","valid_life_time":4294967295,"#
                + #""preferred_life_time":4294967295}}"#,
            "[a] deleted address 10.0.0.1/24 dev eth0 scope global"
        ),
        (
            #"{"action":"added","subject":"neighbour","netns":"a","neighbour":{"dst":"10.0.0.2","dev":"eth0","#
                + #""lladdr":"02:00:00:00:00:02","state":["REACHABLE"]}}"#,
            "[a] neighbour 10.0.0.2 dev eth0 lladdr 02:00:00:00:00:02 REACHABLE"
        ),
        (#"{"action":"overflow"}"#, "some changes were missed: list what you watch anew"),
    ])
    func oneLineEach(_ json: String, _ expected: String) throws {
        let event: Event = try JSONValue.parse(json).decode()
        #expect(event.text.rendered(colour: false) == expected)
    }
}

@Suite struct ShowTests {
    private func response<Called: Method>(_ method: Called.Type, _ json: String) throws -> Response<Called> {
        let value = try JSONValue.parse(json)
        return Response(result: try value.decode(unknownKeys: .ignore), json: value, descriptors: [])
    }

    private func link(_ netns: String, _ index: Int, _ name: String, _ rest: String) -> String {
        #"{"netns":"\#(netns)","ifindex":\#(index),"ifname":"\#(name)","mtu":1500,"linkmode":"DEFAULT","#
            + #""group":"default",\#(rest)}"#
    }

    private func shown(_ names: [NamespaceSelector]? = nil) throws -> Shown {
        let lo =
            #""flags":["LOOPBACK","UP","LOWER_UP"],"operstate":"UNKNOWN","link_type":"loopback","address":"00:00:00:00:00:00""#
        let veth =
            #""flags":["BROADCAST","UP","LOWER_UP"],"operstate":"UP","link_type":"ether","address":"02:00:00:00:00:01","#
            + #""linkinfo":{"info_kind":"veth"}"#
        let address =
            #""addr_info":[{"family":"inet","local":"10.0.0.1","prefixlen":24,"scope":"global","#
            + #""valid_life_time":4294967295,"preferred_life_time":4294967295}]"#
        return Shown(
            names: names,
            namespaces: try response(
                NetnsList.self,
                #"[{"name":"server","id":1,"uid":9,"state":"live","delegated":false},"#
                    + #"{"name":"old","id":2,"uid":9,"state":"deleted","delegated":false}]"#),
            links: try response(
                LinkList.self,
                "[\(link("server", 1, "lo", lo)),\(link("server", 2, "svr-veth", veth + #","peer":"gateway/gw""#))]"),
            addresses: try response(AddrList.self, "[\(link("server", 2, "svr-veth", veth + "," + address))]"),
            routes: try response(
                RouteList.self,
                #"[{"netns":"server","type":"unicast","family":"inet","dst":"default","gateway":"10.0.0.254","#
                    + #""dev":"svr-veth","table":"main","protocol":"boot","scope":"global","flags":[]},"#
                    + #"{"netns":"server","type":"unicast","family":"inet6","dst":"fe80::/64","dev":"svr-veth","#
                    + #""table":"main","protocol":"kernel","scope":"global","metric":256,"flags":[]}]"#))
    }

    @Test func allOnOneScreen() throws {
        #expect(
            try shown().text(colour: false) == """
                server
                  lo        UP  loopback
                  svr-veth  UP  veth      02:00:00:00:00:01  peer gateway/gw  10.0.0.1/24
                  route default via 10.0.0.254 dev svr-veth

                old (deleted, but still held by something)

                """)
    }

    @Test func theSameAsJSON() throws {
        let json = try shown([NamespaceSelector("server")!]).json
        #expect(json.arrayValue?.count == 1)
        #expect(json[0]?["name"] == "server")
        #expect(json[0]?["links"]?[1]?["peer"] == "gateway/gw")
        #expect(json[0]?["links"]?[1]?["addr_info"]?[0]?["local"] == "10.0.0.1")
        #expect(json[0]?["links"]?[0]?["addr_info"] == [])
        #expect(json[0]?["links"]?[0]?["netns"] == nil)
        #expect(json[0]?["routes"]?.arrayValue?.count == 2)
    }
}
