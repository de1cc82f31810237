// YAML by the core schema, what is refused of it, and the marks that errors carry.

import JSON
import Testing

private func parse(_ text: String) throws -> YAMLDocument { try YAMLDocument.parse(Array(text.utf8), file: "p.yaml") }

@Suite struct YAMLTests {
    // YAML 1.2.2, section 10.3.2.
    @Test(
        arguments: [
            ("null", nil), ("Null", nil), ("NULL", nil), ("~", nil), ("", nil), ("nULL", "nULL"), ("none", "none"),
            ("true", true), ("True", true), ("TRUE", true), ("false", false), ("False", false), ("FALSE", false),
            ("tRUE", "tRUE"), ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("NO", "NO"),
            ("0", 0), ("-0", 0), ("+12", 12), ("-19", -19), ("014", 14), ("0o14", 12), ("0x1F", 31), ("0xfF", 255),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("0o", "0o"), ("0o8", "0o8"), ("0x", "0x"), ("0xg", "0xg"), ("-0x1", "-0x1"), ("0b1", "0b1"),
            ("1_000", "1_000"),
            ("+", "+"), ("--1", "--1"), ("1:30", "1:30"), ("2001-01-01", "2001-01-01"), ("0X1F", "0X1F"),
            ("1.0", .real(1)), ("1.", .real(1)), (".5", .real(0.5)), ("-.5", .real(-0.5)), ("+1.5e3", .real(1500)),
            ("1e3", .real(1000)), ("12E-2", .real(0.12)), ("0.", .real(0)), (".", "."), ("1e", "1e"), ("1e+", "1e+"),
            ("e3", "e3"), ("1.2.3", "1.2.3"), (".e1", ".e1"), ("1.0f", "1.0f"), ("Infinity", "Infinity"),
            ("nan", "nan"),
            (".inf", .real(.infinity)), (".Inf", .real(.infinity)), ("-.INF", .real(-.infinity)),
            ("+.inf", .real(.infinity)),
            (".iNF", ".iNF"), ("0x1p3", "0x1p3"),
            ("'no'", "no"), ("\"12\"", "12"), ("'~'", "~"), ("''", ""), ("!!str 12", "12"), ("!!str", ""),
            ("!!str true", "true"),
            ("|\n  12", "12"), (">\n  a\n  b", "a b"), ("\"\\u00e9\\n\"", "é\n"),
            ("[1, no, '1', {a: ~}]", [1, "no", "1", ["a": nil]]),
            ("net.ipv4.ip_forward", "net.ipv4.ip_forward"), ("a b # c", "a b"),
        ] as [(String, JSONValue)])
    func resolvesByCoreSchema(text: String, value: JSONValue) throws {
        #expect(try parse("key: \(text)").value == ["key": value])
    }

    @Test func notANumber() throws {
        for text in [".nan", ".NaN", ".NAN"] { #expect(try parse(text).value.realValue?.isNaN == true) }
    }

    @Test(arguments: ["", "\n", "# nothing\n", "---\n", "--- # nothing\n...\n"])
    func anEmptyFileIsAnEmptyObject(text: String) throws {
        #expect(try parse(text).value == [:])
        struct Policy: Decodable { var version: Int? }
        #expect(try parse(text).decode(Policy.self).version == nil)
    }

    @Test func keysStayStrings() throws {
        let document = try parse("1000: {a: 1}\ntrue: 2\nnull: 3\n0x1F: 4\n'': 5\n")
        #expect(document.value.objectValue.map { Array($0.keys) } == ["1000", "true", "null", "0x1F", ""])
    }

    @Test(
        arguments: [
            ("a: &x 1", "1:4", "anchors and aliases are not supported"),
            ("a: &x [1]", "1:4", "anchors and aliases are not supported"),
            ("a: &x {b: 1}", "1:4", "anchors and aliases are not supported"),
            ("&x a: 1", "1:1", "anchors and aliases are not supported"),
            ("a: 1\nb: *x", "2:4", "anchors and aliases are not supported"),
            ("a:\n  <<: {b: 1}", "2:3", "merge keys are not supported"),
            ("a: !!int 1", "1:4", #"the tag "tag:yaml.org,2002:int" is not supported; only !!str is"#),
            ("a: !mine 1", "1:4", #"the tag "!mine" is not supported; only !!str is"#),
            ("a: ! 1", "1:4", #"the tag "!" is not supported; only !!str is"#),
            ("a: !!map {b: 1}", "1:4", #"the tag "tag:yaml.org,2002:map" is not supported; only !!str is"#),
            ("a: !!str [1]", "1:4", "the tag !!str belongs before a scalar"),
            ("a: 1\nb: 2\na: 3", "3:1", #"duplicate key "a""#),
            ("x: {a: 1, 'a': 2}", "1:11", #"duplicate key "a""#),
            ("é: 1\ne\u{301}: 2", "2:1", "duplicate key \"e\u{301}\""),
            ("[a]: 1", "1:1", "a key must be a scalar"),
            ("? {a: 1}\n: 2", "1:3", "a key must be a scalar"),
            ("?\n: 1", "1:2", "a key is missing"),
            ("# x\n\n%YAML 1.2\n%TAG !a! b\n---\na: 1", "4:1", "tag directives are not supported"),
            ("a: 1\n---\nb: 2", "2:1", "only one document is allowed"),
            ("a: 9223372036854775808", "1:4", "an integer must be from -9223372036854775808 to 9223372036854775807"),
            ("a: 0x8000000000000000", "1:4", "an integer must be from -9223372036854775808 to 9223372036854775807"),
            ("a: 1e999", "1:4", "the number is too big"),
            ("a: \"\\0\"", "1:4", "NUL is not allowed in strings"),
            ("\"a\\0b\": 1", "1:1", "NUL is not allowed in strings"),
            ("a: [1, 2\nb: 3", "2:2", "while parsing a flow sequence, did not find expected ',' or ']'"),
            ("a: 'b", "1:6", "while scanning a quoted scalar, found unexpected end of stream"),
            ("a: b: c", "1:5", "mapping values are not allowed in this context"),
            ("\ta: 1", "1:1", "while scanning for the next token, found character that cannot start any token"),
            ("a: \"\\ud800\"", "1:7", "while parsing a quoted scalar, found invalid Unicode character escape code"),
            ("a:\n  b\u{1b}c", "2:4", "control characters are not allowed"),
            ("a: {b: *", "1:9", "while scanning an alias, did not find expected alphabetic or numeric character"),
        ] as [(String, String, String)])
    func refuses(text: String, mark: String, message: String) {
        #expect(throws: JSONError(place: "p.yaml:\(mark)", message: message)) { try parse(text) }
    }

    @Test func refusesWhatIsNotUTF8() {
        for bytes in [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80]] as [[UInt8]] {
            let error = #expect(throws: JSONError.self) {
                try YAMLDocument.parse(Array("a: 1\nb: ".utf8) + bytes, file: "p.yaml")
            }
            #expect(error?.place == "p.yaml:2:4")
        }
        #expect(throws: JSONError.self) { try YAMLDocument.parse([0xFF, 0xFE, 0x61, 0, 0x3A, 0], file: "p.yaml") }
    }

    @Test func depthAndSizeAreLimited() throws {
        let deepest = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(try parse(deepest).value.arrayValue?.count == 1)
        #expect(throws: JSONError(place: "p.yaml:1:33", message: "nested deeper than 32 levels")) {
            try parse("[" + deepest + "]")
        }
        let blocks = (0..<40).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        #expect(throws: JSONError(place: "p.yaml:33:33", message: "nested deeper than 32 levels")) { try parse(blocks) }
        #expect(throws: JSONError(place: "p.yaml:1:1", message: "the file is larger than 1048576 bytes")) {
            try YAMLDocument.parse(Array(repeating: 0x20, count: 1 << 20 + 1), file: "p.yaml")
        }
        #expect(try YAMLDocument.parse(Array(repeating: 0x20, count: 1 << 20), file: "p.yaml").value == [:])
    }

    // MARK: Decoding

    private struct Rule: Decodable {
        var links: UInt32?
        var namespaces: UInt32?
        var kinds: [String]?
    }

    private struct Policy: Decodable {
        var version: Int
        var defaults: Rule?
        var users: [String: Rule]?
    }

    @Test func decodesAPolicy() throws {
        let policy = try parse(
            """
            version: 1
            defaults:   # any account
              links: 64
              kinds: [veth, no]
            users:
              1000: {namespaces: 0}
              alice: {}
            """
        ).decode(Policy.self)
        #expect(policy.version == 1 && policy.defaults?.links == 64 && policy.defaults?.kinds == ["veth", "no"])
        #expect(policy.users?["1000"]?.namespaces == 0 && policy.users?["alice"]?.links == nil)
    }

    @Test(
        arguments: [
            (
                "version: 1\nusers:\n  alice:\n    linkss: 3\n", "4:5",
                #"users.alice.linkss: unknown key; did you mean "links"?"#
            ),
            (
                "version: 1\nusers:\n  alice: {links: 1, kind: 3}\n", "3:21",
                #"users.alice.kind: unknown key; did you mean "kinds"?"#
            ),
            ("version: 1\ncolour: 2\n", "2:1", "colour: unknown key"),
            (
                "version: 1\nusers:\n  1000:\n    links: many\n", "4:12",
                "users.1000.links: must be an integer from 0 to 4294967295, not a string"
            ),
            (
                "version: 1\nusers:\n  alice:\n    links: -1\n", "4:12",
                "users.alice.links: must be an integer from 0 to 4294967295"
            ),
            (
                "version: 1\nusers:\n  alice:\n    kinds:\n      - veth\n      - 1\n", "6:9",
                "users.alice.kinds[1]: must be a string, not a number"
            ),
            ("version: 1.0", "1:10", "version: must be an integer"),
            ("version:", "1:9", "version: must be an integer, not null"),
            ("users: {}\n", "1:1", "version: is missing"),
            ("", "1:1", "version: is missing"),
            ("- 1\n", "1:1", "must be an object, not an array"),
            ("\n\n  hello\n", "3:3", "must be an object, not a string"),
            ("version: 1\nusers: [alice]", "2:8", "users: must be an object, not an array"),
        ] as [(String, String, String)])
    func decodingErrorsAreMarked(text: String, mark: String, message: String) throws {
        let document = try parse(text)
        #expect(throws: JSONError(place: "p.yaml:\(mark)", message: message)) { try document.decode(Policy.self) }
    }

    @Test func refusedDictionaryKeysAreMarked() throws {
        enum Name: String, CodingKeyRepresentable, Decodable { case alice, bob }
        let document = try parse("alice: 1\n\ncarol: 2\n")
        #expect(throws: JSONError(place: "p.yaml:3:1", message: "carol: is not a valid name here")) {
            try document.decode([Name: Int].self)
        }
    }

    @Test func leadingDirectivesAndCommentsPass() throws {
        #expect(try parse("# a\r\n\r\n%YAML 1.2\r\n---\r\na: 1\r\n").value == ["a": 1])
    }

    @Test func hostileFilesTakeLinearWork() throws {
        let brackets = String(repeating: "[", count: 1 << 20)
        #expect(throws: JSONError(place: "p.yaml:1:33", message: "nested deeper than 32 levels")) {
            try parse(brackets)
        }
        let keys = (0..<60_000).map { "key\($0): 1\n" }.joined()
        #expect(try parse(keys).value.objectValue?.count == 60_000)
        let directives = (0..<60_000).map { "%TAG !a\($0)! b\n" }.joined()
        #expect(throws: JSONError(place: "p.yaml:1:1", message: "tag directives are not supported")) {
            try parse(directives)
        }
        #expect(throws: JSONError(place: "p.yaml:60001:1", message: #"duplicate key "key0""#)) {
            try parse(keys + "key0: 2\n")
        }
    }
}
