// sysctl, as procps has it, for the parameters under net.

import NetnsClient

struct SysctlTool {
    private let standing: Standing
    private let console: Console
    private var onlyValues = false
    private var onlyNames = false
    private var quiet = false
    private var ignoresUnknown = false
    private var isWriting = false
    private var withoutNewline = false
    private var all = false

    static func run(_ arguments: [String], _ console: Console) -> CInt {
        runTool(console) { standing in
            var tool = SysctlTool(standing: standing, console: console)
            try tool.run(arguments)
        }
    }

    private init(standing: Standing, console: Console) {
        self.standing = standing
        self.console = console
    }

    private mutating func run(_ arguments: [String]) throws {
        var words: [String] = []
        for word in arguments {
            switch word {
            case "--values": onlyValues = true
            case "--names": onlyNames = true
            case "--quiet": quiet = true
            case "--ignore": ignoresUnknown = true
            case "--write": isWriting = true
            case "--all": all = true
            case "--version": return console.write("sysctl from procps, of netnsd\n")
            case _ where word.hasPrefix("-") && !word.hasPrefix("--"): try readLetters(word.dropFirst())
            case _ where word.hasPrefix("--"): throw Failure("sysctl: netnsd does not offer \(word)", code: 1)
            default: words.append(word)
            }
        }
        if all { throw Failure("sysctl: netnsd does not offer a list of all keys", code: 1) }
        if words.isEmpty { throw Failure("\nUsage:\n sysctl [-n | -N | -b] [-e] [-q] [-w] KEY[=VALUE]…\n", code: 1) }
        var code: CInt = 0
        for word in words where try !handle(word) { code += 1 }
        if code != 0 { throw Failure(nil, code: code) }
    }

    private mutating func readLetters(_ letters: Substring) throws {
        for letter in letters {
            switch letter {
            case "n": onlyValues = true
            case "N": onlyNames = true
            case "q": quiet = true
            case "e": ignoresUnknown = true
            case "w": isWriting = true
            case "b": (onlyValues, withoutNewline) = (true, true)
            case "a", "A", "X": all = true
            case "o", "x": break
            default: throw Failure("sysctl: netnsd does not offer -\(letter)", code: 1)
            }
        }
    }

    /// One word; false where it failed, which has been said.
    private func handle(_ word: String) throws -> Bool {
        guard let equals = word.firstIndex(of: "=") else {
            if isWriting {
                console.complain("sysctl: command line(0): invalid syntax, continuing...")
                return false
            }
            return try show(word)
        }
        let value = String(word[word.index(after: equals)...])
        return try set(String(word[..<equals]).trimmed, value.trimmed)
    }

    private func show(_ word: String) throws -> Bool {
        guard let key = SysctlKey(word) else { return unknown(word) }
        do {
            for value in try standing.call(SysctlGet.self, SysctlKeys([key])) { write(value) }
            return true
        } catch let refusal as WireError { return said(refusal, word) }
    }

    private func set(_ word: String, _ value: String) throws -> Bool {
        guard let key = SysctlKey(word) else { return unknown(word) }
        do {
            for value in try standing.call(SysctlSet.self, SysctlValues([SysctlValue(key: key, value: value)]))
            where !quiet {
                write(value)
            }
            return true
        } catch let refusal as WireError where refusal.reason == .invalidParams {
            console.complain("sysctl: setting key \"\(dotted(word))\": Invalid argument")
            return false
        } catch let refusal as WireError { return said(refusal, word) }
    }

    private func write(_ value: SysctlValue) {
        let name = dotted("\(value.key)")
        for line in value.value.split(separator: "\n", omittingEmptySubsequences: false) {
            let text = onlyNames ? name : onlyValues ? String(line) : "\(name) = \(line)"
            console.write(text + (withoutNewline ? "" : "\n"))
            if onlyNames { return }
        }
    }

    private func said(_ refusal: WireError, _ word: String) -> Bool {
        if refusal.reason == .notFound { return unknown(word) }
        let reason = refusal.reason == .permissionDenied ? "permission denied on key" : "error on key"
        console.complain("sysctl: \(reason) \"\(dotted(word))\", \(refusal.message)")
        return false
    }

    private func unknown(_ word: String) -> Bool {
        if ignoresUnknown { return true }
        let path = dotted(word).split(separator: ".").joined(separator: "/")
        console.complain("sysctl: cannot stat /proc/sys/\(path): No such file or directory")
        return false
    }

    /// `net/ipv4/ip_forward` as `net.ipv4.ip_forward`.
    private func dotted(_ word: String) -> String {
        guard let slash = word.firstIndex(of: "/"), word.firstIndex(of: ".").map({ slash < $0 }) ?? true else {
            return word
        }
        return String(word.map { $0 == "/" ? "." : $0 == "." ? "/" : $0 })
    }
}

extension String {
    /// Without blanks at its ends.
    fileprivate var trimmed: String {
        var text = self[...]
        while text.first == " " { text = text.dropFirst() }
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
