// From bytes to a value tree, strictly: jansson parses, after a look at the depth that needs no recursion.

internal import CJansson

extension JSONValue {
    /// Parses exactly one value (RFC 8259), with jansson's json_loadb(3).
    ///
    /// Refused, with line and column: anything after the value, duplicate keys, a byte-order mark, text that is
    /// not UTF-8, lone surrogates, NUL in strings, integers beyond 64 bits, nesting beyond `maximumDepth`.
    public static func parse(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> JSONValue {
        try scan(bytes)
        let flags = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES
        var error = json_error_t()
        let parsed = unsafe bytes.withUnsafeBytes { buffer in
            unsafe json_loadb(buffer.baseAddress ?? emptyText, buffer.count, Int(flags), &error)
        }
        guard let root = unsafe parsed else { throw JSONError(error) }
        defer { unsafe json_decref(root) }
        return try unsafe JSONValue(root)
    }

    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue { try parse(bytes[...]) }

    public static func parse(_ text: String) throws(JSONError) -> JSONValue { try parse(Array(text.utf8)[...]) }

    /// json_loadb refuses a null pointer, which an empty slice may have.
    private static var emptyText: UnsafeRawPointer { unsafe UnsafeRawPointer(bitPattern: 1)! }

    /// Copies jansson's tree. The recursion ends at `maximumDepth`, which was checked before.
    private init(_ json: UnsafeMutablePointer<json_t>) throws(JSONError) {
        switch unsafe json.pointee.type {
        case JSON_TRUE: self = .bool(true)
        case JSON_FALSE: self = .bool(false)
        case JSON_INTEGER: self = unsafe .integer(json_integer_value(json))
        case JSON_REAL: self = unsafe .real(json_real_value(json))
        case JSON_STRING:
            self = unsafe .string(String(utf8: json_string_value(json), count: json_string_length(json)))
        case JSON_ARRAY: self = try unsafe .array(elements(of: json))
        case JSON_OBJECT: self = try unsafe .object(members(of: json))
        default: self = .null
        }

        func elements(of json: UnsafeMutablePointer<json_t>) throws(JSONError) -> [JSONValue] {
            let count = unsafe json_array_size(json)
            var elements: [JSONValue] = []
            elements.reserveCapacity(count)
            for index in 0..<count {
                if let element = unsafe json_array_get(json, index) { elements.append(try unsafe JSONValue(element)) }
            }
            return elements
        }

        func members(of json: UnsafeMutablePointer<json_t>) throws(JSONError) -> JSONObject {
            var object = JSONObject()
            unsafe object.reserveCapacity(json_object_size(json))
            var next = unsafe json_object_iter(json)
            while let member = unsafe next {
                let count = unsafe json_object_iter_key_len(member)
                let key = unsafe String(utf8: json_object_iter_key(member), count: count)
                // jansson compares bytes; to Swift, é composed and decomposed are one key.
                if key.utf8.contains(where: { $0 >= 0x80 }), object.index(of: key) != nil {
                    throw JSONError(place: "", message: "duplicate key \(quoted(key))")
                }
                if let value = unsafe json_object_iter_value(member) {
                    object.append(key, try unsafe JSONValue(value))
                }
                unsafe next = json_object_iter_next(json, member)
            }
            return object
        }
    }

    /// Refuses what jansson must not see. Brackets outside strings are counted, so that no input makes a parser
    /// recurse deeply; and jansson 2.14 takes a NUL for the end of the text in some places.
    private static func scan(_ bytes: ArraySlice<UInt8>) throws(JSONError) {
        let marks: [[UInt8]] = [[0xEF, 0xBB, 0xBF], [0xFE, 0xFF], [0xFF, 0xFE]]  // UTF-8, UTF-16 BE and LE
        if marks.contains(where: { bytes.starts(with: $0) }) {
            throw JSONError(bytes, at: bytes.startIndex, "a byte-order mark is not allowed")
        }
        var depth = 0
        var isInString = false
        var isEscaped = false
        let text = bytes.span
        for index in text.indices {
            let byte = text[index]
            if byte == 0 { throw JSONError(bytes, at: bytes.startIndex + index, "a NUL byte is not allowed") }
            if isEscaped {
                isEscaped = false
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString.toggle()
            case UInt8(ascii: "\\"): isEscaped = isInString
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                if !isInString { depth += 1 }
                if depth > maximumDepth {
                    throw JSONError(bytes, at: bytes.startIndex + index, "nested deeper than \(maximumDepth) levels")
                }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if !isInString { depth -= 1 }
            default: break
            }
        }
    }
}

extension String {
    /// A copy of C text that is known to be UTF-8.
    init(utf8 start: UnsafePointer<CChar>?, count: Int) {
        self = unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
}

extension JSONError {
    fileprivate init(_ bytes: ArraySlice<UInt8>, at index: Int, _ message: String) {
        let position = TextPosition(of: index, in: bytes)
        self.init(place: "", message: "line \(position.line), column \(position.column): \(message)")
    }

    /// jansson's error: its text says what, then quotes the input, which is left out (it may hold anything).
    fileprivate init(_ error: json_error_t) {
        let text = unsafe withUnsafeBytes(of: error.text) { text in
            unsafe String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
        }
        let parts = text.parted(at: " near ")
        let message =
            switch parts.before {
            case _ where parts.after == "end of file", "premature end of input": "the text ends too early"
            case "end of file expected": "unexpected text after the value"
            case "duplicate object key": "duplicate key\(JSONError.shown(token: parts.after))"
            case "unexpected newline": "a newline is not allowed in strings"
            case "real number overflow": "the number is too big"
            case _ where text.hasPrefix("control character"): "\(parts.before) is not allowed in strings"
            case _ where text.hasPrefix("unable to decode"): "not UTF-8: \(parts.before)"
            case _ where text.hasPrefix("too big"): "an integer must be from \(Int64.min) to \(Int64.max)"
            case _ where text.hasPrefix("\\u0000"), _ where text.hasPrefix("NUL byte"):
                "NUL is not allowed in strings"
            default: parts.before
            }
        self.init(place: "", message: "line \(error.line), column \(max(error.column, 1)): \(message)")
    }

    /// A string as jansson quotes it from the text, `'"key"'`; nothing where it cut a long one.
    private static func shown(token: String) -> String {
        guard let key = try? JSONValue.parse(String(token.dropFirst().dropLast())).stringValue else { return "" }
        return " \(quoted(key))"
    }
}

extension String {
    /// The two sides of the first `separator`.
    fileprivate func parted(at separator: String) -> (before: String, after: String) {
        for index in indices where self[index...].hasPrefix(separator) {
            return (String(self[..<index]), String(self[index...].dropFirst(separator.count)))
        }
        return (self, "")
    }
}

/// Line and column, both counted from 1; columns are characters (Unicode scalars).
struct TextPosition: Equatable {
    var line: Int
    var column: Int

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    init(of index: Int, in bytes: ArraySlice<UInt8>) {
        let before = bytes[..<index]
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? before.startIndex
        line = 1 + before.count { $0 == UInt8(ascii: "\n") }
        column = 1 + before[start...].count { $0 & 0xC0 != 0x80 }  // not a continuation byte
    }
}
