// What is wrong with a value, and where: the one error of this module.

/// Why a text is not JSON or YAML, or a value not what was asked for.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A path such as `params.peer.mtu` or `params.keys[2]`, or for YAML `file:line:column`. May be empty.
    public let place: String
    /// A phrase that follows the place: `must be a string, not a number`.
    public let message: String

    public init(place: String, message: String) {
        self.place = place
        self.message = message
    }

    public var description: String { place.isEmpty ? message : "\(place): \(message)" }
}

/// One step down a value tree.
enum PathStep: CodingKey, Equatable {
    case member(String)
    case element(Int)

    var stringValue: String {
        switch self {
        case .member(let key): key
        case .element(let index): "Index \(index)"
        }
    }

    var intValue: Int? {
        if case .element(let index) = self { index } else { nil }
    }

    init?(stringValue: String) { self = .member(stringValue) }
    init?(intValue: Int) { self = .element(intValue) }
}

extension [PathStep] {
    /// The path as people read it, after `prefix`: `params.peer.mtu`, `params.keys[2]`, `users["a b"]`.
    func text(after prefix: String = "") -> String {
        reduce(into: prefix) { text, step in
            switch step {
            case .element(let index): text += "[\(index)]"
            case .member(let key) where !key.isPlain: text += "[\(quoted(key))]"
            case .member(let key): text += text.isEmpty ? key : ".\(key)"
            }
        }
    }
}

extension String {
    /// Short and of characters that need no quotes in a path.
    fileprivate var isPlain: Bool {
        guard !isEmpty, utf8.count <= longestQuoted else { return false }
        return utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"):
                true
            default: false
            }
        }
    }
}

/// Longer input is cut when a message quotes it, in bytes.
private let longestQuoted = 64

/// What somebody wrote, in quotes, safe to show on a terminal and never long.
func quoted(_ text: String) -> String {
    var shown = text
    if text.utf8.count > longestQuoted {
        shown = ""
        for scalar in text.unicodeScalars {
            if shown.utf8.count + UTF8.width(scalar) > longestQuoted { break }
            shown.unicodeScalars.append(scalar)
        }
        shown += "…"
    }
    return JSONValue.string(shown).description
}
