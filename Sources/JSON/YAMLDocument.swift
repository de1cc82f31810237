// YAML files: the same value tree as JSON's, and errors that point to line and column.

/// One YAML document, of YAML 1.2's core schema, without what a configuration file does better without.
public struct YAMLDocument: Sendable {
    /// The largest text accepted, in bytes.
    public static let maximumSize = 1 << 20

    /// What the document says; an empty one is an empty object.
    public let value: JSONValue

    private let file: String
    private let marks: YAMLMarks

    /// Parses a text in UTF-8; `file` is its name in errors.
    ///
    /// Refused, with `file:line:column` as the error's place: anchors, aliases and merge keys, tags but `!!str`,
    /// duplicate keys, keys that are no scalars, a second document, nesting beyond `JSONValue.maximumDepth`,
    /// more than `maximumSize` bytes. Mapping keys are strings however they look: `1000` is "1000".
    public static func parse(_ bytes: [UInt8], file: String) throws(JSONError) -> YAMLDocument {
        do throws(YAMLFailure) {
            guard bytes.count <= maximumSize else {
                let start = TextPosition(line: 1, column: 1)
                throw YAMLFailure(at: start, "the file is larger than \(maximumSize) bytes")
            }
            try refuseTagDirectives(bytes)
            var builder = YAMLBuilder()
            try parseEvents(bytes) { (event, position) throws(YAMLFailure) in try builder.add(event, at: position) }
            let (value, marks) = builder.root ?? ([:], YAMLMarks(position: TextPosition(line: 1, column: 1)))
            return YAMLDocument(value: value, file: file, marks: marks)
        } catch {
            throw JSONError(place: error.position.text(in: file), message: error.message)
        }
    }

    /// Looks through the comments and directives that may precede a document. Tags have no use here, and libyaml
    /// 0.2.5 compares each `%TAG` with all before it: a file full of them took seconds.
    private static func refuseTagDirectives(_ bytes: [UInt8]) throws(YAMLFailure) {
        var line = 1
        for text in bytes.lazy.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            switch text.first(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") }) {
            case nil, UInt8(ascii: "#"): break
            case UInt8(ascii: "%"):
                guard text.starts(with: "%TAG".utf8) else { break }
                throw YAMLFailure(at: TextPosition(line: line, column: 1), "tag directives are not supported")
            default: return
            }
            line += 1
        }
    }

    /// Decodes a type; unknown keys are errors. The place of an error is `file:line:column` of the value that does
    /// not fit or the key that is unknown, and its message begins with the path.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws(JSONError) -> T {
        do throws(DecodingFailure) {
            return try value.decodeLocating(type, unknownKeys: .reject, noun: "key")
        } catch {
            let path = error.path.text()
            let position = marks.position(of: error.path, in: value, ofKey: error.concernsKey)
            throw JSONError(
                place: position.text(in: file), message: path.isEmpty ? error.message : "\(path): \(error.message)")
        }
    }
}

/// What is wrong with a YAML text, and where.
struct YAMLFailure: Error {
    var position: TextPosition
    var message: String

    init(at position: TextPosition, _ message: String) {
        self.position = position
        self.message = message
    }
}

extension TextPosition {
    fileprivate func text(in file: String) -> String { "\(file):\(line):\(column)" }
}

/// Where a value of the tree was written, and what is in it: a tree of the same shape.
struct YAMLMarks: Sendable {
    var position: TextPosition
    /// Of an object's keys, by position; empty for an array.
    var keys: [TextPosition] = []
    /// Of an object's or array's values, by position.
    var values: [YAMLMarks] = []

    /// The position of the value at this path, or of its key; where the path leaves the tree (what it names is
    /// missing), that of the last value on it.
    func position(of path: [PathStep], in root: JSONValue, ofKey: Bool) -> TextPosition {
        var marks = self
        var value = root
        for (depth, step) in path.enumerated() {
            switch (value, step) {
            case (.object(let object), .member(let key)):
                guard let index = object.index(of: key) else { return marks.position }
                if ofKey && depth == path.count - 1 { return marks.keys[index] }
                value = object[index].value
                marks = marks.values[index]
            case (.array(let elements), .element(let index)) where elements.indices.contains(index):
                value = elements[index]
                marks = marks.values[index]
            default: return marks.position
            }
        }
        return marks.position
    }
}
