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
    @Test(
        arguments: [
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
        Refusal("", "line 1, column 1: the text ends too early"),
        Refusal("  ", "line 1, column 2: the text ends too early"),
        Refusal("{} x", "line 1, column 4: unexpected text after the value"),
        Refusal("{}{}", "line 1, column 3: unexpected text after the value"),
        Refusal("1 2", "line 1, column 3: unexpected text after the value"),
        Refusal("nul", "line 1, column 3: invalid token"),
        Refusal("{\n  \"a\": tru}", "line 2, column 10: invalid token"),
        Refusal("[1,]", "line 1, column 4: unexpected token"),
        Refusal(#"{"a":1,}"#, "line 1, column 8: string or '}' expected"),
        Refusal(#"{"a" 1}"#, "line 1, column 6: ':' expected"),
        Refusal(#"{a:1}"#, "line 1, column 2: string or '}' expected"),
        Refusal("{'a':1}", "line 1, column 2: string or '}' expected"),
        Refusal("[1", "line 1, column 2: the text ends too early"),
        Refusal(#"{"a":"#, "line 1, column 5: the text ends too early"),
        Refusal("\"a", "line 1, column 2: the text ends too early"),
        Refusal("]", "line 1, column 1: unexpected token"),
        Refusal(#"{"a":1,"b":2,"a":3}"#, "line 1, column 16: duplicate key \"a\""),
        Refusal(#"{"é":1,"e\#u{301}":2}"#, "duplicate key \"é\""),
        Refusal(
            "9223372036854775808",
            "line 1, column 19: an integer must be from -9223372036854775808 to 9223372036854775807"),
        Refusal(
            "-9223372036854775809",
            "line 1, column 20: an integer must be from -9223372036854775808 to 9223372036854775807"),
        Refusal("1e999", "line 1, column 5: the number is too big"),
        Refusal("01", "line 1, column 1: invalid token"),
        Refusal("+1", "line 1, column 1: invalid token"),
        Refusal(".5", "line 1, column 1: invalid token"),
        Refusal("1.", "line 1, column 2: invalid token"),
        Refusal("0x10", "line 1, column 2: unexpected text after the value"),
        Refusal("NaN", "line 1, column 3: invalid token"),
        Refusal("// no\n1", "line 1, column 1: invalid token"),
        Refusal(#""\u0000""#, "line 1, column 8: NUL is not allowed in strings"),
        Refusal(#"{"a\u0000b":1}"#, "line 1, column 11: NUL is not allowed in strings"),
        Refusal(#""\ud800""#, "line 1, column 8: invalid Unicode '\\uD800'"),
        Refusal(#""\udc00""#, "line 1, column 8: invalid Unicode '\\uDC00'"),
        Refusal(#""\ud800\u0041""#, "line 1, column 14: invalid Unicode '\\uD800\\u0041'"),
        Refusal(#""\x41""#, "line 1, column 3: invalid escape"),
        Refusal("\"a\nb\"", "line 1, column 2: a newline is not allowed in strings"),
        Refusal("\"a\u{1}b\"", "line 1, column 2: control character 0x1 is not allowed in strings"),
        Refusal(bytes: Array("\"a".utf8) + [0] + Array("b\"".utf8), "line 1, column 3: a NUL byte is not allowed"),
        Refusal(
            bytes: Array("\"".utf8) + [0xFF] + Array("\"".utf8),
            "line 1, column 1: not UTF-8: unable to decode byte 0xff"),
        Refusal(
            bytes: Array("\"".utf8) + [0xC0, 0xAF] + Array("\"".utf8),
            "line 1, column 1: not UTF-8: unable to decode byte 0xc0"),
        Refusal(
            bytes: Array("\"".utf8) + [0xE0, 0x80, 0xAF] + Array("\"".utf8),
            "line 1, column 1: not UTF-8: unable to decode byte 0xe0"),
        Refusal(
            bytes: Array("\"".utf8) + [0xED, 0xA0, 0x80] + Array("\"".utf8),
            "line 1, column 1: not UTF-8: unable to decode byte 0xed"),
        Refusal(
            bytes: Array("\"".utf8) + [0xF4, 0x90, 0x80, 0x80] + Array("\"".utf8),
            "line 1, column 1: not UTF-8: unable to decode byte 0xf4"),
        Refusal(
            bytes: Array("\"é".utf8).dropLast() + Array("\"".utf8),
            "line 1, column 1: not UTF-8: unable to decode byte 0xc3"),
        Refusal(bytes: [0xEF, 0xBB, 0xBF] + Array("1".utf8), "line 1, column 1: a byte-order mark is not allowed"),
        Refusal(bytes: [0xFF, 0xFE, 0x31, 0], "line 1, column 1: a byte-order mark is not allowed"),
        Refusal(bytes: [0x31, 0], "line 1, column 2: a NUL byte is not allowed"),
        Refusal(bytes: [0, 0x31], "line 1, column 1: a NUL byte is not allowed"),
        Refusal(
            String(repeating: "[", count: 33) + String(repeating: "]", count: 33),
            "line 1, column 33: nested deeper than 32 levels"),
        Refusal("\n " + String(repeating: #"{"a":"#, count: 33), "line 2, column 162: nested deeper than 32 levels"),
    ])
    func refuses(refusal: Refusal) {
        #expect(throws: JSONError(place: "", message: refusal.message)) { try JSONValue.parse(refusal.bytes) }
    }
}
