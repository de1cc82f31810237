// Policy: which rule decides for whom, and what a file may say.

import Glibc
import IPRoute
import Testing
import Wire

@testable import Agent

private func policy(_ texts: String...) throws -> Policy {
    var policy = Policy()
    for (number, text) in texts.enumerated() { try policy.add(Array(text.utf8), from: "\(number).yaml") }
    return policy
}

private func person(_ account: String? = "alice", uid: uid_t = 1000, groups: Set<gid_t> = []) -> Person {
    Person(uid: uid, account: account, groups: groups)
}

@Suite("Policy")
struct PolicyTests {
    @Test("Without a file the built-in defaults hold")
    func builtIn() throws {
        let grants = try #require(Policy().grants(for: person()))
        #expect(grants.limit(.namespaces).value == .at(8))
        #expect(grants.limit(.namespaces).rule == "the built-in defaults")
        #expect(grants.kinds.value == LinkKind.allCases)
        #expect(!grants.delegate.value)
    }

    @Test("Key by key, a user's rule comes before a group's, a group's before the defaults")
    func precedence() throws {
        let policy = try policy(
            """
            version: 1
            defaults: {namespaces: 1, links: 1, addresses: 1}
            groups:
              root: {namespaces: 2, links: 2}
            users:
              alice: {namespaces: 3}
            """)
        let grants = try #require(policy.grants(for: person(groups: [0])))
        #expect(grants.limit(.namespaces).value == .at(3))
        #expect(grants.limit(.namespaces).rule == "users.alice in 0.yaml")
        #expect(grants.limit(.links).value == .at(2))
        #expect(grants.limit(.links).rule == "groups.root in 0.yaml")
        #expect(grants.limit(.addresses).value == .at(1))
        #expect(grants.limit(.routes).rule == "the built-in defaults")
    }

    @Test("Of several groups the most generous, key by key")
    func severalGroups() throws {
        let policy = try policy(
            """
            version: 1
            groups:
              root: {namespaces: 2, links: unlimited, kinds: [veth], sysctl: [net.ipv4.ip_forward], delegate: true}
              daemon: {namespaces: 5, links: 9, kinds: [bridge], sysctl: ["net.ipv6.*"], delegate: false}
            """)
        let daemon = try #require(getgrnam("daemon")).pointee.gr_gid
        let grants = try #require(policy.grants(for: person(groups: [0, daemon])))
        #expect(grants.limit(.namespaces).value == .at(5))
        #expect(grants.limit(.namespaces).rule == "groups.daemon in 0.yaml")
        #expect(grants.limit(.links).value == .unlimited)
        #expect(Set(grants.kinds.value) == [.veth, .bridge])
        #expect(Set(grants.sysctl.value.map(\.description)) == ["net.ipv4.ip_forward", "net.ipv6.*"])
        #expect(grants.delegate.value)
    }

    @Test("A uid without an account gets nothing unless a rule names it by number")
    func noAccount() throws {
        let policy = try policy("version: 1\nusers: {\"77\": {namespaces: 2}}\n")
        #expect(policy.grants(for: person(nil, uid: 78)) == nil)
        #expect(policy.grants(for: person(nil, uid: 77))?.limit(.namespaces).value == .at(2))
    }

    @Test("root has no limits unless a rule names it; the defaults are not for root")
    func root() throws {
        let plain = try policy("version: 1\ndefaults: {namespaces: 1}\n")
        #expect(plain.grants(for: person("root", uid: 0))?.limit(.namespaces).value == .unlimited)
        let named = try policy("version: 1\nusers: {root: {namespaces: 4}}\n")
        #expect(named.grants(for: person("root", uid: 0))?.limit(.namespaces).value == .at(4))
        #expect(named.grants(for: person("root", uid: 0))?.limit(.links).value == .unlimited)
    }

    @Test("A later file's key replaces an earlier one's")
    func dropIns() throws {
        let policy = try policy(
            "version: 1\ndefaults: {namespaces: 1, links: 2}\n", "version: 1\ndefaults: {links: 3}\n")
        let grants = try #require(policy.grants(for: person()))
        #expect(grants.limit(.namespaces).value == .at(1))
        #expect(grants.limit(.links).value == .at(3))
        #expect(grants.limit(.links).rule == "defaults in 1.yaml")
        #expect(policy.files == ["0.yaml", "1.yaml"])
    }

    @Test(
        "What is wrong is said with file, line and column",
        arguments: [
            ("version: 2\n", "0.yaml:1:10"), ("{}\n", "0.yaml:1:1"),
            ("version: 1\nusers:\n  a:\n    link: 1\n", "0.yaml:4:5"),
            ("version: 1\ndefaults: {links: -1}\n", "0.yaml:2:19"),
            ("version: 1\ndefaults: {links: 1000001}\n", "0.yaml:2:19"),
            ("version: 1\ndefaults: {links: plenty}\n", "0.yaml:2:19"),
            ("version: 1\ndefaults: {links: 1.5}\n", "0.yaml:2:19"),
            ("version: 1\ndefaults: {kinds: [veth, tun]}\n", "0.yaml:2:26"),
            ("version: 1\ndefaults: {sysctl: [kernel.pid_max]}\n", "0.yaml:2:21"),
            ("version: 1\ndefaults: {delegate: 'yes'}\n", "0.yaml:2:22"),
            ("version: 1\ngroups:\n  no-such-group-here:\n    links: 1\n", "0.yaml:4:5"),
        ])
    func faults(text: String, place: String) {
        do {
            _ = try policy(text)
            Issue.record("it was taken: \(text)")
        } catch {
            #expect("\(error)".hasPrefix(place + ":"), "\(error)")
        }
    }
}

@Suite("Patterns of sysctl keys")
struct SysctlPatternTests {
    @Test(
        "A pattern allows its key, or all that begin like it",
        arguments: [
            ("net.ipv4.ip_forward", "net.ipv4.ip_forward", true),
            ("net.ipv4.ip_forward", "net.ipv4.ip_forward2", false),
            ("net.ipv4.conf.*", "net.ipv4.conf.eth0.forwarding", true),
            ("net.ipv4.conf.*", "net/ipv4/conf/eth0.100/forwarding", true),
            ("net.ipv4.conf.*", "net.ipv4.config", false), ("net.ipv4.tcp_*", "net.ipv4.tcp_rmem", true),
            ("net.ipv4.tcp_*", "net.ipv4.udp_rmem_min", false), ("net.ipv4.tcp_*", "net.ipv6.tcp_rmem", false),
            ("net.*", "net.core.somaxconn", true), ("net.ipv4.conf.*", "net.ipv4.conf", false),
        ])
    func allows(pattern: String, key: String, allowed: Bool) throws {
        let pattern = try #require(SysctlPattern(pattern))
        let key = SysctlKey(key)
        #expect(key.map(pattern.allows) ?? false == allowed)
    }

    @Test(
        "A level is looked into where a key below it may be allowed",
        arguments: [
            ("net.ipv4.conf.*", "net", true), ("net.ipv4.conf.*", "net.ipv4", true),
            ("net.ipv4.conf.*", "net.ipv4.conf.eth0", true), ("net.ipv4.conf.*", "net.ipv4.neigh", false),
            ("net.ipv4.conf.*", "net.ipv6", false), ("net.ipv4.conf.lo*", "net.ipv4.conf.eth0", false),
            ("net.ipv4.ip_forward", "net.ipv4", true), ("net.ipv4.ip_forward", "net.ipv4.ip_forward", true),
            ("net.ipv4.ip_forward", "net.ipv4.conf", false), ("net.ipv4.ip_forward", "net.ipv4.ip_forward.x", false),
        ])
    func reaches(pattern: String, level: String, reached: Bool) throws {
        let pattern = try #require(SysctlPattern(pattern))
        #expect(try pattern.reaches(#require(SysctlName(level))) == reached)
    }

    @Test(
        "What is no pattern",
        arguments: ["", "net", "*", "kernel.*", "net..ipv4", "net.*.conf", "net.ip*v4", "net.", "net.ipv4.*x"])
    func refused(text: String) {
        #expect(SysctlPattern(text) == nil)
    }
}
