// Objects: order, lookup and size; hostile sizes; and what survives being written and read again.

import JSON
import Testing

@Suite struct ObjectTests {
    @Test(arguments: [0, 1, 15, 16, 17, 18, 100])
    func keepsOrderAndFindsKeys(count: Int) {
        var object = JSONObject()
        for number in 0..<count { object["k\(number * 7 % 101)"] = .integer(Int64(number)) }
        #expect(Array(object.keys) == (0..<count).map { "k\($0 * 7 % 101)" })
        for number in 0..<count { #expect(object["k\(number * 7 % 101)"] == .integer(Int64(number))) }
        #expect(object["absent"] == nil && object.index(of: "absent") == nil)
        object["k0"] = "replaced"
        #expect(object.count == max(count, 1) && object.first?.value == "replaced")
        while let last = object.last { object[last.key] = nil }
        #expect(object.isEmpty && object["k0"] == nil)
    }

    @Test func equalityIgnoresOrder() {
        let left: JSONValue = ["a": 1, "b": [1, 2]]
        let right: JSONValue = ["b": [1, 2], "a": 1]
        #expect(left == right && left.hashValue == right.hashValue)
        #expect(left != ["a": 1, "b": [2, 1]] && left != ["a": 1] && left != ["a": 1, "c": [1, 2]])
        #expect(JSONValue.integer(1) != .real(1) && JSONValue.null != false)
    }

    @Test func accessors() {
        let value: JSONValue = ["s": "x", "i": 1, "r": 1.5, "b": true, "a": [1, [2]], "o": ["k": nil], "n": nil]
        #expect(value["s"]?.stringValue == "x" && value["i"]?.integerValue == 1 && value["b"]?.boolValue == true)
        #expect(value["r"]?.realValue == 1.5 && value["i"]?.realValue == 1 && value["r"]?.integerValue == nil)
        #expect(value["a"]?[1]?[0] == 2 && value["a"]?[2] == nil && value["a"]?[-1] == nil && value["a"]?["k"] == nil)
        #expect(
            value["o"]?["k"]?.isNull == true && value["absent"] == nil && value[0] == nil && value["s"]?["k"] == nil)
        #expect(value["a"]?.arrayValue?.count == 2 && value["o"]?.objectValue?.count == 1 && value.stringValue == nil)
        #expect((["a": 1, "a": 2] as JSONValue).description == #"{"a":2}"#)
    }

    // MARK: Hostile input: a quadratic step would make each of these last minutes.

    @Test func aMegabyteOfBrackets() {
        for bracket in ["[", #"{"a":"#, "[{\"\":"] {
            let text = String(repeating: bracket, count: (1 << 20) / bracket.utf8.count)
            let error = #expect(throws: JSONError.self) { try JSONValue.parse(text) }
            #expect(error?.message.hasSuffix(": nested deeper than 32 levels") == true)
        }
        #expect(throws: JSONError.self) { try JSONValue.parse(String(repeating: "]", count: 1 << 20)) }
        #expect(throws: JSONError.self) { try JSONValue.parse(String(repeating: "\\", count: 1 << 20)) }
    }

    @Test func aHundredThousandKeys() throws {
        let members = (0..<100_000).map { #""key\#($0)":\#($0)"# }.joined(separator: ",")
        let value = try JSONValue.parse("{\(members)}")
        #expect(value.objectValue?.count == 100_000 && value["key99999"] == 99999)
        #expect(try value.decode([String: Int].self)["key500"] == 500)
        #expect(try JSONValue(encoding: value.decode([String: Int].self)) == value)
        #expect(try JSONValue.parse(value.serialized()[...]) == value)

        struct Small: Decodable { var key99998: Int }
        #expect(throws: JSONError(place: "key0", message: "unknown parameter")) { try value.decode(Small.self) }
        #expect(try value.decode(Small.self, unknownKeys: .ignore).key99998 == 99998)

        let error = #expect(throws: JSONError.self) { try JSONValue.parse("{\(members),\"key0\":1}") }
        #expect(error?.message == #"line 1, column \#(members.utf8.count + 8): duplicate key "key0""#)
        let keys = (0..<100_000).map { #""é\#($0)":0"# }.joined(separator: ",")
        #expect(throws: JSONError.self) { try JSONValue.parse("{\(keys),\"e\u{301}0\":1}") }
    }

    @Test func longInputIsCutInMessages() {
        let key = String(repeating: "é", count: 1000)
        let place = "params[\"\(String(repeating: "é", count: 32))…\"]"
        #expect(throws: JSONError(place: place, message: "unknown parameter")) {
            try JSONValue.object([key: 1]).decode(AsksForNothing.self, place: "params")
        }
    }

    // MARK: Properties

    @Test(arguments: 0..<64 as Range<UInt64>)
    func survivesBeingWrittenAndRead(seed: UInt64) throws {
        var generator = SplitMix(state: seed)
        for _ in 0..<20 {
            let value = JSONValue.random(depth: 5, using: &generator)
            for pretty in [false, true] {
                let bytes = value.serialized(pretty: pretty)
                let again = try JSONValue.parse(bytes)
                #expect(again == value)
                #expect(again.serialized(pretty: pretty) == bytes)
                #expect(!bytes.contains { $0 < 0x20 && $0 != 0x0A || $0 == 0x7F })
                #expect(pretty || !bytes.contains(0x0A))
            }
            #expect(try value.decode(JSONValue.self) == value)
            #expect(try JSONValue(encoding: value) == value)
            // JSON is YAML, but for the characters that YAML 1.2.2, section 5.1, leaves out.
            let text = value.description
            if !text.unicodeScalars.contains(where: { ["\u{FEFF}", "\u{FFFE}", "\u{FFFF}"].contains($0) }) {
                #expect(try YAMLDocument.parse(Array(text.utf8), file: "").value == value)
            }
        }
    }
}

private struct AsksForNothing: Decodable {}

/// SplitMix64: the same numbers for the same seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension JSONValue {
    fileprivate static func random(depth: Int, using generator: inout SplitMix) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &generator) {
        case 0: return .null
        case 1: return .bool(.random(using: &generator))
        case 2: return .integer(.random(in: .min ... .max, using: &generator))
        case 3: return .integer(.random(in: -9...9, using: &generator))
        case 4:
            let real = Double(bitPattern: generator.next())
            return .real(real.isFinite ? real : 0.1)
        case 5: return .string(randomString(using: &generator))
        case 6:
            let count = Int.random(in: 0..<5, using: &generator)
            return .array((0..<count).map { _ in random(depth: depth - 1, using: &generator) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0..<25, using: &generator) {
                object[randomString(using: &generator)] = random(depth: depth - 2, using: &generator)
            }
            return .object(object)
        }
    }

    /// Any characters but NUL, controls and quotes more often than others.
    private static func randomString(using generator: inout SplitMix) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0..<12, using: &generator) {
            let limit: UInt32 = [0x80, 0xA0, 0x2070, 0xFFFF, 0x10FFFF].randomElement(using: &generator) ?? 0x80
            let scalar = Unicode.Scalar(UInt32.random(in: 1...limit, using: &generator))
            text.unicodeScalars.append(scalar ?? "\"")
        }
        return text
    }
}
