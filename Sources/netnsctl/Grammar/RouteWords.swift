// ip-route(8)'s words.

import ArgumentParser
import NetnsClient

/// `[NAMESPACE] [TYPE] DESTINATION [via A] [dev I] …`: a route and where it is for.
struct RouteWords {
    let place: Place
    let spec: RouteSpec

    static let help = ArgumentHelp(
        """
        NAMESPACE DESTINATION, then any of: via A, dev I, metric N, table T, src A, scope S, proto P, mtu N, onlink, \
        nhid N, tos N, pref P, expires SECONDS, and nexthop via A dev I weight N onlink, several times. A TYPE such as blackhole may precede DESTINATION.
        """, valueName: "word")
    private static let keywords = [
        "via", "dev", "metric", "table", "src", "scope", "proto", "mtu", "onlink", "nhid", "tos", "pref", "expires",
        "nexthop",
    ]

    init(_ list: [String], _ family: FamilyOption) throws {
        var words = Words(list)
        place = Place(orHere: try words.routeNamespace())
        let type = words.first.flatMap(RouteType.make)
        if type != nil { _ = words.next() }
        _ = words.take("to")
        var spec = RouteSpec(try words.positional("destination"), family: family.family)
        spec.type = type
        while let keyword = try words.keyword() {
            switch keyword {
            case "via": spec.gateway = try words.gateway(keyword)
            case "dev", "oif": spec.dev = try words.value(keyword)
            case "metric", "priority", "preference": spec.metric = try words.value(keyword)
            case "table": spec.table = try words.value(keyword)
            case "src": spec.prefsrc = try words.value(keyword)
            case "scope": spec.scope = try words.value(keyword)
            case "proto", "protocol": spec.protocol = try words.value(keyword)
            case "mtu": spec.mtu = try words.value(keyword)
            case "onlink": spec.onlink = true
            case "nhid": spec.nhid = try words.value(keyword)
            case "tos": spec.tos = try words.value(keyword)
            case "pref": spec.pref = try words.value(keyword)
            case "expires": spec.expires = try words.value(keyword)
            case "nexthop":
                spec.nexthops = try Self.nexthops(&words)
            default: throw unknown(keyword, Self.keywords)
            }
        }
        self.spec = spec
    }

    /// All the ways of a route; they are its last words.
    private static func nexthops(_ words: inout Words) throws -> [RouteSpec.Nexthop] {
        var ways: [RouteSpec.Nexthop] = []
        repeat {
            var way = RouteSpec.Nexthop()
            while let word = words.first, word != "nexthop" {
                _ = words.next()
                switch word {
                case "via": way.gateway = try words.gateway(word)
                case "dev": way.dev = try words.value(word)
                case "weight": way.weight = try words.value(word)
                case "onlink": way.onlink = true
                default: throw unknown(word, ["via", "dev", "weight", "onlink", "nexthop"])
                }
            }
            if way.gateway == nil && way.dev == nil { throw ValidationError("nexthop needs via or dev") }
            ways.append(way)
        } while words.take("nexthop")
        return ways
    }

    var params: ForNamespace<RouteSpec> { ForNamespace(place, spec) }
}

/// `[NAMESPACE] [[to] DESTINATION] [via A] [dev I] …`: which routes, and where.
struct RouteFilterWords {
    var namespace: NamespaceSelector?
    var filter = RouteFilter()
    /// Nothing was said at all.
    let isEmpty: Bool

    static let help = ArgumentHelp(
        """
        NAMESPACE, then any of: to DESTINATION, via A, dev I, table T|all, proto P, scope S, type T, root N, match N.
        """, valueName: "word")
    private static let keywords = ["to", "via", "dev", "table", "proto", "protocol", "scope", "type", "root", "match"]

    init(_ list: [String], _ family: FamilyOption) throws {
        var words = Words(list)
        isEmpty = words.isEmpty && family.family == nil
        namespace = try words.namespace(unless: Self.keywords.contains)
        filter.family = family.family
        while let keyword = try words.keyword() {
            switch keyword {
            case "to": filter.dst = try words.value(keyword)
            case "via": filter.gateway = try words.gateway(keyword)
            case "dev", "oif": filter.dev = try words.value(keyword)
            case "table":
                if words.take("all") { filter.allTables = true } else { filter.table = try words.value(keyword) }
            case "proto", "protocol": filter.protocol = try words.value(keyword)
            case "scope": filter.scope = try words.value(keyword)
            case "type": filter.type = try words.value(keyword)
            case "root": filter.root = try words.value(keyword)
            case "match": filter.match = try words.value(keyword)
            default:
                guard let dst = Destination(keyword), filter.dst == nil else { throw unknown(keyword, Self.keywords) }
                filter.dst = dst
            }
        }
    }
}

/// `[NAMESPACE] ADDRESS [from A] [oif I] [iif I] [mark N]`: which way a packet would go.
struct RouteQueryWords {
    let place: Place
    let query: RouteQuery

    static let help = ArgumentHelp(
        "NAMESPACE ADDRESS, then any of: from A, oif I, iif I, mark N.", valueName: "word")

    init(_ list: [String]) throws {
        var words = Words(list)
        place = Place(orHere: try words.namespace(unless: { IPAddress($0) != nil || $0 == "to" }))
        _ = words.take("to")
        var query = RouteQuery(try words.positional("address"))
        while let keyword = try words.keyword() {
            switch keyword {
            case "from": query.from = try words.value(keyword)
            case "oif", "dev": query.oif = try words.value(keyword)
            case "iif": query.iif = try words.value(keyword)
            case "mark": query.mark = try words.value(keyword)
            default: throw unknown(keyword, ["from", "oif", "iif", "mark"])
            }
        }
        self.query = query
    }
}

extension Words {
    /// An address after `via`, of which the family may be said: `via inet6 fe80::1`.
    fileprivate mutating func gateway(_ keyword: String) throws -> IPAddress {
        guard let family = first.flatMap(Family.make) else { return try value(keyword) }
        _ = next()
        let address: IPAddress = try value(keyword)
        if address.family != family { throw ValidationError("via '\(address)' is no \(family.rawValue) address") }
        return address
    }

    /// The namespace before a route. `default` and most addresses could be names too: the words after it decide.
    fileprivate mutating func routeNamespace() throws -> NamespaceSelector? {
        func isDestination(_ word: String) -> Bool { word == "to" || Destination(word) != nil }
        func isType(_ word: String) -> Bool { RouteType.make(word) != nil }
        if let first, isType(first), let second, !isType(second) { return nil }
        return try namespace(unless: { isDestination($0) || isType($0) })
    }
}
