// ip: its options, its objects, and files of commands.

import Glibc
import NetnsClient

/// One `ip` command: how it is to answer, and where it acts.
struct IP {
    var style = Style()
    var family: Family?
    /// `-family link`, or `-0`.
    var isLinkFamily = false
    /// `-all`: of every namespace.
    var all = false
    var force = false
    var batch: String?
    /// Before each change that is shown: the time on a line, or in brackets.
    var timestamps: TimestampStyle?
    var standing: Standing
    let console: Console

    init(_ standing: Standing, _ console: Console) {
        self.standing = standing
        self.console = console
    }

    static let version = "ip utility, iproute2-6.1.0, of netnsd\n"

    /// Runs what the command line says; gives the exit code.
    static func run(_ arguments: [String], _ console: Console) -> CInt {
        var ip = IP(Standing(), console)
        do {
            var words = Words(arguments)
            guard try ip.readOptions(&words) else { return 0 }
            if let file = ip.batch { return try ip.runBatch(file) }
            if words.isEmpty { throw ip.usage }
            return ip.run(words)
        } catch let failure as Failure {
            return ip.report(failure)
        } catch {
            return ip.report(Failure("\(error)", code: 1))
        }
    }

    var usage: Failure {
        Failure(
            """
            Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }
                   ip [ -force ] -batch FILE
            OBJECT := { address | link | maddress | monitor | neighbour | netns | nexthop | route | rule }
            OPTIONS := { -V | -s | -d | -j | -p | -br | -o | -4 | -6 | -f { inet | inet6 } | -n NAME | -all |
                         -b FILE | -force | -t | -c[=always|auto|never] }
            This ip acts in network namespaces of your own, through netnsd.
            """, code: 255)
    }

    /// Reads the options before the object; false where one says to say something and end. An option may be
    /// abbreviated; the order of asking is iproute2's.
    private mutating func readOptions(_ words: inout Words) throws -> Bool {
        while let word = words.first, word.hasPrefix("-") {
            words.skip()
            if word == "--" { break }
            let option = word.hasPrefix("--") ? String(word.dropFirst()) : word
            if option == "-4" {
                family = .inet
            } else if option == "-6" {
                family = .inet6
            } else if option == "-0" {
                isLinkFamily = true
            } else if option.begins("-loops", "-rcvbuf") {
                _ = try words.value()
            } else if option.begins("-family") {
                let name = try words.value()
                isLinkFamily = name == "link"
                if isLinkFamily { continue }
                guard let known = Family(rawValue: name) else {
                    throw Failure.invalid(name, "invalid protocol family\n")
                }
                family = known
            } else if option.begins("-stats", "-statistics") {
                style.statistics += 1
            } else if option.begins("-details") {
                style.details += 1
            } else if option.begins("-oneline") {
                style.oneline = true
            } else if option.begins("-timestamp") {
                timestamps = timestamps ?? .line
            } else if option.begins("-tshort") {
                timestamps = .brackets
            } else if option.begins("-Version") {
                console.write(Self.version)
                return false
            } else if option.begins("-force") {
                force = true
            } else if option.begins("-batch") {
                batch = try words.value()
            } else if option.begins("-brief") {
                style.brief = true
            } else if option.begins("-json") {
                style.json = true
            } else if option.begins("-pretty") {
                style.pretty = true
            } else if let colour = colour(option) {
                style.colour = colour
            } else if option.begins("-help") {
                throw usage
            } else if option.begins("-netns") {
                let name = try words.value()
                guard let netns = NamespaceSelector(name) else { throw Failure.noNamespace(name) }
                standing = standing.moved(to: netns)
            } else if option.begins("-all") {
                all = true
            } else if !option.begins("-human-readable", "-iec", "-resolve", "-Numeric") {
                throw Failure("Option \"\(option)\" is unknown, try \"ip -help\".", code: 255)
            }
        }
        // iproute2 does not colour JSON.
        if style.json { style.colour = false }
        style.darkBackground = isBackgroundDark
        return true
    }

    /// `-color`, with `=always`, `=auto` or `=never`; nil for another option.
    private func colour(_ option: String) -> Bool? {
        let parts = option.split(separator: "=", maxSplits: 1)
        guard let name = parts.first, String(name).begins("-color"), name.count > 1 else { return nil }
        switch parts.count > 1 ? parts[1] : "always" {
        case "always": return true
        case "auto": return isatty(1) == 1
        case "never": return false
        default: return nil
        }
    }

    /// COLORFGBG ends in the background's number: 0 to 6 and 8 are dark.
    private var isBackgroundDark: Bool {
        guard let last = environment("COLORFGBG")?.split(separator: ";").last, let number = Int(last) else {
            return false
        }
        return (0...6).contains(number) || number == 8
    }

    /// Runs one command; gives its exit code.
    func run(_ words: Words) -> CInt {
        do {
            try dispatch(words)
            return 0
        } catch let failure as Failure {
            return report(failure)
        } catch let refusal as WireError {
            if refusal.isNoNamespace, let netns = standing.netns { return report(.noNamespace("\(netns)")) }
            return report(refusal.answer)
        } catch {
            return report(Failure("\(error)", code: 1))
        }
    }

    private func report(_ failure: Failure) -> CInt {
        if let message = failure.message { console.complain(message) }
        return failure.code
    }

    /// iproute2's objects in the order in which it compares; those that are not offered keep their abbreviations.
    private func dispatch(_ given: Words) throws {
        var words = given
        let object = words.next() ?? ""
        if object.begins("address") {
            try address(words)
        } else if object.begins("addrlabel") {
            throw Failure.notOffered("the object addrlabel")
        } else if object.begins("maddress") {
            try multicastAddress(words)
        } else if object.begins("route") {
            try route(words)
        } else if object.begins("rule") {
            try rule(words)
        } else if object.begins("neighbor", "neighbour") {
            try neighbour(words)
        } else if object.begins("link") {
            try link(words)
        } else if object.begins("monitor") {
            try monitor(words)
        } else if object.begins("netns") {
            try netns(words)
        } else if object.begins("nexthop") {
            try nexthop(words)
        } else if object.begins("help") {
            throw usage
        } else if object.begins("tunnel", "tuntap", "xfrm", "vrf", "token", "tap", "netconf", "mroute", "mptcp") {
            throw Failure.notOffered("the object \(object)")
        } else {
            throw Failure("Object \"\(object)\" is unknown, try \"ip help\".", code: 1)
        }
    }

    func printer() -> Printer { Printer(style) }

    /// Prints what is a list to JSON.
    func show(_ body: (Printer) throws -> Void) rethrows {
        let printer = printer()
        printer.openArray()
        try body(printer)
        printer.closeArray()
        printer.endDocument()
        console.write(printer.take())
    }
}

extension Failure {
    static func noNamespace(_ name: String) -> Failure {
        Failure("Cannot open network namespace \"\(name)\": No such file or directory", code: 255)
    }
}
