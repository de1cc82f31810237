// Options of a kind of link, from NAME=VALUE to the protocol's types.

import ArgumentParser
import NetnsClient

/// A link's own options by the keys of `ip -j -d link`: an object for the protocol's types to decode, which know each
/// key, its range and what it is near to when it is misspelled.
struct OptionSet {
    private var object = JSONObject()

    var isEmpty: Bool { object.isEmpty }

    mutating func set(_ key: String, _ value: (some CustomStringConvertible)?) {
        if let value { object[key] = Self.value(of: value.description) }
    }

    /// `NAME=VALUE`.
    mutating func set(_ assignment: String, of option: String) throws {
        guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
            throw ValidationError("\(option) '\(assignment)' must be NAME=VALUE")
        }
        object[String(assignment[..<equals])] = Self.value(of: String(assignment[assignment.index(after: equals)...]))
    }

    /// Decimal digits are a number, `on` and `off` a switch, all else text.
    private static func value(of text: String) -> JSONValue {
        switch text {
        case "on", "true", "yes": .bool(true)
        case "off", "false", "no": .bool(false)
        default:
            if let number = Int64(text), String(number) == text { .integer(number) } else { .string(text) }
        }
    }

    func decoded<Options: Decodable>(_ type: Options.Type = Options.self, of what: String) throws -> Options {
        do { return try JSONValue.object(object).decode(type, place: what) } catch {
            throw ValidationError("\(error)")
        }
    }

    /// The options of a kind, which a few kinds cannot be without.
    func options(of kind: LinkKind) throws -> LinkOptions {
        let what = "--kind \(kind.rawValue)"
        let wrapped: JSONValue = ["info_kind": .string(kind.rawValue), "info_data": .object(object)]
        do {
            // The one decoder there is for a kind together with its options.
            let info = try wrapped.decode(LinkInfo.self)
            return info.data ?? LinkOptions(defaultsOf: kind) ?? .dummy
        } catch {
            let place = error.place.split(separator: ".").dropFirst().joined(separator: ".")
            let key = place.isEmpty ? "" : place + (error.message.hasPrefix("unknown") ? ": " : " ")
            throw ValidationError("\(what): \(key)\(error.message)")
        }
    }
}
