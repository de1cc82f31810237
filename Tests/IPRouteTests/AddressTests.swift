// Addresses, prefixes and destinations: what is one, what is none, and how it is written back.

import IPRoute
import Testing

@Suite("Addresses")
struct AddressTests {
    @Test(
        "Addresses, in canonical form (RFC 5952)",
        arguments: [
            ("0.0.0.0", "0.0.0.0", Family.inet), ("255.255.255.255", "255.255.255.255", .inet),
            ("10.0.0.1", "10.0.0.1", .inet), ("::", "::", .inet6), ("::1", "::1", .inet6),
            ("FE80::0:1", "fe80::1", .inet6), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", .inet6),
            ("::ffff:10.0.0.1", "::ffff:10.0.0.1", .inet6), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", .inet6),
        ])
    func good(_ text: String, _ canonical: String, _ family: Family) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical && address.family == family)
        #expect(address.bytes.count == family.addressBytes)
        #expect(IPAddress(bytes: address.bytes) == address)
    }

    @Test(
        "What is no address",
        arguments: [
            "", " ", "10", "10.1", "10.0.0", "10.0.0.0.0", "256.0.0.1", "10.0.0.01", "-1.0.0.0", "10.0.0.1 ",
            " 10.0.0.1",
            "10.0.0.1\n", "10.0.0.1\u{0}", "10.0.0.1/8", "0x0a000001", ":", ":::", "1::2::3", "g::", "fe80::1%lo",
            "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::10.0.0", "[::1]", "localhost",
        ])
    func bad(_ text: String) { #expect(IPAddress(text) == nil) }

    @Test("Bytes are four or sixteen", arguments: [0, 1, 3, 5, 15, 17])
    func bytes(_ count: Int) { #expect(IPAddress(bytes: [UInt8](repeating: 1, count: count)) == nil) }

    @Test(
        "What kind of address",
        arguments: [
            ("0.0.0.0", "unspecified"), ("::", "unspecified"), ("224.0.0.1", "multicast"),
            ("239.255.255.255", "multicast"),
            ("240.0.0.0", ""), ("223.255.255.255", ""), ("ff02::1", "multicast"), ("127.0.0.1", "loopback"),
            ("127.255.0.1", "loopback"), ("128.0.0.1", ""), ("::1", "loopback"), ("::2", ""), ("169.254.1.1", "link"),
            ("169.253.1.1", ""), ("fe80::1", "link"), ("febf::1", "link"), ("fec0::1", ""), ("10.0.0.1", ""),
        ])
    func kinds(_ text: String, _ kind: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.isUnspecified == (kind == "unspecified"))
        #expect(address.isMulticast == (kind == "multicast"))
        #expect(address.isLoopback == (kind == "loopback"))
        #expect(address.isLinkLocal == (kind == "link"))
    }

    @Test(
        "Prefixes",
        arguments: [
            ("10.0.0.1/24", "10.0.0.1/24", 24, false), ("10.0.0.0/24", "10.0.0.0/24", 24, true),
            ("0.0.0.0/0", "0.0.0.0/0", 0, true), ("10.0.0.1", "10.0.0.1/32", 32, true),
            ("fd00::1/64", "fd00::1/64", 64, false), ("fd00::/7", "fd00::/7", 7, false),
            ("fc00::/7", "fc00::/7", 7, true),
            ("::/0", "::/0", 0, true), ("::1", "::1/128", 128, true), ("10.128.0.0/9", "10.128.0.0/9", 9, true),
            ("10.192.0.0/9", "10.192.0.0/9", 9, false), ("::1/127", "::1/127", 127, false),
        ])
    func goodPrefix(_ text: String, _ canonical: String, _ length: Int, _ isNetwork: Bool) throws {
        let prefix = try #require(IPPrefix(text))
        #expect(prefix.description == canonical && prefix.length == length && prefix.isNetwork == isNetwork)
        #expect(prefix.isHost == (length == prefix.family.addressBits))
    }

    @Test(
        "What is no prefix",
        arguments: [
            "", "/", "/24", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/-1", "10.0.0.1/+1", "10.0.0.1/024", "10.0.0.1/00",
            "10.0.0.1/24/", "10.0.0.1/24 ", "10.0.0.1/ 24", "10.0.0.1/255.255.255.0", "10.0.0.1/4294967320",
            "10.0.0.1/18446744073709551640", "::/129", "::1/1e2", "default", "10.0.0.1/２４",
        ])
    func badPrefix(_ text: String) { #expect(IPPrefix(text) == nil) }

    @Test(
        "Destinations",
        arguments: [
            ("default", "default"), ("all", "default"), ("any", "default"), ("10.0.0.0/8", "10.0.0.0/8"),
            ("10.0.0.1", "10.0.0.1"), ("10.0.0.1/32", "10.0.0.1"), ("fd00::/8", "fd00::/8"), ("::1/128", "::1"),
            ("0.0.0.0/0", "0.0.0.0/0"), ("::/0", "::/0"),
        ])
    func goodDestination(_ text: String, _ canonical: String) throws {
        #expect(try #require(Destination(text)).description == canonical)
    }

    @Test(
        "What is no destination", arguments: ["", "10.0.0.1/8", "fd00::1/64", "Default", "0/0", "10/8", "10.0.0.0/33"])
    func badDestination(_ text: String) { #expect(Destination(text) == nil) }
}
