// brctl, as bridge-utils has it: its commands, and which words they take. What they show is in BrctlShow.swift, what
// they change in BrctlChange.swift.

import Glibc
import NetnsClient

struct Brctl {
    let standing: Standing
    let console: Console

    static func run(_ arguments: [String], _ console: Console) -> CInt {
        runTool(console) { try Brctl(standing: $0, console: console).run(arguments) }
    }

    /// At least so many words follow; more are left alone.
    private static let commands: [(name: String, words: Int, usage: String)] = [
        ("addbr", 1, "<bridge>\t\tadd bridge"), ("delbr", 1, "<bridge>\t\tdelete bridge"),
        ("addif", 2, "<bridge> <device>\tadd interface to bridge"),
        ("delif", 2, "<bridge> <device>\tdelete interface from bridge"),
        ("hairpin", 3, "<bridge> <port> {on|off}\tturn hairpin on/off"),
        ("setageing", 2, "<bridge> <time>\t\tset ageing time"),
        ("setbridgeprio", 2, "<bridge> <prio>\t\tset bridge priority"),
        ("setfd", 2, "<bridge> <time>\t\tset bridge forward delay"),
        ("sethello", 2, "<bridge> <time>\t\tset hello time"),
        ("setmaxage", 2, "<bridge> <time>\t\tset max message age"),
        ("setpathcost", 3, "<bridge> <port> <cost>\tset path cost"),
        ("setportprio", 3, "<bridge> <port> <prio>\tset port priority"),
        ("show", 0, "[ <bridge> ]\t\tshow a list of bridges"),
        ("showmacs", 1, "<bridge>\t\tshow a list of mac addrs"),
        ("showstp", 1, "<bridge>\t\tshow bridge stp info"), ("stp", 2, "<bridge> {on|off}\tturn stp on/off"),
    ]

    private func perform(_ command: String, _ words: [String]) throws {
        switch command {
        case "addbr": try words.forEach(add)
        case "delbr": try words.forEach(delete)
        case "addif": try joinAll(words)
        case "delif": try leaveAll(words)
        case "hairpin": try setHairpin(words)
        case "setageing": try setTime(words, "ageing time", \.ageingTime)
        case "setbridgeprio": try setPriority(words)
        case "setfd": try setTime(words, "forward delay", \.forwardDelay)
        case "sethello": try setTime(words, "hello timer", \.helloTime)
        case "setmaxage": try setTime(words, "max age", \.maxAge)
        case "setpathcost": try setPathCost(words)
        case "setportprio": try setPortPriority(words)
        case "showmacs": try showAddresses(words)
        case "showstp": try showSpanningTree(words)
        case "stp": try setSpanningTree(words)
        default: try show(words)
        }
    }

    private static var usage: String {
        "Usage: brctl [commands]\ncommands:\n"
            + commands.map { command in
                let name = command.name.padded(10)
                return "\t\(name)\t\(command.usage)\n"
            }.joined()
    }

    private func run(_ arguments: [String]) throws {
        var words: [String] = []
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch word {
            case "-V", "--version": return console.write("bridge-utils, of netnsd\n")
            case "-h", "--help": return console.write(Self.usage)
            case "--": (words, rest) = (words + rest, [])
            case _ where word.hasPrefix("-") && word != "-": throw unknownOption(word)
            default: words.append(word)
            }
        }
        guard let name = words.first else {
            console.write(Self.usage)
            throw Failure(nil, code: 1)
        }
        guard let command = Self.commands.first(where: { $0.name == name }) else {
            console.complain("never heard of command [\(name)]")
            console.write(Self.usage)
            throw Failure(nil, code: 1)
        }
        guard words.count > command.words else {
            console.write("Incorrect number of arguments for command\nUsage: brctl \(name) \(command.usage)\n")
            throw Failure(nil, code: 1)
        }
        try perform(name, Array(words.dropFirst()))
    }

    /// In getopt_long(3)'s words.
    private func unknownOption(_ word: String) -> Failure {
        let isLong = word.hasPrefix("--")
        let letter = isLong ? "unrecognized option '\(word)'" : "invalid option -- '\(word.dropFirst().prefix(1))'"
        console.complain("brctl: \(letter)\nUnknown option '?'")
        console.write(Self.usage)
        return Failure(nil, code: 1)
    }

    // MARK: What is there

    /// Everything in the namespace, for a command that looks at bridges and their ports.
    func links() throws -> [Link] { try standing.links().map(\.link) }

    /// The bridge of this name among these links.
    func bridge(_ name: String, among links: [Link]) throws -> Link {
        guard let link = links.first(where: { $0.ifname == name }) else {
            throw Failure("bridge \(name) does not exist!", code: 1)
        }
        guard link.isOf(kind: "bridge") else { throw Failure("device \(name) is not a bridge!", code: 1) }
        return link
    }
}
