// The old commands' grammar, as far as it can be looked at without an agent.

import NetnsClient
import Testing

@testable import OldCommands

@Suite("Words, as iproute2 reads them")
struct WordTests {
    @Test(
        "A word is a command's beginning, or is not",
        arguments: [
            ("a", "address", true), ("addr", "address", true), ("address", "address", true),
            ("addresses", "address", false),
            ("", "address", false), ("b", "address", false),
        ])
    func abbreviations(_ word: String, _ command: String, _ isOne: Bool) {
        #expect(word.begins(command) == isOne)
    }

    @Test("Numbers are strtoul's: decimal, hexadecimal, octal")
    func numbers() {
        #expect(number("10") == 10)
        #expect(number("0x1f") == 31)
        #expect(number("017") == 15)
        #expect(number("0") == 0)
        #expect(number("-1") == nil)
        #expect(number("1x") == nil)
    }

    @Test("Destinations may be written short")
    func destinations() throws {
        #expect(try destination("10.22/16") == .prefix(IPPrefix("10.22.0.0/16")!))
        #expect(try destination("10") == .prefix(IPPrefix("10.0.0.0/8")!))
        #expect(try destination("default") == .any)
        #expect(throws: Failure.self) { try destination("foo") }
        #expect(throws: Failure.self) { try destination("10.0.0.0/33") }
    }

    @Test("A file of commands: comments, continued lines, quotation marks")
    func batch() {
        let lines = logicalLines("link add a\\\n type veth # and so on\n# nothing\n\nlink set a alias 'b c'")
        #expect(lines.map(\.number) == [1, 3, 4, 5])
        #expect(splitWords(lines[0].text) == ["link", "add", "a", "type", "veth"])
        #expect(splitWords(lines[1].text).isEmpty)
        #expect(splitWords(lines[3].text) == ["link", "set", "a", "alias", "b c"])
    }

    @Test(
        "Labels match patterns as with fnmatch(3)",
        arguments: [
            ("eth0:1", "eth0:*", true), ("eth0", "eth0:*", false), ("eth0", "eth?", true), ("eth0", "*", true),
            ("eth0", "e*0", true), ("eth0", "eth1", false),
        ])
    func patterns(_ text: String, _ pattern: String, _ matches: Bool) {
        #expect(matchesPattern(text, pattern) == matches)
    }
}

@Suite("What net-tools makes of addresses")
struct ClassTests {
    @Test(
        "Without a mask the class decides (RFC 791)",
        arguments: [
            ("10.0.100.254", 8), ("127.0.0.1", 8), ("172.16.0.1", 16), ("191.255.0.1", 16), ("192.168.100.1", 24),
            ("223.1.1.1", 24),
        ])
    func classes(_ address: String, _ length: Int) {
        #expect(IPAddress(address)!.classLength == length)
    }

    @Test("Masks have lengths, or holes")
    func masks() {
        #expect(IPAddress("255.255.255.0")!.maskLength == 24)
        #expect(IPAddress("0.0.0.0")!.maskLength == 0)
        #expect(IPAddress("255.255.255.255")!.maskLength == 32)
        #expect(IPAddress("255.255.0.255")!.maskLength == nil)
        #expect(IPPrefix("10.1.2.3/20")!.mask == IPAddress("255.255.240.0"))
        #expect(IPPrefix("10.1.2.3/20")!.edge(ones: true) == IPAddress("10.1.15.255"))
        #expect(IPPrefix("10.1.2.3/20")!.contains(IPAddress("10.1.15.1")!))
        #expect(!IPPrefix("10.1.2.3/20")!.contains(IPAddress("10.1.16.1")!))
    }
}

@Suite("Printing, as iproute2 does it")
struct PrinterTests {
    private func printed(_ style: Style) -> String {
        let printer = Printer(style)
        printer.openArray()
        printer.openObject()
        printer.string("name", "a\"b", "name ")
        printer.openArray("flags")
        printer.json(nil, "UP")
        printer.json(nil, "LOOPBACK")
        printer.closeArray()
        printer.number("mtu", 1500, "mtu ")
        printer.openArray("none")
        printer.closeArray()
        printer.closeObject()
        printer.closeArray()
        printer.endDocument()
        return printer.take()
    }

    @Test func text() { #expect(printed(Style()) == "name a\"b mtu 1500 ") }

    @Test func json() {
        #expect(
            printed(Style(json: true)) == #"[{"name":"a\"b","flags":["UP","LOOPBACK"],"mtu":1500,"none":[]}]"# + "\n")
    }

    @Test("The pretty form ends no line behind a bracket")
    func pretty() {
        let expected = """
            [ {
                    "name": "a\\"b",
                    "flags": [ "UP","LOOPBACK" ],
                    "mtu": 1500,
                    "none": [ ]
                } ]

            """
        #expect(printed(Style(json: true, pretty: true)) == expected)
    }

    @Test("Colours are iproute2's, on light and on dark")
    func colours() {
        let light = Printer(Style(colour: true))
        light.coloured("eth0", .interface)
        #expect(light.take() == "\u{1B}[36meth0\u{1B}[0m")
        let dark = Printer(Style(colour: true, darkBackground: true))
        dark.coloured("eth0", .interface)
        #expect(dark.take() == "\u{1B}[1;36meth0\u{1B}[0m")
    }
}
