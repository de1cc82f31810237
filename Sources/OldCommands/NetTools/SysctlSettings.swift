// Settings as sysctl.conf(5) has them, a line each, and the two kinds of patterns that sysctl(8) knows.

import Glibc
import NetnsClient

/// `net.ipv4.ip_forward = 1`; behind a `-` what fails is no failure, and without a value it is only left alone.
struct SysctlSetting {
    let name: String
    let value: String?
    let ignoresFailure: Bool

    /// nil for a line that is none.
    init?(line: String) {
        var text = line.trimmed
        ignoresFailure = text.hasPrefix("-")
        if ignoresFailure { text.removeFirst() }
        guard let equals = text.firstIndex(of: "=") else {
            guard ignoresFailure else { return nil }
            (name, value) = (text.trimmed, nil)
            return
        }
        (name, value) = (String(text[..<equals]).trimmed, String(text[text.index(after: equals)...]).trimmed)
    }

    static func isComment(_ line: Substring) -> Bool {
        let text = String(line).trimmed
        return text.isEmpty || text.hasPrefix("#") || text.hasPrefix(";")
    }

    var isPattern: Bool { name.contains { "*?[".contains($0) } }

    /// With slashes, whichever way it is written.
    var path: String {
        guard name.first(where: { $0 == "." || $0 == "/" }) == "." else { return name }
        return String(name.map { $0 == "." ? "/" : $0 == "/" ? "." : $0 })
    }

    /// The level below which all that the pattern can reach is.
    var levelBeforePattern: SysctlName? {
        SysctlName(path.split(separator: "/").prefix { !$0.contains { "*?[".contains($0) } }.map(String.init))
    }
}

/// fnmatch(3), where no `*` reaches past a slash.
func matches(_ path: String, _ pattern: String) -> Bool { unsafe fnmatch(pattern, path, FNM_PATHNAME) == 0 }

/// An extended regular expression (regex(7)) that is looked for in names.
@safe final class Pattern {
    private var compiled = unsafe regex_t()

    init(_ text: String) throws {
        if unsafe regcomp(&compiled, text, REG_EXTENDED | REG_NOSUB) != 0 {
            throw Failure("sysctl: Invalid Regex: \(text)", code: 1)
        }
    }

    deinit { unsafe regfree(&compiled) }

    func matches(_ name: String) -> Bool { unsafe regexec(&compiled, name, 0, nil, 0) == 0 }
}

extension String {
    /// Without blanks at its ends.
    var trimmed: String {
        var text = self[...]
        while text.first == " " || text.first == "\t" { text = text.dropFirst() }
        while text.last == " " || text.last == "\t" { text = text.dropLast() }
        return String(text)
    }
}
