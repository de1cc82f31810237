// The words of a route that is to be made or taken away.

import NetnsClient

struct RouteWords {
    private(set) var spec: RouteSpec

    init(_ given: Words, _ family: Family?, isDeletion: Bool = false) throws {
        var words = given
        if words.isEmpty { throw Failure.routeUsage }
        var dst: Destination?
        spec = RouteSpec(.any)
        var ways: [RouteSpec.Nexthop] = []
        while let word = words.next() {
            switch word {
            case "src": spec.prefsrc = try Self.address(words.value())
            case "pref": spec.pref = try Self.preference(words.value())
            case "via": spec.gateway = try Self.gateway(&words)
            case _ where word.begins("metric", "priority", "preference"): spec.metric = try metric(words.value())
            case _ where word.begins("scope"): spec.scope = try scope(words.value())
            case _ where RouteMetrics.keys.contains(word): try Self.pathMetric(word, &words, &spec)
            case "nhid": spec.nhid = try bounded(words.value(), "id")
            case "tos", "dsfield": spec.tos = try tos(words.value())
            case "expires": spec.expires = try bounded(words.value(), "expires")
            case "onlink": spec.onlink = true
            case _ where word.begins("protocol"):
                let name = try words.value()
                guard let known = RouteProtocol(name) else {
                    throw Failure.invalid(name, "\"protocol\" value is invalid\n")
                }
                spec.protocol = known
            case _ where word.begins("table"):
                let name = try words.value()
                guard let table = RouteTable(name) else { throw Failure.invalid(name, "\"table\" value is invalid\n") }
                spec.table = table
            case "dev", "oif": spec.dev = try device(words.value())
            case "nexthop": ways = try Self.nexthops(&words)
            case "encap", "features", "congctl", "as", "realms", "realm", "pervasive", "vrf", "ttl-propagate",
                "fastopen_no_cookie":
                throw Failure.notOffered("routes with \(word)")
            default:
                var word = word == "to" ? try words.value() : word
                if let type = RouteType(rawValue: word) {
                    spec.type = type
                    word = try words.value()
                }
                if word.begins("help") { throw Failure.routeUsage }
                if dst != nil { throw Failure.duplicate("to", word) }
                dst = try Self.wanted(word, isDeletion)
            }
        }
        var made = RouteSpec(dst ?? .any, family: family)
        swap(&made, &spec)
        (spec.type, spec.gateway, spec.dev, spec.metric, spec.table) = (
            made.type, made.gateway, made.dev, made.metric, made.table
        )
        (spec.prefsrc, spec.scope, spec.protocol, spec.onlink) = (made.prefsrc, made.scope, made.protocol, made.onlink)
        (spec.mtu, spec.metrics, spec.nhid, spec.tos) = (made.mtu, made.metrics, made.nhid, made.tos)
        (spec.pref, spec.expires) = (made.pref, made.expires)
        if !ways.isEmpty { spec.nexthops = ways }
    }

    /// `mtu lock 1400`, `rtt 100ms`. A value out of its range is the kernel's to refuse; times may have a unit.
    private static func pathMetric(_ name: String, _ words: inout Words, _ spec: inout RouteSpec) throws {
        var metrics = spec.metrics ?? RouteMetrics()
        let isLocked = words.take("lock")
        let word = try words.value()
        guard let path = RouteMetrics.members.first(where: { $0.key == name })?.path,
            let value = ["rtt", "rttvar", "rto_min"].contains(name) ? milliseconds(word) : number(word),
            let known = Word(value)
        else { throw Failure.invalid(word, "\"\(name)\" value is invalid\n") }
        metrics[keyPath: path] = known
        // Who sets the least timeout means it (iproute2's ip/iproute.c).
        if isLocked || name == "rto_min" { metrics.locked = (metrics.locked ?? []) + [name] }
        spec.metrics = metrics
    }

    /// `5`, `5ms`, `2s`.
    private static func milliseconds(_ word: String) -> Int? {
        for (unit, factor) in [("msecs", 1), ("msec", 1), ("ms", 1), ("secs", 1000), ("sec", 1000), ("s", 1000)]
        where word.hasSuffix(unit) {
            return number(String(word.dropLast(unit.count))).map { $0 * factor }
        }
        return number(word)
    }

    private static func preference(_ word: String) throws -> RouterPreference {
        guard let preference = RouterPreference(rawValue: word) else {
            throw Failure.invalid(word, "\"pref\" value is invalid\n")
        }
        return preference
    }

    /// A network with a bit behind its prefix is what the kernel calls an invalid argument.
    private static func wanted(_ word: String, _ isDeletion: Bool) throws -> Destination {
        let destination = try destination(word)
        if case .prefix(let prefix) = destination, !prefix.isNetwork {
            throw Failure(
                prefix.family == .inet
                    ? "Error: Invalid prefix for given prefix length." : "RTNETLINK answers: Invalid argument",
                code: 2)
        }
        return destination
    }

    private static func address(_ word: String) throws -> IPAddress {
        guard let address = IPAddress(word) else { throw Failure.notAnAddress(word) }
        return address
    }

    private static func gateway(_ words: inout Words) throws -> IPAddress {
        var word = try words.value()
        if Family(rawValue: word) != nil { word = try words.value() }
        return try address(word)
    }

    /// Everything from the first `nexthop` on.
    private static func nexthops(_ words: inout Words) throws -> [RouteSpec.Nexthop] {
        var ways = [RouteSpec.Nexthop()]
        while let word = words.next() {
            switch word {
            case "nexthop": ways.append(RouteSpec.Nexthop())
            case "via": ways[ways.count - 1].gateway = try gateway(&words)
            case "dev": ways[ways.count - 1].dev = try device(words.value())
            case "weight":
                let text = try words.value()
                guard let weight = number(text).flatMap(NexthopWeight.init) else {
                    throw Failure.invalid(text, "\"weight\" is invalid\n")
                }
                ways[ways.count - 1].weight = weight
            case "onlink": ways[ways.count - 1].onlink = true
            default: throw Failure("Error: \"nexthop\" or end of line is expected instead of \"\(word)\"", code: 255)
            }
        }
        return ways
    }
}
