// Names of links and link-layer addresses.

import IPRoute
import Testing

@Suite("Names and link-layer addresses")
struct NameTests {
    @Test(
        "Interface names",
        arguments: [
            "a", "eth0", "eth0.100", "br-lan", "...", "a..", "-", "x@y", "a\\b", "~!#$^&*()", "123456789012345",
        ])
    func goodName(_ text: String) {
        #expect(InterfaceName(text)?.text == text)
        #expect(AlternativeName(text)?.text == text)
    }

    @Test(
        "What the kernel or a terminal could not take",
        arguments: [
            "", ".", "..", "a/b", "a b", "a:1", "veth%d", "a\t", "a\n", "\u{0}", "a\u{0}", "\u{1B}", "\u{7F}", "é",
            "\u{A0}",
        ])
    func badName(_ text: String) {
        #expect(InterfaceName(text) == nil)
        #expect(AlternativeName(text) == nil)
    }

    @Test("Fifteen bytes and no more; an alternative name 127; an alias 255")
    func lengths() {
        func letters(_ count: Int) -> String { String(repeating: "a", count: count) }
        #expect(InterfaceName(letters(16)) == nil)
        #expect(AlternativeName(letters(16)) != nil && AlternativeName(letters(127)) != nil)
        #expect(AlternativeName(letters(128)) == nil)
        #expect(LinkAlias(letters(255)) != nil && LinkAlias(letters(256)) == nil)
        #expect(LinkAlias(String(repeating: "é", count: 127)) != nil)
        #expect(LinkAlias(String(repeating: "é", count: 128)) == nil, "it is bytes that count")
        #expect(AddressLabel(letters(15)) != nil && AddressLabel(letters(16)) == nil)
    }

    @Test(
        "Aliases and labels",
        arguments: [
            ("", true, false), ("to the gateway", true, false), ("größer", true, false), ("eth0:1", true, true),
            ("a/b", true, false), ("a\nb", false, false), ("a\u{1B}[2J", false, false), ("a\u{7F}", false, false),
            ("a\u{85}", false, false), ("a\u{0}", false, false),
        ])
    func notes(_ text: String, _ isAlias: Bool, _ isLabel: Bool) {
        #expect((LinkAlias(text) != nil) == isAlias)
        #expect((AddressLabel(text) != nil) == isLabel)
    }

    @Test(
        "Ethernet addresses",
        arguments: [
            ("02:00:00:00:00:01", "02:00:00:00:00:01"), ("2:0:0:0:0:a", "02:00:00:00:00:0a"),
            ("FE:FF:FF:FF:FF:FF", "fe:ff:ff:ff:ff:ff"), ("00:00:00:00:00:01", "00:00:00:00:00:01"),
        ])
    func goodMAC(_ text: String, _ canonical: String) { #expect(MACAddress(text)?.description == canonical) }

    @Test(
        "What no link can have",
        arguments: [
            "", "00:00:00:00:00:00", "0:0:0:0:0:0", "01:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "02:00:00:00:00",
            "02:00:00:00:00:00:01", "02-00-00-00-00-01", "020000000001", "02:00:00:00:00:0g", "02:00:00:00:00:001",
            "02:00:00:00:00:", "02::00:00:00:01", " 02:00:00:00:00:01", "+2:00:00:00:00:01",
        ])
    func badMAC(_ text: String) { #expect(MACAddress(text) == nil) }

    @Test("Any link-layer address has 1 to 32 bytes")
    func linkLayer() {
        func address(_ count: Int) -> LinkLayerAddress? {
            LinkLayerAddress(Array(repeating: "ff", count: count).joined(separator: ":"))
        }
        #expect(address(0) == nil && address(33) == nil)
        #expect(address(1)?.bytes == [255] && address(32)?.bytes.count == 32)
    }

    @Test(
        "A name from the kernel is made fit to show",
        arguments: [
            ("eth0", "eth0"), ("a b", "a\\x20b"), ("\u{1B}[2J", "\\x1b[2J"), ("é", "\\xc3\\xa9"), ("a\\b", "a\\x5cb"),
            ("", ""),
        ])
    func escaped(_ text: String, _ shown: String) { #expect(escapedKernelName(text.utf8) == shown) }
}
