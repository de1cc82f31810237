// Numbers with ranges, and the words that stand for numbers.

import IPRoute
import JSON
import Testing

@Suite("Numbers and words")
struct NumberTests {
    static let bounded: [(any BoundedInteger.Type, ClosedRange<Int>)] = [
        (MTU.self, 68...65535), (VLANId.self, 1...4094), (VNI.self, 0...16_777_215), (Port.self, 1...65535),
        (Octet.self, 0...255), (Word.self, 0...4_294_967_295), (NexthopWeight.self, 1...256),
    ]

    @Test("Ranges end where they say", arguments: bounded.indices)
    func ranges(_ index: Int) {
        func check<Number: BoundedInteger>(_ type: Number.Type, _ range: ClosedRange<Int>) {
            func decodes(_ value: Int) -> Bool { (try? JSONValue.integer(Int64(value)).decode(type)) != nil }
            for value in [range.lowerBound, range.upperBound] {
                #expect(Number(value)?.value == value && decodes(value))
                #expect(Number(text: String(value))?.value == value)
            }
            for value in [range.lowerBound - 1, range.upperBound + 1, .min, .max] {
                #expect(Number(value) == nil && !decodes(value))
                #expect(Number(text: String(value)) == nil)
            }
        }
        check(Self.bounded[index].0, Self.bounded[index].1)
    }

    @Test(
        "Tables",
        arguments: [
            ("main", 254, "main"), ("local", 255, "local"), ("default", 253, "default"), ("254", 254, "main"),
            ("1", 1, "1"), ("4294967295", 4_294_967_295, "4294967295"),
        ] as [(String, UInt32, String)])
    func goodTable(_ text: String, _ number: UInt32, _ canonical: String) throws {
        #expect(RouteTable(text)?.number == number)
        #expect(RouteTable(text)?.description == canonical)
        #expect(try JSONValue.string(text).decode(RouteTable.self).number == number)
        #expect(try JSONValue.integer(Int64(number)).decode(RouteTable.self).number == number)
    }

    @Test(
        "What is no table",
        arguments: ["", "0", "-1", "+1", "01", "4294967296", "18446744073709551615", "Main", "unspec"])
    func badTable(_ text: String) { #expect(RouteTable(text) == nil) }

    @Test(
        "Scopes",
        arguments: [
            ("global", 0), ("site", 200), ("link", 253), ("host", 254), ("nowhere", 255), ("7", 7), ("0", 0),
            ("255", 255),
        ] as [(String, UInt8)])
    func goodScope(_ text: String, _ number: UInt8) { #expect(RouteScope(text)?.number == number) }

    @Test("What is no scope and no protocol", arguments: ["", "256", "-1", "007", "Global", "universe", "1.0"])
    func badScope(_ text: String) {
        #expect(RouteScope(text) == nil)
        #expect(RouteProtocol(text) == nil)
    }

    @Test(
        "Protocols",
        arguments: [
            ("unspec", 0), ("kernel", 2), ("boot", 3), ("static", 4), ("ra", 9), ("dhcp", 16), ("bgp", 186), ("77", 77),
        ] as [(String, UInt8)])
    func goodProtocol(_ text: String, _ number: UInt8) { #expect(RouteProtocol(text)?.number == number) }

    @Test("Words keep the kernel's numbers")
    func numbers() {
        #expect(RouteType.unicast.number == 1 && RouteType.blackhole.number == 6 && RouteType.xresolve.number == 11)
        #expect(RouteType(number: 12) == nil)
        #expect(
            RuleAction.lookup.number == 1 && RuleAction(number: 2) == .goto && RuleAction(number: 4) == nil
                && RuleAction(number: 8) == .prohibit)
        #expect(NeighbourState.incomplete.bit == 0x01 && NeighbourState.permanent.bit == 0x80)
        #expect(Family.inet.number == 2 && Family.inet6.number == 10 && Family(number: 1) == nil)
    }

    @Test("Toggles and tunnel keys come in two spellings and go in one")
    func spellings() throws {
        #expect(try JSONValue.bool(true).decode(Toggle.self) == JSONValue.integer(1).decode(Toggle.self))
        #expect(try JSONValue(encoding: Toggle(false)) == 0)
        #expect(throws: JSONError.self) { try JSONValue.integer(2).decode(Toggle.self) }
        #expect(try JSONValue.string("1.2.3.4").decode(TunnelKey.self) == TunnelKey(0x0102_0304))
        #expect(try JSONValue(encoding: TunnelKey(7)) == "0.0.0.7")
        #expect(throws: JSONError.self) { try JSONValue.string("::1").decode(TunnelKey.self) }
        #expect(throws: JSONError.self) { try JSONValue.integer(1 << 32).decode(TunnelKey.self) }
    }
}
