// Text with colours: kept apart from its letters, so that widths are those of what is seen.

import Glibc

/// What a piece of text is; each has iproute2's colour (ip(8), `-color`).
enum Style: Sendable {
    case plain, heading, name, linkAddress, inet, inet6, up, down

    /// SGR parameters (ECMA-48).
    var code: String? {
        switch self {
        case .plain: nil
        case .heading: "1"
        case .name: "36"
        case .linkAddress: "33"
        case .inet: "35"
        case .inet6: "34"
        case .up: "32"
        case .down: "31"
        }
    }
}

/// Pieces of text, each in its style.
struct Text: ExpressibleByStringInterpolation, Sendable {
    private(set) var pieces: [(text: String, style: Style)] = []

    init(_ text: String = "", _ style: Style = .plain) {
        if !text.isEmpty { pieces = [(escaped(text), style)] }
    }

    init(stringLiteral value: String) { self.init(value) }

    var isEmpty: Bool { pieces.isEmpty }
    /// Columns of a terminal, as long as nobody names an interface with wide letters: the protocol forbids it.
    var width: Int { pieces.reduce(0) { $0 + $1.text.unicodeScalars.count } }

    static func + (left: Text, right: Text) -> Text {
        var both = left
        both.pieces += right.pieces
        return both
    }

    static func += (left: inout Text, right: Text) { left = left + right }

    /// Its words, each in its styles; what stands between them is lost.
    var words: [Text] {
        var words: [Text] = []
        var word = Text()
        for piece in pieces {
            for (index, part) in piece.text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
                if index > 0 {
                    if !word.isEmpty { words.append(word) }
                    word = Text()
                }
                if !part.isEmpty { word.pieces.append((String(part), piece.style)) }
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    var longestWord: Int { words.map(\.width).max() ?? 0 }

    /// In lines of at most so many columns, broken at spaces; longer words are broken where the line ends.
    func wrapped(to columns: Int) -> [Text] {
        if width <= columns || columns < 1 { return [self] }
        var lines: [Text] = []
        for word in words {
            if let last = lines.last, last.width + 1 + word.width <= columns {
                lines[lines.count - 1] = last + Text(" ") + word
            } else {
                lines += word.cut(to: columns)
            }
        }
        return lines
    }

    private func cut(to columns: Int) -> [Text] {
        var lines: [Text] = []
        for piece in pieces {
            for scalar in piece.text.unicodeScalars {
                if lines.last.map({ $0.width == columns }) ?? true { lines.append(Text()) }
                lines[lines.count - 1] += Text(String(scalar), piece.style)
            }
        }
        return lines.map(\.merged)
    }

    /// The same with neighbouring pieces of one style in one.
    var merged: Text {
        pieces.reduce(into: Text()) { result, piece in
            if let last = result.pieces.last, last.style == piece.style {
                result.pieces[result.pieces.count - 1].text += piece.text
            } else {
                result.pieces.append(piece)
            }
        }
    }

    func rendered(colour: Bool) -> String {
        pieces.reduce(into: "") { result, piece in
            if colour, let code = piece.style.code {
                result += "\u{1B}[\(code)m\(piece.text)\u{1B}[0m"
            } else {
                result += piece.text
            }
        }
    }
}

extension Sequence<Text> {
    func joined(by separator: String) -> Text {
        reduce(into: Text()) { result, next in
            if !result.isEmpty { result += Text(separator) }
            result += next
        }
    }
}

/// `--color`.
enum ColourChoice: String, CaseIterable, WordValue {
    case auto, always, never

    var isWanted: Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto: wantsColour()
        }
    }
}

/// Whether stdout should get colours: it is a terminal and nobody has asked for none (no-color.org).
private func wantsColour() -> Bool {
    guard isatty(1) == 1 else { return false }
    if let none = getenv("NO_COLOR"), none.pointee != 0 { return false }
    if let terminal = getenv("TERM"), strcmp(terminal, "dumb") == 0 { return false }
    return true
}

/// Without what a terminal would obey: control characters become `\xNN`, newlines stay.
func escaped(_ text: String) -> String {
    func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value != 0x0A && (scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value))
    }
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
        if isControl(scalar) {
            result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
}
