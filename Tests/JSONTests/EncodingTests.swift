// What types encode to, and how a tree is written down.

import JSON
import Testing

@Suite struct EncodingTests {
    @Test func optionalsVanishAndNilsStay() throws {
        struct Record: Encodable {
            enum CodingKeys: CodingKey { case absent, null, also, last }

            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encodeIfPresent(nil as Int?, forKey: .absent)
                try container.encode(nil as Int?, forKey: .null)
                try container.encodeNil(forKey: .also)
                try container.encode([1, nil, 3] as [Int?], forKey: .last)
            }
        }
        #expect(try JSONValue(encoding: Record()).description == #"{"null":null,"also":null,"last":[1,null,3]}"#)
    }

    @Test func scalarsAtTheTop() throws {
        #expect(try JSONValue(encoding: "a") == "a")
        #expect(try JSONValue(encoding: true) == true)
        #expect(try JSONValue(encoding: nil as Int?) == nil)
        #expect(try JSONValue(encoding: 0.5 as Float) == 0.5)
        #expect(try JSONValue(encoding: UInt64(Int64.max)) == .integer(.max))
        #expect(try JSONValue(encoding: [[1], [], [2]]) == [[1], [], [2]])
        #expect(try JSONValue(encoding: [String: Int]()) == [:])
        struct Empty: Encodable {}
        #expect(try JSONValue(encoding: Empty()) == [:])
    }

    @Test func nestedContainersKeepTheirPlace() throws {
        struct Nested: Encodable {
            enum Keys: CodingKey { case a, b, c, d }

            func encode(to encoder: any Encoder) throws {
                var outer = encoder.container(keyedBy: Keys.self)
                var inner = outer.nestedContainer(keyedBy: Keys.self, forKey: .a)
                var list = outer.nestedUnkeyedContainer(forKey: .b)
                try outer.encode(3, forKey: .c)
                try inner.encode(1, forKey: .d)
                try list.encode(2)
                var further = list.nestedContainer(keyedBy: Keys.self)
                try list.encode("end")
                try further.encode(true, forKey: .a)
                try "base".encode(to: outer.superEncoder())
            }
        }
        let text = #"{"a":{"d":1},"b":[2,{"a":true},"end"],"c":3,"super":"base"}"#
        #expect(try JSONValue(encoding: Nested()).description == text)
    }

    @Test func treesJoinWhatIsThere() throws {
        struct Reply: Encodable {
            enum Keys: CodingKey { case id }
            var id: Int
            var rest: JSONObject

            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Keys.self)
                try container.encode(id, forKey: .id)
                try rest.encode(to: encoder)
            }
        }
        #expect(
            try JSONValue(encoding: [Reply(id: 1, rest: ["b": [], "a": nil])]).description
                == #"[{"id":1,"b":[],"a":null}]"#)
    }

    @Test func refusesWhatTheTreeCannotHold() {
        struct Counters: Encodable { var stats: [String: [UInt64]] }
        #expect(
            throws: JSONError(
                place: "stats.rx[1]", message: "must be an integer from -9223372036854775808 to 9223372036854775807")
        ) { try JSONValue(encoding: Counters(stats: ["rx": [1, UInt64(Int64.max) + 1]])) }
        #expect(throws: JSONError(place: "x", message: "must be a finite number")) {
            try JSONValue(encoding: ["x": Double.nan])
        }
        struct Both: Encodable {
            func encode(to encoder: any Encoder) throws {
                var list = encoder.unkeyedContainer()
                try list.encode(1)
                try ["a": 1].encode(to: encoder)
            }
        }
        #expect(throws: JSONError(place: "x", message: "is encoded as different kinds of value at once")) {
            try JSONValue(encoding: ["x": Both()])
        }
    }

    @Test func depthIsLimited() throws {
        final class Chain: Encodable {
            var next: Chain?
            init(_ count: Int) { next = count > 1 ? Chain(count - 1) : nil }
        }
        #expect(try JSONValue.parse(JSONValue(encoding: Chain(32)).serialized())["next"] != nil)
        let place = Array(repeating: "next", count: 32).joined(separator: ".")
        for count in [33, 34, 1000] {
            #expect(throws: JSONError(place: place, message: "nested deeper than 32 levels")) {
                try JSONValue(encoding: Chain(count))
            }
        }
    }

    // MARK: Text

    @Test(
        arguments: [
            (nil, "null"), (true, "true"), (false, "false"), (0, "0"), (.integer(.min), "-9223372036854775808"),
            (1.0, "1.0"), (.real(1e100), "1e+100"), (.real(-.leastNonzeroMagnitude), "-5e-324"),
            (.real(.infinity), "null"),
            ([], "[]"), ([:], "{}"), ([1, "a", [nil]], #"[1,"a",[null]]"#), (["b": 1, "a": [:]], #"{"b":1,"a":{}}"#),
            ("\"\\/\n\r\t", #""\"\\/\n\r\t""#), ("\u{0}\u{1b}[2J\u{1f}\u{7f}", #""\u0000\u001b[2J\u001f\u007f""#),
            ("\u{80}\u{9b}\u{9f}\u{a0}é", "\"\\u0080\\u009b\\u009f\u{a0}é\""),
            (
                "\u{2027}\u{2028}\u{2029}\u{202e}\u{202f}\u{2066}\u{206a}",
                "\"\u{2027}\\u2028\\u2029\\u202e\u{202f}\\u2066\u{206a}\""
            ),
            ("😀", "\"😀\""), (["\u{1b}": 1], #"{"\u001b":1}"#),
        ] as [(JSONValue, String)])
    func writes(value: JSONValue, text: String) {
        #expect(String(decoding: value.serialized(), as: UTF8.self) == text)
        #expect(value.description == text)
        var bytes: [UInt8] = [0x3E]
        value.appendSerialized(to: &bytes)
        #expect(bytes == [0x3E] + Array(text.utf8))
    }

    @Test func writesIndented() {
        let value: JSONValue = ["a": [1, [:], []], "b": ["c": "d"]]
        let text = """
            {
              "a": [
                1,
                {},
                []
              ],
              "b": {
                "c": "d"
              }
            }
            """
        #expect(String(decoding: value.serialized(pretty: true), as: UTF8.self) == text)
    }
}
