// Words to parameters: what is typed, and the JSON that goes to the agent.

import ArgumentParser
import NetnsClient
import Testing

@testable import netnsctl

/// The parameters that a command line sends.
private func params(_ line: String) throws -> String {
    let words = line.split(separator: " ").map { $0 == "''" ? "" : String($0) }
    guard let command = try Netnsctl.parseAsRoot(words) as? any RequestCommand else {
        throw ValidationError("not a command of one request: \(line)")
    }
    return try json(of: command)
}

private func json(of command: some RequestCommand) throws -> String {
    try JSONValue(encoding: command.params()).description
}

/// What is said to somebody who types it.
private func complaint(_ line: String) -> String {
    do {
        return "nothing is wrong: " + (try params(line))
    } catch {
        return String(Netnsctl.fullMessage(for: error).prefix { $0 != "\n" })
    }
}

@Suite struct RouteGrammarTests {
    @Test(arguments: [
        ("route add client default via 10.0.100.254", #"{"netns":"client","dst":"default","gateway":"10.0.100.254"}"#),
        (
            "route add client 10.9.0.0/16 via 10.0.0.2 dev eth0 metric 5 table 100 src 10.0.0.1 scope link onlink mtu 1400",
            #"{"netns":"client","dst":"10.9.0.0/16","gateway":"10.0.0.2","dev":"eth0","metric":5,"table":"100","#
                + #""prefsrc":"10.0.0.1","scope":"link","onlink":true,"mtu":1400}"#
        ),
        ("route add client blackhole 10.6.0.0/16", #"{"netns":"client","dst":"10.6.0.0/16","type":"blackhole"}"#),
        ("route add alice:client to fd00::/64 dev eth0", #"{"netns":"alice:client","dst":"fd00::/64","dev":"eth0"}"#),
        (
            "route add client 10.0.0.0/8 via inet6 fe80::1 dev eth0",
            #"{"netns":"client","dst":"10.0.0.0/8","gateway":"fe80::1","dev":"eth0"}"#
        ),
        ("route add client default dev eth0 -6", #"{"netns":"client","dst":"default","family":"inet6","dev":"eth0"}"#),
        (
            "route add client default nexthop via 10.0.0.2 dev eth0 weight 2 nexthop via 10.0.0.3 onlink",
            #"{"netns":"client","dst":"default","nexthops":[{"gateway":"10.0.0.2","dev":"eth0","weight":2},"#
                + #"{"gateway":"10.0.0.3","onlink":true}]}"#
        ),
        // Without a namespace: where the caller is.
        ("route add default via 10.0.0.1", #"{"netnsFileDescriptor":0,"dst":"default","gateway":"10.0.0.1"}"#),
        ("route add 10.0.0.0/8 dev eth0", #"{"netnsFileDescriptor":0,"dst":"10.0.0.0/8","dev":"eth0"}"#),
        ("route add blackhole 10.6.0.0/16", #"{"netnsFileDescriptor":0,"dst":"10.6.0.0/16","type":"blackhole"}"#),
        // Namespaces that look like something else.
        ("route add default default via 10.0.0.1", #"{"netns":"default","dst":"default","gateway":"10.0.0.1"}"#),
        ("route add 10.0.0.1 10.0.0.0/8 dev eth0", #"{"netns":"10.0.0.1","dst":"10.0.0.0/8","dev":"eth0"}"#),
        ("route add blackhole blackhole 10.6.0.0/16", #"{"netns":"blackhole","dst":"10.6.0.0/16","type":"blackhole"}"#),
        ("route del client default", #"{"netns":"client","dst":"default"}"#),
        ("route list", "{}"),
        ("route list client table all -6", #"{"netns":["client"],"family":"inet6","allTables":true}"#),
        ("route list client 10.0.0.0/8 proto static", #"{"netns":["client"],"dst":"10.0.0.0/8","protocol":"static"}"#),
        ("route flush table 100", #"{"netnsFileDescriptor":0,"table":"100"}"#),
        (
            "route get client 10.0.0.9 from 10.0.0.1 iif eth0 mark 0x10",
            #"{"netns":"client","dst":"10.0.0.9","from":"10.0.0.1","iif":"eth0","mark":16}"#
        ),
    ])
    func wordsBecomeParameters(_ line: String, _ expected: String) throws {
        #expect(try params(line) == expected)
    }

    @Test(arguments: [
        (
            "route add client defalt via 10.0.0.1",
            "Error: destination 'defalt' must be default, an address, or a network like 10.0.0.0/8 with no bit set behind its prefix"
        ),
        (
            "route add client 10.0.0.1/8 via 10.0.0.1",
            "Error: destination '10.0.0.1/8' must be default, an address, or a network like 10.0.0.0/8 with no bit set behind its prefix"
        ),
        ("route add client default viaa 10.0.0.1", "Error: unknown word 'viaa'; did you mean 'via'?"),
        ("route add client default via", "Error: 'via' needs a value after it"),
        ("route add client default dev a dev b", "Error: 'dev' is there twice"),
        (
            "route add client default metric 4294967296",
            "Error: metric '4294967296' must be an integer from 0 to 4294967295"
        ),
        ("route add client default via inet fe80::1", "Error: via 'fe80::1' is no inet address"),
        ("route add client default nexthop weight 2", "Error: nexthop needs via or dev"),
        ("route add client", "Error: the destination is missing"),
        ("route flush", "Error: say which: a namespace or a filter"),
    ])
    func errorsNameTheWord(_ line: String, _ expected: String) {
        #expect(complaint(line) == expected)
    }
}

@Suite struct AddressGrammarTests {
    @Test(arguments: [
        ("addr add server/eth0 10.0.0.1/24", #"{"netns":"server","dev":"eth0","local":"10.0.0.1/24"}"#),
        ("address add server/eth0 10.0.0.1", #"{"netns":"server","dev":"eth0","local":"10.0.0.1/32"}"#),
        (
            "addr add server/eth0 10.1.2.3/20 brd + label eth0:1 scope link",
            #"{"netns":"server","dev":"eth0","local":"10.1.2.3/20","broadcast":"10.1.15.255","scope":"link","label":"eth0:1"}"#
        ),
        (
            "addr add server/eth0 10.0.0.1 peer 10.0.0.2/30",
            #"{"netns":"server","dev":"eth0","local":"10.0.0.1/30","peer":"10.0.0.2"}"#
        ),
        (
            "addr add server/eth0 fd00::1/64 nodad noprefixroute valid_lft forever preferred_lft 0",
            #"{"netns":"server","dev":"eth0","local":"fd00::1/64","valid_life_time":4294967295,"preferred_life_time":0,"#
                + #""nodad":true,"noprefixroute":true}"#
        ),
        // As with ip -n server.
        ("addr add server 10.0.0.1/24 dev eth0", #"{"netns":"server","dev":"eth0","local":"10.0.0.1/24"}"#),
        ("addr add 10.0.0.1/24 dev eth0", #"{"netnsFileDescriptor":0,"dev":"eth0","local":"10.0.0.1/24"}"#),
        ("addr add eth0 10.0.0.1/24", #"{"netnsFileDescriptor":0,"dev":"eth0","local":"10.0.0.1/24"}"#),
        ("addr del alice:server/eth0 10.0.0.1/24", #"{"netns":"alice:server","dev":"eth0","local":"10.0.0.1/24"}"#),
        ("addr flush server/eth0 -4", #"{"netns":"server","dev":"eth0","family":"inet"}"#),
        ("addr list server/eth0", #"{"netns":["server"],"dev":"eth0"}"#),
        ("addr list server to 10.0.0.1", #"{"netns":["server"],"local":"10.0.0.1"}"#),
        ("addr list", "{}"),
    ])
    func wordsBecomeParameters(_ line: String, _ expected: String) throws {
        #expect(try params(line) == expected)
    }

    @Test(arguments: [
        (
            "addr add server/eth0 10.0.0.1/33",
            "Error: address '10.0.0.1/33' must be an address with a prefix length, like 10.0.0.1/24 or fd00::1/64"
        ),
        ("addr add server/ 10.0.0.1/24", "Error: place 'server/' must be a place like server/eth0"),
        ("addr add 10.0.0.1/24", "Error: the link is missing: begin with a place like server/eth0"),
        ("addr add server/eth0 10.0.0.1/24 dev eth1", "Error: 'server/eth0' says which link, and so does dev eth1"),
        (
            "addr add server/eth0 10.0.0.1/24 brodcast 10.0.0.255",
            "Error: unknown word 'brodcast'; did you mean 'broadcast'?"
        ),
    ])
    func errorsNameTheWord(_ line: String, _ expected: String) {
        #expect(complaint(line) == expected)
    }
}

@Suite struct RuleAndNeighbourGrammarTests {
    @Test(arguments: [
        (
            "rule add gateway from 10.0.0.0/8 table 100 priority 1000",
            #"{"netns":"gateway","priority":1000,"src":"10.0.0.0/8","table":"100"}"#
        ),
        (
            "rule add gateway not fwmark 0x10/0xff ipproto tcp dport 80 prohibit",
            #"{"netns":"gateway","fwmark":16,"fwmask":255,"ipproto":6,"dport":80,"not":true,"action":"prohibit"}"#
        ),
        (
            "rule add from all lookup main suppress_prefixlength 0",
            #"{"netnsFileDescriptor":0,"src":"default","table":"main","suppress_prefixlen":0}"#
        ),
        ("rule add from from 10.0.0.0/8 table 7", #"{"netns":"from","src":"10.0.0.0/8","table":"7"}"#),
        ("rule delete gateway pref 1000 -6", #"{"netns":"gateway","family":"inet6","priority":1000}"#),
        ("rule list gateway table 100", #"{"netns":["gateway"],"table":"100"}"#),
        (
            "neigh add server/eth0 10.0.0.9 lladdr 02:00:00:00:00:09",
            #"{"netns":"server","dst":"10.0.0.9","dev":"eth0","lladdr":"02:00:00:00:00:09"}"#
        ),
        (
            "neigh replace 10.0.0.9 lladdr 2:0:0:0:0:9 dev eth0 nud reachable router",
            #"{"netnsFileDescriptor":0,"dst":"10.0.0.9","dev":"eth0","lladdr":"02:00:00:00:00:09","state":"REACHABLE","#
                + #""router":true}"#
        ),
        ("neigh add server/eth0 proxy fd00::9", #"{"netns":"server","dst":"fd00::9","dev":"eth0","proxy":true}"#),
        ("neigh list server/eth0 nud stale", #"{"netns":["server"],"dev":"eth0","state":"STALE"}"#),
    ])
    func wordsBecomeParameters(_ line: String, _ expected: String) throws {
        #expect(try params(line) == expected)
    }

    @Test(arguments: [
        ("rule add gateway", "Error: the rule is missing: begin with from, to, priority or table"),
        ("rule add gateway from 10.0.0.0/8 tabel 3", "Error: unknown word 'tabel'; did you mean 'table'?"),
        ("rule add gateway fwmark 1/x", "Error: the mask of fwmark 'x' must be an integer from 0 to 4294967295"),
        (
            "neigh add server/eth0 10.0.0.9 lladdr 2:0:0",
            "nothing is wrong: "
                + #"{"netns":"server","dst":"10.0.0.9","dev":"eth0","lladdr":"02:00:00"}"#
        ),
        (
            "neigh add server/eth0 10.0.0.9 nud well",
            "Error: nud 'well' must be one of: incomplete reachable stale delay probe failed noarp permanent"
        ),
    ])
    func errorsNameTheWord(_ line: String, _ expected: String) {
        #expect(complaint(line) == expected)
    }
}

@Suite struct LinkGrammarTests {
    @Test(arguments: [
        ("link add bridge/br --kind bridge", #"{"netns":"bridge","ifname":"br","kind":"bridge","options":{}}"#),
        (
            "link add bridge/ --kind bridge --up -o stp_state=on -o ageing_time=300",
            #"{"netns":"bridge","kind":"bridge","options":{"ageing_time":300,"stp_state":1},"up":true}"#
        ),
        (
            "link add server/eth0.10 --kind vlan --link eth0 --id 10 -o protocol=802.1ad",
            #"{"netns":"server","ifname":"eth0.10","kind":"vlan","options":{"id":10,"protocol":"802.1ad"},"link":"eth0"}"#
        ),
        (
            "link add server/vx --kind vxlan --id 42 --remote 10.0.0.2 --port 4789 --mtu 1400 --mac 02:00:00:00:00:01",
            #"{"netns":"server","ifname":"vx","kind":"vxlan","options":{"id":42,"remote":"10.0.0.2","port":4789},"#
                + #""mtu":1400,"address":"02:00:00:00:00:01"}"#
        ),
        (
            "link add server/g --kind gre --remote 10.0.0.2 --local 10.0.0.1 --key 7",
            #"{"netns":"server","ifname":"g","kind":"gre","options":{"remote":"10.0.0.2","local":"10.0.0.1","#
                + #""ikey":"0.0.0.7","okey":"0.0.0.7"}}"#
        ),
        (
            "link add d0 --kind dummy --address 10.0.0.1/24 --address fd00::1/64",
            #"{"netnsFileDescriptor":0,"ifname":"d0","kind":"dummy","options":{},"addresses":["10.0.0.1/24","fd00::1/64"]}"#
        ),
        ("link set gateway/eth0 up --mtu 1400", #"{"netns":"gateway","dev":"eth0","up":true,"mtu":1400}"#),
        ("link set bridge/bridge-net0 --master br", #"{"netns":"bridge","dev":"bridge-net0","master":"br"}"#),
        (
            "link set server/veth0 --netns client --name eth0 --down",
            #"{"netns":"server","dev":"veth0","moveTo":"client","name":"eth0","up":false}"#
        ),
        (
            "link set server/eth0 --nomaster --alias '' --altname uplink --no-altname old --promisc on --arp off",
            #"{"netns":"server","dev":"eth0","nomaster":true,"alias":"","addAltnames":["uplink"],"removeAltnames":["old"],"#
                + #""arp":false,"promisc":true}"#
        ),
        (
            "link set bridge/br --bridge vlan_filtering=on --bridge-port isolated=on",
            #"{"netns":"bridge","dev":"br","bridge":{"vlan_filtering":1},"bridgePort":{"isolated":true}}"#
        ),
        ("link delete server/eth0", #"{"netns":"server","dev":"eth0"}"#),
        (
            "link list server client --kind veth --up -s",
            #"{"netns":["server","client"],"kind":"veth","up":true,"statistics":true}"#
        ),
    ])
    func wordsBecomeParameters(_ line: String, _ expected: String) throws {
        #expect(try params(line) == expected)
    }

    @Test(arguments: [
        (
            "connect server/a gateway/b",
            #"{"netns":"server","ifname":"a","kind":"veth","options":{},"up":true,"#
                + #""peer":{"netns":"gateway","ifname":"b","up":true}}"#
        ),
        (
            "connect client/a gateway/ --address 10.0.100.1/8 --peer-address 10.0.100.254/8 --peer-master br --mtu 9000",
            #"{"netns":"client","ifname":"a","kind":"veth","options":{},"up":true,"mtu":9000,"addresses":["10.0.100.1/8"],"#
                + #""peer":{"netns":"gateway","up":true,"mtu":9000,"master":"br","addresses":["10.0.100.254/8"]}}"#
        ),
        // Only the first end can be where the caller is.
        (
            "connect server/a b --address 10.0.0.1/24 --down",
            #"{"netnsFileDescriptor":0,"ifname":"b","kind":"veth","options":{},"up":false,"#
                + #""peer":{"netns":"server","ifname":"a","up":false,"addresses":["10.0.0.1/24"]}}"#
        ),
    ])
    func connectIsOneRequest(_ line: String, _ expected: String) throws {
        #expect(try params(line) == expected)
    }

    @Test(arguments: [
        ("link add a/b --kind vlan --id 10", "Error: --kind vlan needs --link, the link below it"),
        ("link add a/b --kind vlan --link eth0", "Error: --kind vlan: id is missing"),
        ("link add a/b --kind vlan --link eth0 --id 4095", "Error: --kind vlan: id must be an integer from 1 to 4094"),
        (
            "link add a/b --kind bridge -o stp_stat=on",
            #"Error: --kind bridge: stp_stat: unknown parameter; did you mean "stp_state"?"#
        ),
        ("link add a/b --kind bridge -o stp_state", "Error: --option 'stp_state' must be NAME=VALUE"),
        ("link add a/b --kind dummy --id 3", "Error: --kind dummy: id: unknown parameter"),
        ("link set a/b", "Error: say what to change"),
        ("link set a/b up --down", "Error: both up and down"),
        ("link set a/b --master br --nomaster", "Error: --master excludes --nomaster"),
        ("link set a/b mtu", "Error: the word 'mtu' must be up or down; other changes are options: see --help"),
        (
            "link set a/b --mtu 67",
            "Error: The value '67' is invalid for '--mtu <mtu>': It must be an integer from 68 to 65535."
        ),
    ])
    func errorsNameTheWord(_ line: String, _ expected: String) {
        #expect(complaint(line) == expected)
    }
}

@Suite struct OtherGrammarTests {
    @Test(arguments: [
        (
            ["gateway", "net.ipv4.ip_forward=1"],
            #"{"netns":"gateway","values":[{"key":"net.ipv4.ip_forward","value":"1"}]}"#
        ),
        (["gateway", "net.ipv4.ip_forward"], "gateway net.ipv4.ip_forward"),
        (["net/ipv4/conf/eth0.10/forwarding"], "here net.ipv4.conf.eth0/10.forwarding"),
        (["gateway", "net.ipv4.", "net.core"], "gateway net.ipv4 net.core"), (["gateway"], "gateway"), ([], "here"),
        (
            ["a", "net.ipv4.ping_group_range=0 9"],
            #"{"netns":"a","values":[{"key":"net.ipv4.ping_group_range","value":"0 9"}]}"#
        ),
    ])
    func sysctlReadsOrSets(_ words: [String], _ expected: String) throws {
        switch try Sysctl.parse(words).wish() {
        case .read(let place, let names):
            #expect(
                ([place.netns?.description ?? "here"] + names.map(\.description)).joined(separator: " ") == expected)
        case .set(let params): #expect(try JSONValue(encoding: params).description == expected)
        }
    }

    @Test(arguments: [
        (["gateway", "net.ipv4.a=1", "net.ipv4.b"], "some keys have a value"),
        (["gateway", "kernel.core_pattern"], "key 'kernel.core_pattern' must be a key or a level of keys"),
    ])
    func sysctlRefuses(_ words: [String], _ expected: String) {
        do {
            _ = try Sysctl.parse(words)
            Issue.record("accepted \(words)")
        } catch {
            #expect(Sysctl.message(for: error).contains(expected))
        }
    }

    @Test(arguments: [
        (["client", "--", "ping", "-c", "3"], ["ping", "-c", "3"]),
        (["client", "ping", "-c", "3"], ["ping", "-c", "3"]),
        (["-j", "client", "--", "--", "x"], ["--", "x"]), (["client", "sh", "--json"], ["sh", "--json"]),
    ])
    func execTakesAllThatFollowsTheName(_ words: [String], _ argv: [String]) throws {
        let exec = try Exec.parse(words)
        #expect(exec.name == NamespaceSelector("client") && exec.argv == argv)
    }

    @Test(arguments: [
        ("server/eth0", "server", "eth0"), ("alice:server/eth0", "alice:server", "eth0"), ("eth0", nil, "eth0"),
        ("1000:server/eth0.100", "1000:server", "eth0.100"),
    ])
    func placesAreRead(_ word: String, _ netns: String?, _ link: String) throws {
        let place = try #require(LinkPlace.make(word))
        #expect(place.netns?.description == netns && place.link.text == link)
    }

    @Test(arguments: [
        "", "/", "/eth0", "server/", "server/eth0/x", "-x/eth0", "a:b:c/eth0", "server/sixteen-letters-", "x/..",
    ])
    func otherPlacesAreNot(_ word: String) {
        #expect(LinkPlace.make(word) == nil)
    }
}
