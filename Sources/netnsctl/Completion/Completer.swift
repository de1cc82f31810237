// Which kind of value stands where: arguments by their command, options by their name.

import Glibc
import NetnsClient

struct Completer {
    let line: CommandLineWords
    let live: LiveAnswers

    init(_ line: CommandLineWords) {
        self.line = line
        live = LiveAnswers(socket: line.value(of: "--socket"), describing: line.describing)
    }

    // MARK: arguments

    func argument() -> Answer {
        let arguments = line.arguments
        switch line.path {
        case "add", "help", "check", "info": return .words([])
        case "link add": return .words(arguments.isEmpty ? newLinks() : [])
        case "link set":
            return .words(arguments.isEmpty ? links() : arguments.count == 1 ? fixed("up", "down") : [])
        case "link delete": return .words(arguments.isEmpty ? links() : [])
        case "connect": return .words(arguments.count < 2 ? newLinks() : [])
        case "capture": return .words(arguments.isEmpty ? namespacesOrLinks() : [])
        case "sysctl":
            return .words((arguments.isEmpty ? namespaces() : []) + sysctlWords())
        case "kill": return .words(arguments.isEmpty ? live.programs() + namespaces() : [])
        case "chown": return .words(arguments.isEmpty ? live.users() : live.everybodys(but: arguments))
        case "quota": return .words(arguments.isEmpty ? live.users() : [])
        case "wait": return .words(arguments.isEmpty ? live.programs(ended: true) : [])
        case "forward": return .words(forwards(namespaceAt: 1))
        case "completions": return .words(arguments.isEmpty ? fixed("bash", "zsh", "fish") : [])
        default: break
        }
        if let grammar = Grammar.of(line.path) { return .words(words(of: grammar)) }
        // All others that have an argument have it of namespaces, one or several.
        guard let name = line.entry.arguments.first, ["name", "namespace", "name -- program"].contains(name) else {
            return .words([])
        }
        let takesMany = ["delete", "show", "graph", "monitor", "link list"].contains(line.path)
        guard takesMany || arguments.isEmpty else { return .words([]) }
        return .words(namespaces().filter { !arguments.contains($0.word) })
    }

    // MARK: options

    func value(of option: OptionEntry) -> Answer {
        switch option.name {
        case "--reverse": return .words(forwards(namespaceAt: 0))
        case "--user": return .words(live.users())
        case "--netns", "--namespace": return .words(namespaces())
        case "--kind": return .words(live.kinds(mine: line.path == "link add"))
        case "--master":
            return .words(live.links(in: place ?? line.arguments.first, masters: true))
        case "--peer-master":
            return .words(live.links(in: line.arguments.dropFirst().first.map(namespacePart), masters: true))
        case "--link", "--dev": return .words(live.links(in: place ?? line.arguments.first))
        case "--color": return .words(fixed("auto", "always", "never"))
        case "--format": return .words(fixed("text", "svg", "dot", "mermaid"))
        case "--subject": return .words(EventSubject.allCases.map { Candidate(word: $0.rawValue) })
        case "--mode": return .words(modes)
        case "--bridge": return .words(bridgeOptions)
        case "--bridge-port": return .words(portOptions)
        case "--signal": return .words(fixed("TERM", "KILL", "INT", "HUP", "STOP", "CONT", "USR1", "USR2"))
        default: break
        }
        switch option.value {
        case "path", "file"?: return .files
        case let choice? where choice.contains("|"):
            return .words(choice.split(separator: "|").map { Candidate(word: String($0)) })
        default: return .words([])
        }
    }

    private var modes: [Candidate] {
        switch line.value(of: "--kind") {
        case "macvlan": fixed("bridge", "private", "vepa", "passthru", "source")
        case "ipvlan": fixed("l2", "l3", "l3s")
        case "bond":
            fixed(
                "balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb")
        default: []
        }
    }

    private var bridgeOptions: [Candidate] {
        fixed("stp_state=", "vlan_filtering=", "forward_delay=", "hello_time=", "max_age=", "ageing_time=", "priority=")
    }

    private var portOptions: [Candidate] {
        fixed(
            "hairpin=", "isolated=", "learning=", "flood=", "mcast_flood=", "guard=", "root_block=", "priority=",
            "cost=")
    }

    // MARK: places

    /// The namespace of the first argument where that is a place.
    private var place: String? { line.arguments.first.flatMap { $0.contains("/") ? namespacePart($0) : nil } }

    func namespaces() -> [Candidate] { live.namespaces(like: line.current) }

    /// `server`, and once a slash is there, its links.
    func namespacesOrLinks() -> [Candidate] { line.current.contains("/") ? links() : namespaces() }

    /// `server/`, and after the slash the links there; where one stands in a namespace, its links by themselves too.
    func links() -> [Candidate] {
        guard let slash = line.current.firstIndex(of: "/") else {
            return namespaces().map { Candidate(word: $0.word + "/", help: $0.help) } + live.links(in: standing)
        }
        let name = String(line.current[..<slash])
        return live.links(in: name).map { Candidate(word: "\(name)/\($0.word)", help: $0.help) }
    }

    /// Of `8080:server:80` the namespace, once it is due.
    private func forwards(namespaceAt index: Int) -> [Candidate] {
        let before = line.current.split(separator: ":", omittingEmptySubsequences: false).dropLast()
        guard before.count == index else { return [] }
        return live.namespaces(like: "").map { name in
            Candidate(word: (before.map(String.init) + [name.word]).joined(separator: ":") + ":", help: name.help)
        }
    }

    /// `server/`, and after the slash the first name of the usual kind that is free.
    private func newLinks() -> [Candidate] {
        guard let slash = line.current.firstIndex(of: "/") else {
            return namespaces().map { Candidate(word: $0.word + "/", help: $0.help) }
        }
        let name = String(line.current[..<slash])
        guard let taken = live.linkNames(in: name) else { return [] }
        let given = line.arguments.filter { namespacePart($0) == name }.map { $0.dropFirst(name.count + 1) }
        let stem = String(line.current[line.current.index(after: slash)...].prefix { !$0.isNumber })
        let free = (0...).lazy.map { (stem.isEmpty ? "eth" : stem) + "\($0)" }
            .first { link in !taken.contains(link) && !given.contains { $0 == link } }
        return free.map { [Candidate(word: "\(name)/\($0)", help: "a new link")] } ?? []
    }
}

func fixed(_ words: String...) -> [Candidate] { words.map { Candidate(word: $0) } }

/// `server` of `server/eth0`.
func namespacePart(_ place: String) -> String { String(place.prefix { $0 != "/" }) }

/// The namespace this program was started in, where an agent started it.
var standing: String? { getenv("NETNSD_NAMESPACE").map { String(cString: $0) } }
