// What the parser accepts, and the exact reason and place of everything that it refuses.

import JSON
import Testing

struct Refusal: CustomTestStringConvertible, Sendable {
    let bytes: [UInt8]
    let message: String

    init(_ text: String, _ message: String) {
        bytes = Array(text.utf8)
        self.message = message
    }

    init(bytes: [UInt8], _ message: String) {
        self.bytes = bytes
        self.message = message
    }

    var testDescription: String { message }
}

@Suite struct ParsingTests {
    @Test(arguments: [
        ("null", .null), (" true ", true), ("false", false), ("0", 0), ("-0", 0), ("12", 12), ("-7", -7),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("1.0", .real(1)), ("1e2", .real(100)), ("-0.5", .real(-0.5)),
        (#""a\"\\\/\b\f\n\r\tA""#, .string("a\"\\/\u{8}\u{c}\n\r\tA")),
        (#""\ud83d\ude00é😀""#, "😀é😀"), (#""""#, ""),
        ("[]", []), ("[1,[2],{}]", [1, [2], [:]]), (#"{"a":{"b":[null]}}"#, ["a": ["b": [nil]]]),
        ("\t\r\n[ 1 , 2 ]\n", [1, 2]),
        (#""[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[[""#, .string(String(repeating: "[", count: 42) + "\"[[")),
    ] as [(String, JSONValue)])
    func accepts(text: String, value: JSONValue) throws {
        #expect(try JSONValue.parse(text) == value)
    }

    @Test(arguments: [
        Refusal("", "x"),
        Refusal("  ", "x"),
        Refusal("{} x", "x"),
        Refusal("{}{}", "x"),
        Refusal("1 2", "x"),
        Refusal("nul", "x"),
        Refusal("{\n  \"a\": tru}", "x"),
        Refusal("[1,]", "x"),
        Refusal(#"{"a":1,}"#, "x"),
        Refusal(#"{"a" 1}"#, "x"),
        Refusal(#"{a:1}"#, "x"),
        Refusal("{'a':1}", "x"),
        Refusal("[1", "x"),
        Refusal(#"{"a":"#, "x"),
        Refusal("\"a", "x"),
        Refusal("]", "x"),
        Refusal(#"{"a":1,"b":2,"a":3}"#, "x"),
        Refusal(#"{"é":1,"e\#u{301}":2}"#, "x"),
        Refusal("9223372036854775808", "x"),
        Refusal("-9223372036854775809", "x"),
        Refusal("1e999", "x"),
        Refusal("01", "x"),
        Refusal("+1", "x"),
        Refusal(".5", "x"),
        Refusal("1.", "x"),
        Refusal("0x10", "x"),
        Refusal("NaN", "x"),
        Refusal("// no\n1", "x"),
        Refusal(#""\u0000""#, "x"),
        Refusal(#"{"a\u0000b":1}"#, "x"),
        Refusal(#""\ud800""#, "x"),
        Refusal(#""\udc00""#, "x"),
        Refusal(#""\ud800\u0041""#, "x"),
        Refusal(#""\x41""#, "x"),
        Refusal("\"a\nb\"", "x"),
        Refusal("\"a\u{1}b\"", "x"),
        Refusal(bytes: Array("\"a".utf8) + [0] + Array("b\"".utf8), "x"),
        Refusal(bytes: Array("\"".utf8) + [0xFF] + Array("\"".utf8), "x"),
        Refusal(bytes: Array("\"".utf8) + [0xC0, 0xAF] + Array("\"".utf8), "x"),
        Refusal(bytes: Array("\"".utf8) + [0xE0, 0x80, 0xAF] + Array("\"".utf8), "x"),
        Refusal(bytes: Array("\"".utf8) + [0xED, 0xA0, 0x80] + Array("\"".utf8), "x"),
        Refusal(bytes: Array("\"".utf8) + [0xF4, 0x90, 0x80, 0x80] + Array("\"".utf8), "x"),
        Refusal(bytes: Array("\"é".utf8).dropLast() + Array("\"".utf8), "x"),
        Refusal(bytes: [0xEF, 0xBB, 0xBF] + Array("1".utf8), "x"),
        Refusal(bytes: [0xFF, 0xFE, 0x31, 0], "x"),
        Refusal(bytes: [0x31, 0], "x"),
        Refusal(bytes: [0, 0x31], "x"),
        Refusal(String(repeating: "[", count: 33) + String(repeating: "]", count: 33), "x"),
        Refusal("\n " + String(repeating: #"{"a":"#, count: 33), "x"),
    ])
    func refuses(refusal: Refusal) {
        #expect(throws: JSONError(place: "", message: refusal.message)) { try JSONValue.parse(refusal.bytes) }
    }
}
