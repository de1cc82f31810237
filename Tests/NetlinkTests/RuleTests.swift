// Routing rules: golden requests, and a real kernel compared with `ip -j -d rule`.

import CMnl
import IPRoute
import JSON
import SystemPackage
import Testing

@testable import Netlink

private func spec(_ change: (inout RuleSpec) -> Void) -> RuleSpec {
    var spec = RuleSpec()
    change(&spec)
    return spec
}

@Suite struct RuleMessageTests {
    @Test func addCarriesEverything() {
        let everything = spec {
            $0.priority = word(10)
            $0.src = Destination("10.0.0.0/8")
            $0.dst = Destination("1.2.3.4")
            ($0.iif, $0.oif) = (name("d0"), name("d1"))
            ($0.fwmark, $0.fwmask) = (word(5), word(0xff))
            ($0.tos, $0.ipproto) = (Octet(16), Octet(6))
            ($0.sport, $0.dport) = (Port(5), Port(443))
            $0.not = true
            $0.table = RouteTable(1000)
            $0.suppressPrefixlength = PrefixLength(0)
        }
        #expect(
            NetlinkMessage.addRule(everything).finished(adding: [], sequence: 1) == [
                124, 0, 0, 0, 32, 0, 0x01, 0x06, 1, 0, 0, 0, 0, 0, 0, 0,  // nlmsghdr: RTM_NEWRULE
                2, 32, 8, 16, 0, 0, 0, 1,  // fib_rule_hdr: family, dst_len, src_len, tos, table, res1, res2, action
                2, 0, 0, 0,  // flags: FIB_RULE_INVERT
                8, 0, 6, 0, 10, 0, 0, 0,  // FRA_PRIORITY
                8, 0, 2, 0, 10, 0, 0, 0,  // FRA_SRC
                8, 0, 1, 0, 1, 2, 3, 4,  // FRA_DST
                7, 0, 3, 0, 0x64, 0x30, 0, 0,  // FRA_IIFNAME "d0"
                7, 0, 17, 0, 0x64, 0x31, 0, 0,  // FRA_OIFNAME "d1"
                8, 0, 10, 0, 5, 0, 0, 0,  // FRA_FWMARK
                8, 0, 16, 0, 0xff, 0, 0, 0,  // FRA_FWMASK
                5, 0, 22, 0, 6, 0, 0, 0,  // FRA_IP_PROTO
                8, 0, 23, 0, 5, 0, 5, 0,  // FRA_SPORT_RANGE
                8, 0, 24, 0, 0xbb, 1, 0xbb, 1,  // FRA_DPORT_RANGE
                8, 0, 15, 0, 0xe8, 3, 0, 0,  // FRA_TABLE
                8, 0, 14, 0, 0, 0, 0, 0,  // FRA_SUPPRESS_PREFIXLEN
            ])
    }

    @Test func deleteSaysOnlyWhatIsGiven() {
        #expect(
            NetlinkMessage.deleteRule(spec { $0.priority = word(10) }).finished(adding: [], sequence: 1) == [
                36, 0, 0, 0, 33, 0, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0,  // nlmsghdr: RTM_DELRULE
                2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // fib_rule_hdr
                8, 0, 6, 0, 10, 0, 0, 0,  // FRA_PRIORITY
            ])
    }
}

@Suite struct RuleTests {
    /// One of every kind.
    private let specs = [
        spec {
            $0.src = Destination("10.0.0.0/8")
            $0.table = RouteTable(77)
        },
        spec {
            $0.src = Destination("10.0.0.1")
            $0.dst = Destination("10.1.0.0/16")
            $0.priority = word(50)
        },
        spec {
            $0.fwmark = word(5)
            $0.table = RouteTable(100_000)
        },
        spec {
            $0.fwmark = word(0x10)
            $0.fwmask = word(0xf0)
            $0.priority = word(70)
        },
        spec {
            $0.iif = name("lo")
            $0.oif = name("d0")
            $0.action = .unreachable
        },
        spec {
            $0.oif = name("d1")
            $0.action = .prohibit
        },
        spec {
            $0.not = true
            $0.src = Destination("10.0.0.0/8")
            $0.action = .blackhole
        },
        spec {
            $0.ipproto = Octet(6)
            $0.sport = Port(1024)
            $0.dport = Port(443)
        },
        spec {
            $0.ipproto = Octet(17)
            $0.dport = Port(53)
            $0.table = .standard
        },
        spec { $0.ipproto = Octet(200) },
        spec { $0.tos = Octet(0x10) },
        spec {
            $0.table = .main
            $0.suppressPrefixlength = PrefixLength(0)
            $0.priority = word(60)
        },
        spec {
            $0.src = Destination("fd00::/8")
            $0.table = RouteTable(300)
        },
        spec {
            $0.dst = Destination("fd00::1")
            $0.tos = Octet(4)
            $0.action = .prohibit
        },
        spec {
            $0.family = .inet6
            $0.fwmark = word(9)
            $0.not = true
            $0.ipproto = Octet(58)
        },
        spec {
            $0.family = .inet6
            $0.suppressPrefixlength = PrefixLength(0)
            $0.table = .main
            $0.priority = word(1)
        },
    ]

    private func compare(_ namespace: borrowing TestNamespace) throws -> [Rule] {
        let ours = try namespace.socket.rules()
        let theirs = try namespace.json("-4 rule show") + namespace.json("-6 rule show")
        // Whether a rule's device exists now is not part of the rule.
        let ignored: Set = ["family", "oif_detached", "iif_detached"]
        expectEqual(try shown(ours, without: ignored), theirs.map { comparable($0, without: ignored) })
        return ours
    }

    @Test func showsWhatIpShowsAndDeletesWhatItAdded() throws {
        let namespace = try TestNamespace.withPair()
        let before = try compare(namespace)
        #expect(before.count == 5)  // local, main, default; IPv6 has no default
        for spec in specs { try namespace.socket.addRule(spec) }
        let after = try compare(namespace)
        #expect(after.count == before.count + specs.count)
        #expect(try namespace.socket.countRules() == specs.count)
        let masked = try #require(after.first { $0.priority == word(70) })
        #expect((masked.fwmark, masked.fwmask, masked.table, masked.protocol) == ("0x10", "0xf0", .main, .unspecified))
        #expect(after.contains { $0.not == true && $0.action == .blackhole && $0.table == nil })
        #expect(after.contains { $0.suppressPrefixlength == 0 && $0.family == .inet6 })

        for spec in specs { try namespace.socket.deleteRule(spec) }
        #expect(try compare(namespace) == before)
    }

    @Test func showsWhatOnlyOthersMake() throws {
        let namespace = try TestNamespace.withPair()
        try namespace.run("rule add dport 10-20 sport 30-40 ipproto sctp table 7 pref 3")
        try namespace.run("rule add goto 32766 pref 5")
        try namespace.run("rule add oif gone table 7 pref 6 protocol static")
        let rules = try compare(namespace)
        #expect(rules.first { $0.priority == word(3) }?.dportEnd == 20)
        #expect(rules.first { $0.priority == word(5) }?.goto == word(32766))
        #expect(try namespace.socket.flushRules() == 3)
        #expect(try compare(namespace).count == 5)
    }

    @Test func filtersAndFlushes() throws {
        let namespace = try TestNamespace.withPair()
        for spec in specs { try namespace.socket.addRule(spec) }
        var filter = RuleFilter()
        filter.table = RouteTable(300)
        #expect(try namespace.socket.rules(filter).map(\.src) == ["fd00::"])
        filter = RuleFilter()
        filter.priority = word(50)
        #expect(try namespace.socket.rules(filter).map(\.dst) == ["10.1.0.0"])
        #expect(try namespace.socket.flushRules(filter) == 1)
        filter = RuleFilter()
        filter.family = .inet6
        #expect(try namespace.socket.rules(filter).allSatisfy { $0.family == .inet6 })
        #expect(try namespace.socket.flushRules(filter) == 4)
        #expect(try namespace.socket.flushRules() == specs.count - 5)
        #expect(try namespace.socket.flushRules() == 0)
        #expect(try namespace.socket.countRules() == 0)
        #expect(try namespace.socket.rules().count == 5)
    }

    @Test func errorsSayWhatTheKernelSaid() throws {
        let namespace = try TestNamespace.withPair()
        let rule = spec {
            $0.src = Destination("10.0.0.0/8")
            $0.priority = word(9)
        }
        try namespace.socket.addRule(rule)
        let twice = try failure { () throws(NetlinkError) in try namespace.socket.addRule(rule) }
        #expect((twice.errno, twice.subject) == (.fileExists, "priority 9 from 10.0.0.0/8"))
        let none = spec { $0.priority = word(8) }
        #expect(
            try failure { () throws(NetlinkError) in try namespace.socket.deleteRule(none) }.errno
                == .noSuchFileOrDirectory)
        let nothing = spec { $0.family = .inet6 }
        #expect(
            try failure { () throws(NetlinkError) in try namespace.socket.deleteRule(nothing) }.errno
                == .invalidArgument)
        #expect(try namespace.socket.rules().count == 6)
    }
}
