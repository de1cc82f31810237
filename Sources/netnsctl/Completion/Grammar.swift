// Completion in iproute2's grammar: after a place and what it is about come keywords, each with its value.

import NetnsClient

/// What the words of a command are, in their order.
struct Grammar {
    /// What comes first.
    enum Start { case link, namespace, either }
    /// What follows it without a keyword.
    enum Subject { case nothing, address, neighbour, destination }
    enum Value {
        /// The keyword stands for itself.
        case none
        case words([String])
        case link, master, localAddress, gateway, table, routePriority, rulePriority, destination, neighbour, any
    }

    let start: Start
    var subject = Subject.nothing
    /// What it is about exists already.
    var exists = false
    let keywords: [(word: String, value: Value, help: String)]

    static func of(_ path: String) -> Grammar? {
        let words = path.split(separator: " ").map(String.init)
        guard words.count == 2 else { return nil }
        let isFilter = words[1] == "list" || words[1] == "flush"
        let isThere = words[1] == "delete"
        switch words[0] {
        case "addr":
            return isFilter
                ? Grammar(start: .either, keywords: addressFilter)
                : Grammar(start: .link, subject: .address, exists: isThere, keywords: isThere ? [] : address)
        case "maddr":
            return isFilter
                ? Grammar(start: .either, keywords: [("dev", .link, "of this link")])
                : Grammar(start: .link, keywords: [])
        case "nexthop":
            return Grammar(start: .namespace, exists: words[1] != "add", keywords: isFilter ? nexthopFilter : nexthop)
        case "neigh" where words[1] == "get":
            return Grammar(start: .link, subject: .neighbour, exists: true, keywords: [])
        case "neigh":
            return isFilter
                ? Grammar(start: .either, keywords: neighbourFilter)
                : Grammar(start: .link, subject: .neighbour, exists: isThere, keywords: isThere ? [] : neighbour)
        case "fdb": return Grammar(start: .either, keywords: forwardingFilter)
        case "route" where words[1] == "get":
            return Grammar(start: .namespace, subject: .address, keywords: query)
        case "route":
            return isFilter
                ? Grammar(start: .namespace, exists: true, keywords: routeFilter)
                : Grammar(start: .namespace, subject: .destination, exists: isThere, keywords: route)
        case "rule":
            return Grammar(start: .namespace, exists: words[1] != "add", keywords: isFilter ? ruleFilter : rule)
        default: return nil
        }
    }

    private static let scopes = Value.words(["global", "site", "link", "host"])
    private static let protocols = Value.words(["boot", "static", "kernel", "ra", "dhcp", "bird", "zebra"])

    private static let address: [(String, Value, String)] = [
        ("broadcast", .words(["+"]), "its network's broadcast address"), ("peer", .any, "the other end's address"),
        ("scope", scopes, "how far it is good for"), ("label", .any, "a name for ifconfig"),
        ("metric", .any, "of the route to its network"),
        ("valid_lft", .words(["forever"]), "seconds until it goes"),
        ("preferred_lft", .words(["forever"]), "seconds until it is deprecated"),
        ("nodad", .none, "use it before it is known to be nobody else's"),
        ("noprefixroute", .none, "no route to its network"), ("dev", .link, "the link"),
    ]
    private static let addressFilter: [(String, Value, String)] = [
        ("dev", .link, "of this link"), ("to", .localAddress, "this address"), ("scope", scopes, "of this scope"),
    ]
    private static let neighbourStates = Value.words(NeighbourState.allCases.map { $0.rawValue.lowercased() })
    private static let neighbour: [(String, Value, String)] = [
        ("lladdr", .any, "its link-layer address"), ("nud", neighbourStates, "its state"),
        ("router", .none, "it is a router"), ("proxy", .none, "answer for it"),
        ("extern_learn", .none, "a program learned it"), ("dev", .link, "the link"),
    ]
    private static let neighbourFilter: [(String, Value, String)] = [
        ("dev", .link, "on this link"), ("to", .neighbour, "this neighbour"), ("nud", neighbourStates, "in this state"),
        ("proxy", .none, "those answered for"),
    ]
    private static let forwardingFilter: [(String, Value, String)] = [
        ("dev", .link, "behind this link"), ("br", .master, "of this bridge and its ports"),
    ]
    private static let route: [(String, Value, String)] = [
        ("via", .gateway, "the next router"), ("dev", .link, "the link to leave by"),
        ("metric", .routePriority, "the lowest is taken"), ("table", .table, "the routing table"),
        ("src", .localAddress, "the source address to prefer"), ("scope", scopes, "how far it reaches"),
        ("proto", protocols, "who made it"), ("mtu", .any, "of the way, in bytes"),
        ("onlink", .none, "the router is on the link though no address says so"),
        ("nhid", .any, "a nexthop object's ways"), ("tos", .any, "of this type of service"),
        ("pref", .words(["low", "medium", "high"]), "which of several routers (IPv6)"),
        ("expires", .any, "seconds until it goes (IPv6)"), ("nexthop", .none, "one of several ways"),
    ]
    private static let routeFilter: [(String, Value, String)] = [
        ("to", .destination, "to this destination"), ("via", .gateway, "by this router"),
        ("dev", .link, "by this link"),
        ("table", .table, "of this table"), ("proto", protocols, "made by this"), ("scope", scopes, "of this scope"),
        ("type", .words(RouteType.allCases.map(\.rawValue)), "of this type"),
        ("root", .destination, "to this network or a part of it"),
        ("match", .destination, "to a network that this one is in"),
    ]
    private static let nexthop: [(String, Value, String)] = [
        ("id", .any, "its number"), ("via", .gateway, "the next router"), ("dev", .link, "the link to leave by"),
        ("onlink", .none, "the router is on the link though no address says so"), ("blackhole", .none, "drop them"),
        ("fdb", .none, "for a bridge's forwarding entries"), ("group", .any, "several others"),
        ("proto", protocols, "who made it"),
    ]
    private static let nexthopFilter: [(String, Value, String)] = [
        ("id", .any, "this one"), ("dev", .link, "by this link"), ("master", .link, "by links of this one"),
        ("groups", .none, "groups alone"), ("proto", protocols, "made by this"),
    ]
    private static let query: [(String, Value, String)] = [
        ("from", .localAddress, "the source address"), ("oif", .link, "leaving by this link"),
        ("iif", .link, "coming in by this link"), ("mark", .any, "with this mark"),
    ]
    private static let rule: [(String, Value, String)] = [
        ("not", .none, "all but these"), ("from", .localAddress, "packets from there"),
        ("to", .any, "packets to there"),
        ("priority", .rulePriority, "the lowest is asked first"), ("table", .table, "the routing table to look in"),
        ("iif", .link, "packets coming in by this link"), ("oif", .link, "packets bound to this link"),
        ("fwmark", .any, "packets with this mark"), ("tos", .any, "packets of this type of service"),
        ("ipproto", .words(["tcp", "udp", "sctp", "icmp", "icmpv6"]), "packets of this protocol"),
        ("sport", .any, "packets from this port"), ("dport", .any, "packets to this port"),
        ("suppress_prefixlength", .any, "refuse routes to networks as wide as this"),
        ("blackhole", .none, "drop them"), ("unreachable", .none, "say unreachable"),
        ("prohibit", .none, "say prohibited"),
    ]
    private static let ruleFilter: [(String, Value, String)] = [
        ("table", .table, "that look in this table"), ("priority", .rulePriority, "of this priority"),
    ]
}

extension Completer {
    /// The candidates at the cursor in this grammar.
    func words(of grammar: Grammar) -> [Candidate] {
        var place = standing ?? ""
        var dev: String?
        var rest = line.arguments[...]
        guard let first = rest.first else { return start(grammar) }
        if !begins(first, grammar) || (rest.dropFirst().first.map { begins($0, grammar) } ?? false) {
            rest.removeFirst()
            place = namespacePart(first)
            if first.contains("/") { dev = String(first.dropFirst(place.count + 1)) }
        }
        let context = Context(place: place, dev: dev, exists: grammar.exists)
        var subject: String?
        if grammar.subject != .nothing {
            while let word = rest.first, word == "to" || word == "local" || RouteType.make(word) != nil {
                rest.removeFirst()
            }
            subject = rest.popFirst()
            guard subject != nil else { return subjects(grammar, context) }
        }
        return keywords(grammar, Array(rest), subject, context)
    }

    struct Context {
        let place: String
        let dev: String?
        let exists: Bool
    }

    private func start(_ grammar: Grammar) -> [Candidate] {
        switch grammar.start {
        case .link: links()
        case .namespace: namespaces()
        case .either: namespacesOrLinks()
        }
    }

    /// No place stands before it.
    private func begins(_ word: String, _ grammar: Grammar) -> Bool {
        if grammar.keywords.contains(where: { $0.word == word }) { return true }
        switch grammar.subject {
        case .nothing: return false
        case .destination: return word == "to" || Destination(word) != nil || RouteType.make(word) != nil
        case .address, .neighbour: return word == "to" || word == "local" || word == "proxy" || IPPrefix(word) != nil
        }
    }

    private func subjects(_ grammar: Grammar, _ context: Context) -> [Candidate] {
        guard grammar.exists else {
            guard grammar.subject == .destination else { return [] }
            return [Candidate(word: "default", help: "everything")]
                + ["blackhole", "unreachable", "prohibit", "throw"].map {
                    Candidate(word: $0, help: "packets go nowhere")
                }
        }
        switch grammar.subject {
        case .nothing: return []
        case .address: return live.addresses(in: context.place, on: context.dev)
        case .neighbour: return live.neighbours(in: context.place, on: context.dev)
        case .destination: return routes(context)
        }
    }

    private func routes(_ context: Context) -> [Candidate] {
        live.routes(in: context.place).map { route in
            let whole = route.text.rendered(colour: false)
            let destination = route.dst.description
            let rest = whole.hasPrefix(destination) ? String(whole.dropFirst(destination.count + 1)) : whole
            return Candidate(word: destination, help: rest)
        }
    }

    /// The value of the keyword before the cursor, or keywords that are not there yet.
    private func keywords(_ grammar: Grammar, _ words: [String], _ subject: String?, _ context: Context) -> [Candidate]
    {
        var due: (word: String, value: Grammar.Value)?
        for word in words {
            if due != nil {
                due = nil
            } else if let keyword = grammar.keywords.first(where: { $0.word == word }) {
                if case .none = keyword.value { continue }
                due = (word, keyword.value)
            }
        }
        if let due { return values(due.value, subject, context) }
        return grammar.keywords.filter { !words.contains($0.word) || words.contains("nexthop") }
            .map { Candidate(word: $0.word, help: $0.help) }
    }

    private func values(_ value: Grammar.Value, _ subject: String?, _ context: Context) -> [Candidate] {
        /// Routes that may be meant: where one is to go, those to its destination.
        func meant() -> [Route] {
            live.routes(in: context.place)
                .filter { !context.exists || subject == nil || $0.dst.description == subject }
        }
        switch value {
        case .none, .any: return []
        case .words(let words): return words.map { Candidate(word: $0) }
        case .link: return live.links(in: context.place)
        case .master: return live.links(in: context.place, masters: true)
        case .localAddress:
            return live.addresses(in: context.place, on: context.dev)
                .map { Candidate(word: String($0.word.prefix { $0 != "/" }), help: $0.help) }
        case .gateway:
            return unique(
                meant().compactMap { route in
                    route.gateway.map { Candidate(word: "\($0)", help: "gateway of \(route.dst)") }
                })
        case .routePriority:
            guard context.exists else { return [] }
            return unique(meant().compactMap { $0.metric.map { Candidate(word: "\($0)") } })
        case .table: return fixed("main", "local", "default") + (context.exists ? fixed("all") : [])
        case .rulePriority:
            guard context.exists else { return [] }
            return unique(
                live.rules(in: context.place)
                    .map { Candidate(word: $0.priority.description, help: $0.text.rendered(colour: false)) })
        case .destination: return unique(routes(context))
        case .neighbour: return live.neighbours(in: context.place, on: context.dev)
        }
    }

    private func unique(_ candidates: [Candidate]) -> [Candidate] {
        var seen: Set<String> = []
        return candidates.filter { seen.insert($0.word).inserted }
    }
}
