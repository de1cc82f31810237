// Values as iproute2 takes them, and what it says where they are none.

import NetnsClient

/// An address with or without a prefix length.
func addressPrefix(_ word: String) throws -> IPPrefix {
    guard let prefix = IPPrefix(word) else {
        throw Failure("Error: any valid prefix is expected rather than \"\(word)\".", code: 1)
    }
    return prefix
}

/// A destination: `default`, an address, or a network written short, `10.0/16` or `10/8`.
func destination(_ word: String) throws -> Destination {
    if let known = Destination(word) { return known }
    if let prefix = IPPrefix(word) { return .prefix(prefix) }
    let parts = word.split(separator: "/", omittingEmptySubsequences: false)
    let octets = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    if (1...4).contains(octets.count), octets.allSatisfy({ UInt8($0) != nil }) {
        let address = (octets + Array(repeating: "0", count: 4 - octets.count)).joined(separator: ".")
        let length = parts.count == 2 ? String(parts[1]) : String(8 * octets.count)
        if let prefix = IPPrefix("\(address)/\(length)") { return .prefix(prefix) }
    }
    throw Failure("Error: any valid prefix is expected rather than \"\(word)\".", code: 1)
}

func scope(_ word: String) throws -> RouteScope {
    guard let scope = RouteScope(word) else { throw Failure.invalid(word, "invalid scope value.") }
    return scope
}

func label(_ word: String) throws -> AddressLabel {
    guard let label = AddressLabel(word) else {
        throw Failure("\"dev\" () must match \"label\" (\"\(word)\").", code: 1)
    }
    return label
}

func metric(_ word: String) throws -> Word {
    guard let metric = number(word).flatMap(Word.init) else {
        throw Failure.invalid(word, "\"metric\" value is invalid\n")
    }
    return metric
}

func lifetime(_ word: String, _ name: String) throws -> Word {
    if word == "forever" { return .forever }
    guard let seconds = number(word.hasSuffix("sec") ? String(word.dropLast(3)) : word).flatMap(Word.init) else {
        throw Failure.invalid(word, "\(name) value")
    }
    return seconds
}

/// A number as strtoul(3) takes it with base 0: decimal, `0x…`, or `0…` in octal.
func number(_ word: String) -> Int? {
    if word.hasPrefix("0x") || word.hasPrefix("0X") { return Int(word.dropFirst(2), radix: 16) }
    if word.hasPrefix("0"), word.count > 1 { return Int(word.dropFirst(), radix: 8) }
    guard let value = Int(word), value >= 0 else { return nil }
    return value
}

/// A number in a range, or iproute2's complaint.
func bounded<Value: BoundedInteger>(_ word: String, _ name: String) throws -> Value {
    guard let value = number(word).flatMap(Value.init) else {
        throw Failure.invalid(word, "Invalid \"\(name)\" value\n")
    }
    return value
}

/// A type of service: a byte in hexadecimal, with `0x` before it or without (rtnl_dsfield_a2n(), lib/rt_names.c).
func tos(_ word: String) throws -> Octet {
    let digits = word.hasPrefix("0x") ? String(word.dropFirst(2)) : word
    guard let octet = Int(digits, radix: 16).flatMap(Octet.init) else {
        throw Failure.invalid(word, "\"tos\" value is invalid\n")
    }
    return octet
}

func onOff(_ word: String, _ name: String) throws -> Bool {
    switch word {
    case "on": return true
    case "off": return false
    default: throw Failure("Error: argument of \"\(name)\" must be \"on\" or \"off\", not \"\(word)\"", code: 1)
    }
}

/// The same as iproute2 has it of newer options (parse_on_off(), lib/utils.c); what calls it decides on the exit code.
func oneOfOnOff(_ word: String, _ name: String, code: CInt) throws -> Bool {
    guard ["on", "off"].contains(word) else {
        throw Failure(
            "Error: argument of \"\(name)\" must be one of \"off\", \"on\", not \"\(word)\"", code: code)
    }
    return word == "on"
}

/// `1 address`, `2 addresses` in iproute2's words about a flush.
func flushText(_ count: Int, _ one: String, _ many: String) -> String {
    "\n*** Round 1, deleting \(count) \(count == 1 ? one : many) ***\n*** Flush is complete after 1 round ***\n"
}

/// fnmatch(3)'s `*` and `?`.
func matchesPattern(_ text: String, _ pattern: String) -> Bool {
    func matches(_ text: Substring, _ pattern: Substring) -> Bool {
        guard let head = pattern.first else { return text.isEmpty }
        if head == "*" {
            return matches(text, pattern.dropFirst()) || (!text.isEmpty && matches(text.dropFirst(), pattern))
        }
        guard let first = text.first, head == "?" || head == first else { return false }
        return matches(text.dropFirst(), pattern.dropFirst())
    }
    return matches(text[...], pattern[...])
}

extension Failure {
    static func notAnAddress(_ word: String) -> Failure {
        Failure("Error: inet address is expected rather than \"\(word)\".", code: 1)
    }
}

extension Link {
    /// Of a kind as `type` names it; `bridge_slave` is a bridge's port.
    func isOf(kind: String) -> Bool {
        kind.hasSuffix("_slave") ? linkinfo?.slaveKind == String(kind.dropLast(6)) : linkinfo?.kind == kind
    }
}
