// Values as words: the protocol's types, each with the rule that an error cites.

import ArgumentParser
import NetnsClient

/// A value that is written as one word.
protocol WordValue {
    static var rule: String { get }
    static func make(_ word: String) -> Self?
}

extension WordValue {
    /// `what` it is of, in the error.
    static func read(_ word: String, _ what: String) throws -> Self {
        guard let value = make(word) else { throw ValidationError("\(what) '\(word)' \(rule)") }
        return value
    }

    /// For the argument parser, which says itself what the value is of.
    static func parse(_ word: String) throws -> Self {
        guard let value = make(word) else { throw ValidationError("It \(rule).") }
        return value
    }
}

extension WordValue where Self: BoundedInteger {
    /// Decimal, or hexadecimal behind `0x`.
    static func make(_ word: String) -> Self? {
        if word.hasPrefix("0x") { return Int(word.dropFirst(2), radix: 16).flatMap(Self.init) }
        return Self(text: word)
    }
}

extension WordValue where Self: CaseIterable & RawRepresentable, RawValue == String {
    static func make(_ word: String) -> Self? { Self(rawValue: word) }
    static var rule: String { "must be one of: " + allCases.map(\.rawValue).joined(separator: " ") }
}

extension WordValue where Self: TextValue {
    static func make(_ word: String) -> Self? { Self(word) }
}

extension MTU: WordValue {}
extension Word: WordValue {}
extension LineCount: WordValue {}
extension Octet: WordValue {}
extension PrefixLength: WordValue {}
extension Port: WordValue {}
extension NexthopWeight: WordValue {}
extension NexthopId: WordValue {}
extension NamespaceNumber: WordValue {}

extension InterfaceName: WordValue {}
extension AlternativeName: WordValue {}
extension LinkAlias: WordValue {}
extension MACAddress: WordValue {}
extension LinkLayerAddress: WordValue {}
extension IPAddress: WordValue {}
extension IPPrefix: WordValue {}
extension Destination: WordValue {}
extension AddressLabel: WordValue {}
extension RouteTable: WordValue { static func make(_ word: String) -> Self? { Self(word) } }
extension RouteScope: WordValue { static func make(_ word: String) -> Self? { Self(word) } }
extension RouteProtocol: WordValue { static func make(_ word: String) -> Self? { Self(word) } }
extension SysctlKey: WordValue {}
extension SysctlName: WordValue {}
extension MulticastMAC: WordValue {}
extension LinkGroup: WordValue { static func make(_ word: String) -> Self? { Self(word) } }

extension NamespaceSelector: WordValue {
    static var rule: String { "must be a namespace: " + NamespaceName.form }
    static func make(_ word: String) -> Self? { Self(word) }
}

extension Family: WordValue {}
extension LinkKind: WordValue {}
extension RouteType: WordValue {}
extension EventSubject: WordValue {}
extension RouterPreference: WordValue {}
extension AddressGeneration: WordValue {}

extension LinkMode: WordValue {
    static func make(_ word: String) -> Self? { Self(rawValue: word.uppercased()) }
}

extension NeighbourState: WordValue {
    /// `ip` writes them small where it reads them.
    static func make(_ word: String) -> Self? { Self(rawValue: word.uppercased()) }
    static var rule: String { "must be one of: " + allCases.map { $0.rawValue.lowercased() }.joined(separator: " ") }
}

/// `on` or `off`, as `ip` writes flags.
struct Switch: WordValue {
    let isOn: Bool
    static let rule = "must be on or off"

    static func make(_ word: String) -> Switch? {
        switch word {
        case "on", "yes", "true", "1": Switch(isOn: true)
        case "off", "no", "false", "0": Switch(isOn: false)
        default: nil
        }
    }
}

/// A lifetime in seconds, or `forever`.
struct Lifetime: WordValue {
    let seconds: Word
    static let rule = "must be forever or a number of seconds from 0 to 4294967295"

    static func make(_ word: String) -> Lifetime? {
        (word == "forever" ? Word.forever : Word.make(word)).map(Lifetime.init)
    }
}
