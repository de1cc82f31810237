// What a plain scalar means: YAML 1.2.2, section 10.3.2, and nothing else (`no` is a string).

/// Resolves a plain scalar by the core schema.
func coreSchema(_ text: String, at position: TextPosition) throws(YAMLFailure) -> JSONValue {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    case ".nan", ".NaN", ".NAN": return .real(.nan)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .real(.infinity)
    case "-.inf", "-.Inf", "-.INF": return .real(-.infinity)
    default: break
    }
    if let integer = coreInteger(text) {
        guard let number = Int64(integer.digits, radix: integer.radix) else {
            throw YAMLFailure(at: position, "an integer must be from \(Int64.min) to \(Int64.max)")
        }
        return .integer(number)
    }
    if isCoreFloat(text) {
        guard let number = Double(text), number.isFinite else {
            throw YAMLFailure(at: position, "the number is too big")
        }
        return .real(number)
    }
    return .string(text)
}

/// `[-+]? [0-9]+`, `0o [0-7]+`, `0x [0-9a-fA-F]+`
private func coreInteger(_ text: String) -> (digits: Substring, radix: Int)? {
    let bytes = text.utf8
    if text.hasPrefix("0o"), bytes.count > 2, bytes.dropFirst(2).allSatisfy({ (0x30...0x37).contains($0) }) {
        return (text.dropFirst(2), 8)
    }
    if text.hasPrefix("0x"), bytes.count > 2, bytes.dropFirst(2).allSatisfy(isHexadecimal) {
        return (text.dropFirst(2), 16)
    }
    let digits = bytes.dropFirst(isSign(bytes.first) ? 1 : 0)
    return !digits.isEmpty && digits.allSatisfy(isDigit) ? (text[...], 10) : nil
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
private func isCoreFloat(_ text: String) -> Bool {
    var rest = text.utf8[...]
    func takeDigits() -> Int {
        let digits = rest.prefix(while: isDigit)
        rest = rest.dropFirst(digits.count)
        return digits.count
    }
    if isSign(rest.first) { rest.removeFirst() }
    let whole = takeDigits()
    if rest.first == UInt8(ascii: ".") {
        rest.removeFirst()
        if takeDigits() == 0 && whole == 0 { return false }
    } else if whole == 0 {
        return false
    }
    guard let mark = rest.first else { return true }
    guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return false }
    rest.removeFirst()
    if isSign(rest.first) { rest.removeFirst() }
    return takeDigits() > 0 && rest.isEmpty
}

private func isSign(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") }

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

private func isHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
}
