// Names of namespaces and of kernel parameters, good and bad.

import JSON
import Testing
import Wire

@Suite("Names")
struct NameTests {
    @Test(
        "Namespace names",
        arguments: [
            "a", "server", "_", "9", "a.b-c_d", "A..", "default", String(repeating: "x", count: 64),
        ])
    func goodName(_ text: String) throws {
        #expect(NamespaceName(text)?.text == text)
        #expect(NamespaceSelector(text)?.description == text)
        #expect(NamespaceSelector(text)?.owner == nil)
        #expect(try JSONValue.string(text).decode(NamespaceName.self).text == text)
    }

    @Test(
        "What is no namespace name",
        arguments: [
            "", ".", "..", "-a", ".a", "a/b", "a b", "a\n", "\na", "a\u{0}", "\u{1B}[2J", "é", "a\u{301}", "a:b", "a%",
            String(repeating: "x", count: 65), String(repeating: "x", count: 256),
        ])
    func badName(_ text: String) {
        #expect(NamespaceName(text) == nil)
        #expect(throws: JSONError.self) { try JSONValue.string(text).decode(NamespaceName.self) }
    }

    @Test(
        "Selectors with an owner",
        arguments: [
            ("alice:server", "alice", "server"), ("1000:server", "1000", "server"), ("a.b-c$:x", "a.b-c$", "x"),
            ("DOMAIN\\alice:x", "DOMAIN\\alice", "x"),
        ])
    func goodSelector(_ text: String, _ owner: String, _ name: String) throws {
        let selector = try #require(NamespaceSelector(text))
        #expect(selector.owner == owner && selector.name.text == name && selector.description == text)
        #expect(try JSONValue(encoding: selector) == .string(text))
    }

    @Test(
        "What is no selector",
        arguments: [
            "", ":", "alice:", ":server", "a:b:c", "a b:c", "a/b:c", "é:c", "alice:.x", "alice: x", "alice:x\n",
            String(repeating: "o", count: 65) + ":x",
        ])
    func badSelector(_ text: String) { #expect(NamespaceSelector(text) == nil) }

    @Test(
        "Keys of kernel parameters",
        arguments: [
            ("net.ipv4.ip_forward", ["net", "ipv4", "ip_forward"], "net.ipv4.ip_forward"),
            ("net/ipv4/ip_forward", ["net", "ipv4", "ip_forward"], "net.ipv4.ip_forward"),
            (
                "net.ipv4.conf.all.rp_filter", ["net", "ipv4", "conf", "all", "rp_filter"],
                "net.ipv4.conf.all.rp_filter"
            ),
            (
                "net.ipv4.conf.eth0.100.forwarding", ["net", "ipv4", "conf", "eth0.100", "forwarding"],
                "net.ipv4.conf.eth0/100.forwarding"
            ),
            (
                "net/ipv6/neigh/a.b.c/mcast_solicit", ["net", "ipv6", "neigh", "a.b.c", "mcast_solicit"],
                "net.ipv6.neigh.a/b/c.mcast_solicit"
            ),
            (
                "net.ipv4.conf.eth0/100.forwarding", ["net", "ipv4", "conf", "eth0.100", "forwarding"],
                "net.ipv4.conf.eth0/100.forwarding"
            ),
            ("net.core.somaxconn", ["net", "core", "somaxconn"], "net.core.somaxconn"),
            (
                "net/ipv4/conf/eth0.10/a/b", ["net", "ipv4", "conf", "eth0.10", "a", "b"], "net/ipv4/conf/eth0.10/a/b"
            ),
        ])
    func goodKey(_ text: String, _ path: [String], _ dotted: String) throws {
        let key = try #require(SysctlKey(text))
        #expect(key.path == path)
        #expect(key.description == dotted)
        #expect(SysctlKey(dotted) == key, "what is shown can be asked for")
    }

    @Test(
        "What is no key",
        arguments: [
            "", "net", "net.ipv4", "net/", "net..ipv4.x", "kernel.core_pattern", "kernel/core/pattern",
            "net/../kernel/x",
            "net/./ipv4/x", "net.ipv4.conf./.x", "net.ipv4.conf.//.x", "net/ipv4/conf//x", "/net/ipv4/x", "net.ipv4.x.",
            "net.ipv4.ip forward", "net.ipv4.é", "net.ipv4.x\n", "net.ipv4." + String(repeating: "x", count: 250),
        ])
    func badKey(_ text: String) { #expect(SysctlKey(text) == nil) }

    @Test(
        "A link's name that no text can name makes no key",
        arguments: ["v\u{1}", "v\u{E9}", "a b", "", "..", "a/b", String(repeating: "x", count: 256)])
    func badElement(_ name: String) { #expect(SysctlName(["net", "ipv4", "conf", name]) == nil) }
}
