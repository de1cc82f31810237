// sysctl, as procps has it, for the parameters under net. Files of settings are read in SysctlSettings.swift.

import Descriptors
import NetnsClient
import SystemPackage

struct SysctlTool {
    private let standing: Standing
    private let console: Console
    private var onlyValues = false
    private var onlyNames = false
    private var quiet = false
    private var ignoresUnknown = false
    private var isWriting = false
    private var isDryRun = false
    private var withoutNewline = false
    private var all = false
    private var withDeprecated = false
    private var pattern: Pattern?
    private var files: [String]?

    static func run(_ arguments: [String], _ console: Console) -> CInt {
        runTool(console) { standing in
            var tool = SysctlTool(standing: standing, console: console)
            let code = try tool.run(arguments)
            if code != 0 { throw Failure(nil, code: code) }
        }
    }

    private init(standing: Standing, console: Console) {
        self.standing = standing
        self.console = console
    }

    // MARK: Words

    private mutating func run(_ arguments: [String]) throws -> CInt {
        if arguments.isEmpty {
            console.complain(String(Self.usage.dropLast()))
            return 1
        }
        var words = Words(arguments)
        var operands: [String] = []
        while let word = words.next() {
            if word == "--" {
                operands += words.all
                break
            } else if word.hasPrefix("--") {
                guard try read(option: word, &words) else { return 0 }
            } else if word.hasPrefix("-"), word != "-" {
                guard try read(letters: word.dropFirst(), &words) else { return 0 }
            } else {
                operands.append(word)
            }
        }
        if all { return try show(nil) ? 0 : 1 }
        if let files { return try load(files + operands) }
        if operands.isEmpty {
            console.complain("sysctl: no variables specified\nTry `sysctl --help' for more information.")
            return 1
        }
        // Each that cannot be read counts, all that cannot be set count as one.
        var (unread, unset): (CInt, CInt) = (0, 0)
        for word in operands {
            if isWriting || word.contains("=") {
                if try !set(word) { unset = 1 }
            } else if try !show(word) {
                unread += 1
            }
        }
        return unread | unset
    }

    /// False where nothing else is to be done.
    private mutating func read(option: String, _ words: inout Words) throws -> Bool {
        let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch parts[0] {
        case "--values": onlyValues = true
        case "--names": onlyNames = true
        case "--quiet": quiet = true
        case "--ignore": ignoresUnknown = true
        case "--write": isWriting = true
        case "--binary": (onlyValues, withoutNewline) = (true, true)
        case "--all": all = true
        case "--deprecated": withDeprecated = true
        case "--dry-run": isDryRun = true
        case "--pattern": pattern = try Pattern(parts.count > 1 ? parts[1] : words.next() ?? "")
        case "--load": files = (files ?? []) + parts.dropFirst()
        case "--version":
            console.write("sysctl from procps, of netnsd\n")
            return false
        case "--help":
            console.write(Self.usage)
            return false
        default:
            console.complain("sysctl: unrecognized option '\(option)'")
            console.write(Self.usage)
            return false
        }
        return true
    }

    private mutating func read(letters: Substring, _ words: inout Words) throws -> Bool {
        var letters = letters
        while let letter = letters.popFirst() {
            switch letter {
            case "n": onlyValues = true
            case "N": onlyNames = true
            case "q": quiet = true
            case "e": ignoresUnknown = true
            case "w": isWriting = true
            case "b": (onlyValues, withoutNewline) = (true, true)
            case "a", "A", "X": all = true
            case "o", "x": break
            case "r":
                pattern = try Pattern(letters.isEmpty ? words.next() ?? "" : String(letters))
                return true
            case "p", "f":
                files = (files ?? []) + (letters.isEmpty ? [] : [String(letters)])
                return true
            case "V": return try read(option: "--version", &words)
            case "h", "d": return try read(option: "--help", &words)
            default:
                console.complain("sysctl: invalid option -- '\(letter)'")
                console.write(Self.usage)
                return false
            }
        }
        return true
    }

    // MARK: Reading

    /// A key, or all there are below it; nil: all. False where it failed, which has been said.
    private func show(_ word: String?) throws -> Bool {
        var scope = SysctlScope(values: true)
        if let word {
            guard let name = SysctlName(word) else { return unknown(word) }
            scope.under = name
        }
        do {
            for listed in try standing.call(SysctlList.self, scope).keys {
                if let pattern, !pattern.matches("\(listed.key)") { continue }
                if word == nil, !withDeprecated, Self.deprecated.contains(listed.key.path.last ?? "") { continue }
                if onlyNames {
                    // The one that can only be written is passed over, those that have no value yet are not.
                    if listed.key.path.last != "flush" { console.write("\(listed.key)\n") }
                } else if let value = listed.value {
                    write("\(listed.key)", value)
                }
            }
            return true
        } catch let refusal as WireError { return said(refusal, word ?? "net") }
    }

    /// Keys that have a successor in milliseconds are left out of a list of all.
    private static let deprecated = ["base_reachable_time", "retrans_time"]

    private func write(_ name: String, _ value: String) {
        for line in value.split(separator: "\n", omittingEmptySubsequences: false) {
            console.write((onlyValues ? "" : "\(name) = ") + line + (withoutNewline ? "" : "\n"))
        }
    }

    // MARK: Setting

    private func set(_ word: String) throws -> Bool {
        guard let setting = SysctlSetting(line: word), let value = setting.value else {
            console.complain("sysctl: command line(0): invalid syntax, continuing...")
            return false
        }
        return try set(setting.name, value, failureIgnored: false)
    }

    private func set(_ name: String, _ value: String, failureIgnored: Bool) throws -> Bool {
        if name.isEmpty {
            console.complain("sysctl: Path is not under /proc/sys/: /proc/sys/")
            return false
        }
        guard let key = SysctlKey(name) else { return unknown(name) }
        do {
            if !isDryRun {
                try standing.call(SysctlSet.self, SysctlValues([SysctlValue(key: key, value: value)]))
            }
            // What was asked for, not what the kernel made of it.
            if !quiet {
                console.write((onlyValues || onlyNames ? "" : "\(key) = ") + value + (withoutNewline ? "" : "\n"))
            }
            return true
        } catch let refusal as WireError where refusal.reason == .invalidParams {
            console.complain("sysctl: setting key \"\(key)\": Invalid argument")
            return failureIgnored
        } catch let refusal as WireError { return said(refusal, name) || failureIgnored }
    }

    /// Files, one after the other: all are read before anything is set.
    private func load(_ names: [String]) throws -> CInt {
        var settings: [SysctlSetting] = []
        var failed = false
        for name in names.isEmpty ? ["/etc/sysctl.conf"] : names {
            let text: String
            do {
                text = try contents(ofFile: name)
            } catch {
                console.complain("sysctl: cannot open \"\(name)\": \(errnoText(error.errno.rawValue))")
                failed = true
                continue
            }
            for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                if SysctlSetting.isComment(line) { continue }
                let setting = SysctlSetting(line: String(line))
                if let pattern, !pattern.matches(setting?.name ?? String(line).trimmed) { continue }
                guard let setting else {
                    console.complain("sysctl: \(name)(\(number + 1)): invalid syntax, continuing...")
                    continue
                }
                settings.append(setting)
            }
        }
        // What is named, to be set or left alone, is left out where a pattern would reach it too.
        let named = Set(settings.compactMap { $0.isPattern ? nil : SysctlName($0.name) })
        for setting in settings {
            guard let value = setting.value else { continue }
            let names = setting.isPattern ? try reached(by: setting, but: named) : [setting.name]
            for name in names where try !set(name, value, failureIgnored: setting.ignoresFailure) { failed = true }
        }
        return failed ? 1 : 0
    }

    /// The keys that a pattern of a file stands for (glob(7)), in the order of their names.
    private func reached(by setting: SysctlSetting, but named: Set<SysctlName>) throws -> [String] {
        let scope = SysctlScope(under: setting.levelBeforePattern)
        let keys: [SysctlList.Listed]
        do { keys = try standing.call(SysctlList.self, scope).keys } catch let refusal as WireError
            where refusal.reason == .notFound
        { return [] }
        let path = setting.path
        return keys.filter { !named.contains($0.key.name) && matches($0.key.path.joined(separator: "/"), path) }
            .map { "\($0.key)" }.sorted()
    }

    // MARK: What goes wrong

    private func said(_ refusal: WireError, _ word: String) -> Bool {
        if refusal.reason == .notFound { return unknown(word) }
        let reason = refusal.reason == .permissionDenied ? "permission denied on key" : "error on key"
        console.complain("sysctl: \(reason) \"\(SysctlName(word)?.description ?? word)\", \(refusal.message)")
        return false
    }

    private func unknown(_ word: String) -> Bool {
        if ignoresUnknown { return true }
        let path = SysctlName(word)?.path.joined(separator: "/") ?? String(word.map { $0 == "." ? "/" : $0 })
        console.complain("sysctl: cannot stat /proc/sys/\(path): No such file or directory")
        return false
    }

    private static let usage = """

        Usage:
         sysctl [options] [variable[=value] ...]

        Options:
          -a, --all            display all variables
          -A                   alias of -a
          -X                   alias of -a
              --deprecated     include deprecated parameters to listing
              --dry-run        Print the key and values but do not write
          -b, --binary         print value without new line
          -e, --ignore         ignore unknown variables errors
          -N, --names          print variable names without values
          -n, --values         print only values of the given variable(s)
          -p, --load[=<file>]  read values from file
          -f                   alias of -p
          -r, --pattern <expression>
                               select setting that match expression
          -q, --quiet          do not echo variable set
          -w, --write          enable writing a value to variable
          -o                   does nothing
          -x                   does nothing
          -d                   alias of -h

         -h, --help     display this help and exit
         -V, --version  output version information and exit

        For more details see sysctl(8).

        """
}
