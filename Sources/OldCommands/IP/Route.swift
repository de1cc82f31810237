// ip route: routes shown, looked up, made and taken away.

import Glibc
import NetnsClient

extension IP {
    func route(_ given: Words) throws {
        var words = given
        guard let command = words.next() else { return try showRoutes(words) }
        if command.begins("list", "show") || command == "lst" {
            try showRoutes(words)
        } else if command.begins("get") {
            try lookUpRoute(words)
        } else if command.begins("add") {
            try standing.call(RouteAdd.self, RouteWords(words, family).spec)
        } else if command.begins("change") || command == "chg" {
            try standing.call(RouteChange.self, RouteWords(words, family).spec)
        } else if command.begins("replace") {
            try standing.call(RouteReplace.self, RouteWords(words, family).spec)
        } else if command.begins("prepend") {
            try standing.call(RoutePrepend.self, RouteWords(words, family).spec)
        } else if command.begins("append") {
            try standing.call(RouteAppend.self, RouteWords(words, family).spec)
        } else if command.begins("test", "save", "restore", "showdump") {
            throw Failure.notOffered("ip route \(command)")
        } else if command.begins("delete") {
            try standing.call(RouteDelete.self, RouteWords(words, family, isDeletion: true).spec)
        } else if command.begins("flush") {
            try flushRoutes(words)
        } else if command.begins("help") {
            throw Failure.routeUsage
        } else {
            throw Failure.unknownCommand(command, of: "route")
        }
    }

    // MARK: Showing

    private func showRoutes(_ words: Words) throws {
        let selection = try RouteSelection(words, family)
        if selection.isOfCache { return show { _ in } }
        let routes: [Route] = try standing.list(RouteList.self, selection.agents)
        let nexthops = try nexthops(of: routes)
        show { printer in
            for route in routes where selection.matches(route) {
                printer.openObject()
                printer.route(route, selection.shownOnce, nexthop: route.nhid.flatMap { nexthops[$0] })
                printer.text("\n")
                printer.closeObject()
            }
        }
    }

    /// The nexthop objects that routes refer to, where details are to be shown.
    private func nexthops(of routes: [Route]) throws -> [NexthopId: Nexthop] {
        guard style.details > 0, routes.contains(where: { $0.nhid != nil }) else { return [:] }
        let nexthops: [Nexthop] = try standing.list(NexthopList.self, NexthopFilter())
        return Dictionary(nexthops.map { ($0.id, $0) }) { first, _ in first }
    }

    private func flushRoutes(_ words: Words) throws {
        if words.isEmpty { throw Failure("\"ip route flush\" requires arguments.", code: 255) }
        let selection = try RouteSelection(words, family)
        if selection.isOfCache { return }
        let flushed = try standing.call(RouteFlush.self, selection.agents)
        guard style.statistics > 0 else { return }
        console.write(flushed.removed == 0 ? "Nothing to flush.\n" : flushText(flushed.removed, "entry", "entries"))
    }

    private func lookUpRoute(_ given: Words) throws {
        var words = given
        var query: RouteQuery?
        var from: IPAddress?
        var oif: InterfaceName?
        var iif: InterfaceName?
        var mark: Word?
        while let word = words.next() {
            switch word {
            case "from": from = try address(words.value(), "inet")
            case "oif", "dev": oif = try device(words.value())
            case "iif": iif = try device(words.value())
            case "mark": mark = try bounded(words.value(), "mark")
            case "tos", "dsfield", "uid", "ipproto", "sport", "dport", "vrf", "fibmatch", "notify", "connected":
                throw Failure.notOffered("ip route get with \(word)")
            case _ where word.begins("help"): throw Failure.routeUsage
            default:
                query = RouteQuery(
                    try address(word == "to" ? words.value() : word, query == nil ? "any valid" : "inet"))
            }
        }
        guard var query else { throw Failure("need at least a destination address", code: 1) }
        (query.from, query.oif, query.iif, query.mark) = (from, oif, iif, mark)
        let route = try standing.call(RouteGet.self, query)
        show { printer in
            printer.openObject()
            printer.route(route, [], lookedUpBy: getuid(), from: from, mark: mark, iif: iif)
            printer.text("\n")
            printer.closeObject()
        }
    }

    private func address(_ word: String, _ wanted: String) throws -> IPAddress {
        let text = word.hasSuffix("/32") ? String(word.dropLast(3)) : word
        guard let address = IPAddress(text) else {
            throw Failure("Error: \(wanted) prefix is expected rather than \"\(word)\".", code: 1)
        }
        return address
    }
}

func device(_ word: String) throws -> InterfaceName {
    guard let name = InterfaceName(word) else { throw Failure.noDevice(word) }
    return name
}

/// Which routes `show` and `flush` are for.
struct RouteSelection {
    /// What the agent can choose by.
    var agents = RouteFilter()
    /// Parts of which all routes shown have the same, so that they are not shown.
    var shownOnce: Set<RoutePart> = []
    var isOfCache = false

    init(_ given: Words, _ family: Family?) throws {
        var words = given
        agents.family = family
        while let word = words.next() {
            switch word {
            case "to": try readDestination(word, &words)
            case _ where word.begins("table"): try readTable(words.value())
            case _ where word.begins("cached", "cloned"): isOfCache = true
            case "dev", "oif":
                agents.dev = try device(words.value())
                shownOnce.insert(.device)
            case _ where word.begins("protocol"):
                let name = try words.value()
                guard name != "all" else { continue }
                guard let known = RouteProtocol(name) else { throw Failure.invalid(name, "invalid \"protocol\"\n") }
                agents.protocol = known
                shownOnce.insert(.protocol)
            case _ where word.begins("scope"):
                let name = try words.value()
                guard name != "all" else { continue }
                agents.scope = try OldCommands.scope(name)
                shownOnce.insert(.scope)
            case _ where word.begins("type"):
                let name = try words.value()
                guard let type = RouteType(rawValue: name) else {
                    throw Failure.invalid(name, "node type value is invalid\n")
                }
                agents.type = type
            case "via":
                var word = try words.value()
                if Family(rawValue: word) != nil { word = try words.value() }
                guard let gateway = IPAddress(word) else { throw Failure.notAnAddress(word) }
                agents.gateway = gateway
                shownOnce.insert(.gateway)
            case "tos", "dsfield":
                agents.tos = try tos(words.value())
                shownOnce.insert(.tos)
            case _ where word.begins("metric", "priority", "preference"):
                agents.metric = try metric(words.value())
                shownOnce.insert(.metric)
            case "src":
                agents.prefsrc = try source(words.value())
                shownOnce.insert(.source)
            case _ where word.begins("realms", "from", "vrf", "iif"):
                throw Failure.notOffered("routes selected by \(word)")
            case _ where word.begins("help"): throw Failure.routeUsage
            default: try readDestination(word, &words)
            }
        }
        // iproute2 shows IPv4's where nothing says a family, and both of all tables.
        if agents.family == nil && agents.allTables != true {
            agents.family = (agents.root ?? agents.match)?.family ?? agents.dst?.family ?? .inet
        }
    }

    private mutating func readTable(_ name: String) throws {
        shownOnce.insert(.table)
        switch name {
        case "all", "0":
            agents.allTables = true
            shownOnce.remove(.table)
        case "cache": isOfCache = true
        default:
            guard let table = RouteTable(name) else { throw Failure.invalid(name, "table id value is invalid\n") }
            agents.table = table
        }
    }

    private mutating func readDestination(_ given: String, _ words: inout Words) throws {
        var word = given
        if word == "to" { word = try words.value() }
        switch word {
        case _ where word.begins("root"): agents.root = try prefix(words.value())
        case _ where word.begins("match"): agents.match = try prefix(words.value())
        default:
            if word.begins("exact") { word = try words.value() }
            agents.dst = try destination(word)
        }
    }

    private func source(_ word: String) throws -> IPAddress {
        let prefix = try addressPrefix(word)
        guard prefix.isHost else { throw Failure.notOffered("routes selected by a network of sources") }
        return prefix.address
    }

    private func prefix(_ word: String) throws -> IPPrefix {
        try destination(word).network(agents.family ?? .inet)
    }

    /// The ways of a route by several are not looked at.
    func matches(_ route: Route) -> Bool {
        route.nexthops == nil || agents.dev == nil && agents.gateway == nil
    }
}

/// What `ip route` leaves out where a filter says it already.
enum RoutePart { case device, `protocol`, scope, gateway, table, tos, metric, source }

extension Failure {
    static let routeUsage = Failure(
        """
        Usage: ip route [ { show | flush } [ root PREFIX | match PREFIX | [ exact ] PREFIX ] [ table TABLE ]
                          [ dev DEV ] [ via ADDRESS ] [ src ADDRESS ] [ metric METRIC ] [ tos TOS ] [ proto PROTOCOL ]
                          [ scope SCOPE ] [ type TYPE ] ]
               ip route get ADDRESS [ from ADDRESS ] [ iif DEV ] [ oif DEV ] [ mark MARK ]
               ip route { add | del | change | append | prepend | replace } [ TYPE ] PREFIX [ via ADDRESS ] [ dev DEV ] [ src ADDRESS ]
                        [ metric METRIC ] [ table TABLE ] [ proto PROTOCOL ] [ scope SCOPE ] [ onlink ] [ nhid ID ]
                        [ tos TOS ] [ pref { low | medium | high } ] [ expires SECONDS ]
                        [ { mtu | advmss | window | hoplimit | rtt | … } [ lock ] NUMBER ]…
                        [ nexthop [ via ADDRESS ] [ dev DEV ] [ weight NUMBER ] [ onlink ] ]…
        TYPE := { unicast | local | broadcast | multicast | throw | unreachable | prohibit | blackhole }
        """, code: 255)
}
