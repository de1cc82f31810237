// One description of what is shown, printed as iproute2 prints it: as text, or as JSON member by member.
//
// iproute2 writes JSON as it goes (lib/json_writer.c): the pretty form ends no line behind `[`, and the members of an
// object stand four columns further in than the object. Scripts compare such output, so this does the same.

/// iproute2's colours (lib/color.c), for a light background and a dark one.
enum Colour: Int {
    case interface = 6
    case mac = 3
    case inet = 5
    case inet6 = 4
    case up = 2
    case down = 1
}

/// How things are to be shown: `ip`'s options.
struct Style {
    var json = false
    var pretty = false
    var brief = false
    var oneline = false
    var details = 0
    var statistics = 0
    var colour = false
    var darkBackground = false
}

final class Printer {
    let style: Style
    private var text = ""
    private var depth = 0
    private var separator: Character?
    var isJSON: Bool { style.json }

    init(_ style: Style) { self.style = style }

    /// What was printed since the last time.
    func take() -> String {
        defer { text = "" }
        return text
    }

    // MARK: Text

    /// A line's end within one entry.
    var lineBreak: String { style.oneline ? "\\" : "\n" }

    func text(_ words: String) { if !isJSON { text += words } }

    func coloured(_ words: String, _ colour: Colour?) {
        guard !isJSON else { return }
        guard style.colour, let colour else {
            text += words
            return
        }
        text += style.darkBackground ? "\u{1B}[1;\(30 + colour.rawValue)m" : "\u{1B}[\(30 + colour.rawValue)m"
        text += words + "\u{1B}[0m"
    }

    // MARK: Both

    func string(_ key: String, _ value: String, _ before: String = "", _ after: String = " ", _ colour: Colour? = nil) {
        if isJSON { return json(key, value) }
        text += before
        coloured(value + after, colour)
    }

    func number(_ key: String, _ value: some BinaryInteger, _ before: String, _ after: String = " ") {
        isJSON ? json(key, raw: String(value)) : text(before + String(value) + after)
    }

    /// A word that is there or not: true in JSON.
    func flag(_ key: String, _ words: String) { isJSON ? json(key, raw: "true") : text(words) }

    /// The same of those that iproute2 gives as null.
    func null(_ key: String, _ words: String) { isJSON ? json(key, raw: "null") : text(words) }

    func onOff(_ key: String, _ value: Bool) {
        isJSON ? json(key, raw: String(value)) : text("\(key) \(value ? "on" : "off") ")
    }

    // MARK: JSON

    func json(_ key: String?, _ value: String) { json(key, raw: quoted(value)) }

    func json(_ key: String?, raw: String) {
        guard isJSON else { return }
        name(key)
        if key == nil { separate() }
        text += raw
        separator = ","
    }

    func openArray(_ key: String? = nil) {
        guard isJSON else { return }
        name(key)
        open("[")
        if style.pretty { text += " " }
    }

    func closeArray() {
        guard isJSON else { return }
        if style.pretty, separator != nil { text += " " }
        separator = nil
        close("]")
    }

    func openObject(_ key: String? = nil) {
        guard isJSON else { return }
        name(key)
        open("{")
    }

    func closeObject() { if isJSON { close("}") } }

    func endDocument() { if isJSON { text += "\n" } }

    private func separate() {
        if let separator { text.append(separator) }
        separator = ","
    }

    private func open(_ bracket: String) {
        separate()
        text += bracket
        depth += 1
        separator = nil
    }

    private func close(_ bracket: String) {
        depth -= 1
        if separator != nil { endLine() }
        text += bracket
        separator = ","
    }

    private func name(_ key: String?) {
        guard let key else { return }
        separate()
        endLine()
        separator = nil
        text += "\"\(key)\":" + (style.pretty ? " " : "")
    }

    private func endLine() {
        if style.pretty { text += "\n" + String(repeating: " ", count: 4 * depth) }
    }

    private func quoted(_ value: String) -> String {
        var result = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\t": result += "\\t"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\u{0C}": result += "\\f"
            case "\u{08}": result += "\\b"
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension String {
    /// Blanks behind it up to a width, `%-16s`.
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - utf8.count)) }
    /// Blanks before it, `%16s`.
    func indented(_ width: Int) -> String { String(repeating: " ", count: max(0, width - utf8.count)) + self }
}
