// A validator of JSON Schema 2020-12, of as much as protocol/openrpc.json uses; it refuses words that it does not know.

import JSON

/// What came of validating one value.
struct Verdict {
    /// What is wrong, with its place; empty where nothing is.
    var failures: [String] = []
    /// The value's members that some schema named.
    var evaluated: Set<String> = []
    /// Places below which the agent checks more than the schema says (`x-alsoChecked`).
    var loosePlaces: [String] = []
    /// Which members of which schemas were met: `#/components/schemas/Link.mtu`.
    var met: Set<String> = []

    var isGood: Bool { failures.isEmpty }

    mutating func add(_ other: Verdict, evaluates: Bool = false) {
        failures += other.failures
        loosePlaces += other.loosePlaces
        met.formUnion(other.met)
        if evaluates { evaluated.formUnion(other.evaluated) }
    }
}

final class SchemaValidator {
    let document: JSONValue
    /// Report members that no schema names, in results too, where a client would ignore them.
    private let closed: Bool
    /// Note which members are met; it takes time.
    private let notesMet: Bool
    /// Say exactly where and why; without, the same verdict in a fraction of the time.
    private let isVerbose: Bool
    private var expressions: [String: Regex<AnyRegexOutput>] = [:]

    init(_ document: JSONValue, closed: Bool = false, notesMet: Bool = false, isVerbose: Bool = true) {
        self.document = document
        self.closed = closed
        self.notesMet = notesMet
        self.isVerbose = isVerbose
    }

    /// The value at a reference like `#/components/schemas/Link`.
    func resolve(_ reference: String) -> JSONValue? {
        reference.split(separator: "/").dropFirst().reduce(document) { $0?[String($1)] }
    }

    /// `name` is where the schema stands in the document, `place` where the value stands in its own.
    func validate(_ value: JSONValue, _ schema: JSONValue, name: String, place: String = "") -> Verdict {
        var verdict = apply(schema, to: value, name: name, place: place)
        let isDescribed = ["properties", "$ref", "allOf", "anyOf"].contains { schema[$0] != nil }
        if closed, isDescribed, case .object(let object) = value {
            for key in object.keys where !verdict.evaluated.contains(key) {
                verdict.failures.append("\(place).\(key): not in \(name)")
            }
        }
        return verdict
    }

    private func apply(_ schema: JSONValue, to value: JSONValue, name: String, place: String) -> Verdict {
        var verdict = Verdict()
        guard case .object(let words) = schema else { return verdict }
        for word in words {
            switch word.key {
            case "$ref":
                let reference = word.value.stringValue ?? ""
                guard let target = resolve(reference) else {
                    verdict.failures.append("\(name): dangling \(reference)")
                    continue
                }
                verdict.add(apply(target, to: value, name: reference, place: place), evaluates: true)
            case "allOf":
                for (index, part) in (word.value.arrayValue ?? []).enumerated() {
                    verdict.add(
                        apply(part, to: value, name: inner(name, "/allOf/\(index)"), place: place), evaluates: true)
                }
            case "anyOf": verdict.addAny(of: choices(word, value, name, place), place, name)
            case "oneOf":
                let good = choices(word, value, name, place).filter(\.isGood)
                if good.count != 1 { verdict.failures.append("\(place): \(good.count) of oneOf in \(name)") }
                good.forEach { verdict.add($0, evaluates: true) }
            case "not":
                if apply(word.value, to: value, name: name, place: place).isGood {
                    verdict.failures.append("\(place): excluded by \(name)")
                }
            case "if":
                guard apply(word.value, to: value, name: name, place: place).isGood, let then = words["then"] else {
                    continue
                }
                verdict.add(apply(then, to: value, name: inner(name, "/then"), place: place), evaluates: true)
            case "properties", "items": verdict.add(descend(word, value, name, place), evaluates: true)
            case "x-alsoChecked": verdict.loosePlaces.append(place)
            case "additionalProperties", "unevaluatedProperties", "then", "description", "format": break
            default:
                if let failure = failure(of: word, value) {
                    verdict.failures.append(isVerbose ? "\(place): \(failure) (\(name))" : failure)
                }
            }
        }
        let isShut = words["additionalProperties"] == false || words["unevaluatedProperties"] == false
        if isShut, case .object(let object) = value {
            for key in object.keys where !verdict.evaluated.contains(key) {
                verdict.failures.append("\(place).\(key): unknown in \(name)")
            }
        }
        return verdict
    }

    private func inner(_ name: String, _ step: @autoclosure () -> String) -> String { isVerbose ? name + step() : name }

    private func choices(_ word: JSONObject.Member, _ value: JSONValue, _ name: String, _ place: String) -> [Verdict] {
        (word.value.arrayValue ?? []).enumerated().map { index, part in
            apply(part, to: value, name: inner(name, "/\(word.key)/\(index)"), place: place)
        }
    }

    /// The members of an object or the elements of an array.
    private func descend(_ word: JSONObject.Member, _ value: JSONValue, _ name: String, _ place: String) -> Verdict {
        var verdict = Verdict()
        if word.key == "properties", case .object(let properties) = word.value, case .object(let object) = value {
            for property in properties {
                guard let member = object[property.key] else { continue }
                verdict.evaluated.insert(property.key)
                if notesMet { verdict.met.insert("\(name).\(property.key)") }
                verdict.add(
                    validate(
                        member, property.value, name: inner(name, "/properties/\(property.key)"),
                        place: "\(place).\(property.key)"))
            }
        } else if word.key == "items", case .array(let elements) = value {
            for (index, element) in elements.enumerated() {
                verdict.add(validate(element, word.value, name: inner(name, "/items"), place: "\(place)[\(index)]"))
            }
        }
        return verdict
    }

    /// The words that look at one value alone.
    private func failure(of word: JSONObject.Member, _ value: JSONValue) -> String? {
        let holds: Bool
        switch word.key {
        case "type": holds = word.value.stringValue.map(value.has(type:)) ?? false
        case "enum": holds = word.value.arrayValue?.contains(value) ?? false
        case "const": holds = word.value == value
        case "minimum": holds = value.integerValue.map { $0 >= word.value.integerValue ?? .min } ?? true
        case "maximum": holds = value.integerValue.map { $0 <= word.value.integerValue ?? .max } ?? true
        case "minItems": holds = value.arrayValue.map { $0.count >= word.value.integerValue ?? 0 } ?? true
        case "maxItems": holds = value.arrayValue.map { $0.count <= word.value.integerValue ?? 0 } ?? true
        case "required":
            guard case .object(let object) = value else { return nil }
            holds = word.value.arrayValue?.allSatisfy { $0.stringValue.flatMap { object[$0] } != nil } ?? false
        case "pattern": holds = value.stringValue.map { matches($0, word.value.stringValue ?? "") } ?? true
        default: return "unknown word \(word.key)"
        }
        if holds { return nil }
        return isVerbose ? "violates \(word.key) \(word.value)" : word.key
    }

    /// All patterns are anchored: `^…$`, where ECMA-262's `$` is the very end.
    private func matches(_ text: String, _ pattern: String) -> Bool {
        guard pattern.hasPrefix("^"), pattern.hasSuffix("$") else { return false }
        let expression: Regex<AnyRegexOutput>
        if let known = expressions[pattern] {
            expression = known
        } else {
            guard let made = try? Regex(String(pattern.dropFirst().dropLast())) else { return false }
            expression = made.matchingSemantics(.unicodeScalar)
            expressions[pattern] = expression
        }
        return (try? expression.wholeMatch(in: text)) != nil
    }
}

extension Verdict {
    fileprivate mutating func addAny(of choices: [Verdict], _ place: String, _ name: String) {
        let good = choices.filter(\.isGood)
        if good.isEmpty {
            failures.append("\(place): none of anyOf in \(name)")
            failures += choices.flatMap(\.failures)
        }
        good.forEach { add($0, evaluates: true) }
    }
}

extension JSONValue {
    /// Integers are those written as such, as the agent wants them.
    fileprivate func has(type: String) -> Bool {
        switch (type, self) {
        case ("null", .null), ("boolean", .bool), ("integer", .integer), ("number", .integer), ("number", .real),
            ("string", .string), ("array", .array), ("object", .object):
            true
        default: false
        }
    }
}
