// From a value tree to text that is safe to send on a line and to show on a terminal.

extension JSONValue {
    /// The JSON text in UTF-8, without a newline at its end: on one line, or indented by two spaces.
    ///
    /// Characters that steer a terminal or break lines are escaped: C0, DEL, C1, U+2028/9 and the bidirectional
    /// controls. A number that is not finite, which JSON cannot say, becomes `null`.
    public func serialized(pretty: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        appendSerialized(to: &bytes, pretty: pretty)
        return bytes
    }

    public func appendSerialized(to bytes: inout [UInt8], pretty: Bool = false) {
        append(to: &bytes, indentation: pretty ? 0 : nil)
    }

    /// `indentation` is the depth so far, or nil for one line.
    private func append(to bytes: inout [UInt8], indentation: Int?) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += String(value).utf8
        case .real(let value): bytes += (value.isFinite ? value.description : "null").utf8
        case .string(let value): bytes.appendQuoted(value)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                bytes.startItem(first: index == 0, indentation)
                element.append(to: &bytes, indentation: indentation.map { $0 + 1 })
            }
            if !elements.isEmpty { bytes.startLine(indentation) }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in object.enumerated() {
                bytes.startItem(first: index == 0, indentation)
                bytes.appendQuoted(member.key)
                bytes.append(UInt8(ascii: ":"))
                if indentation != nil { bytes.append(UInt8(ascii: " ")) }
                member.value.append(to: &bytes, indentation: indentation.map { $0 + 1 })
            }
            if !object.isEmpty { bytes.startLine(indentation) }
            bytes.append(UInt8(ascii: "}"))
        }
    }
}

extension [UInt8] {
    fileprivate mutating func startItem(first: Bool, _ indentation: Int?) {
        if !first { append(UInt8(ascii: ",")) }
        startLine(indentation.map { $0 + 1 })
    }

    fileprivate mutating func startLine(_ indentation: Int?) {
        guard let indentation else { return }
        append(UInt8(ascii: "\n"))
        append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * indentation))
    }

    fileprivate mutating func appendQuoted(_ text: String) {
        append(UInt8(ascii: "\""))
        let text = text.utf8Span.span
        var index = 0
        while index < text.count {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case UInt8(ascii: "\n"): self += "\\n".utf8
            case UInt8(ascii: "\r"): self += "\\r".utf8
            case UInt8(ascii: "\t"): self += "\\t".utf8
            case 0..<0x20, 0x7F: appendEscape(UInt16(byte))
            case 0xC2 where text[index + 1] < 0xA0:  // U+0080–009F, the C1 controls
                appendEscape(UInt16(text[index + 1]))
                index += 1
            case 0xE2 where Self.isControl(text[index + 1], text[index + 2]):
                appendEscape(0x2000 | UInt16(text[index + 1] & 0x3F) << 6 | UInt16(text[index + 2] & 0x3F))
                index += 2
            default: append(byte)
            }
            index += 1
        }
        append(UInt8(ascii: "\""))
    }

    /// After E2: U+2028–202E (line and paragraph separators, bidirectional embedding), U+2066–2069 (isolates).
    private static func isControl(_ second: UInt8, _ third: UInt8) -> Bool {
        second == 0x80 && (0xA8...0xAE).contains(third) || second == 0x81 && (0xA6...0xA9).contains(third)
    }

    private mutating func appendEscape(_ unit: UInt16) {
        self += "\\u".utf8
        for shift in [12, 8, 4, 0] as [UInt16] {
            let digit = UInt8(unit >> shift & 0xF)
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
