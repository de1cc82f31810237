// ip-rule(8)'s words.

import ArgumentParser
import NetnsClient

/// `[NAMESPACE] [not] [from P] [to P] … [table T | blackhole | …]`: a rule and where it is for.
struct RuleWords {
    let place: Place
    let spec: RuleSpec

    static let help = ArgumentHelp(
        """
        NAMESPACE, then any of: not, from P, to P, priority N, iif I, oif I, fwmark N[/MASK], tos N, ipproto P, \
        sport N[-N], dport N[-N], uidrange N-N, tun_id N, suppress_prefixlength N, suppress_ifgroup N, proto P, and what \
        to do: table T, l3mdev, goto N, nop, blackhole, unreachable or prohibit.
        """, valueName: "word")
    private static let keywords = [
        "not", "from", "to", "priority", "pref", "order", "iif", "dev", "oif", "fwmark", "tos", "dsfield", "ipproto",
        "sport", "dport", "suppress_prefixlength", "table", "lookup", "blackhole", "unreachable", "prohibit",
        "uidrange", "tun_id", "suppress_ifgroup", "proto", "protocol", "l3mdev", "goto", "nop",
    ]

    init(_ list: [String], _ family: FamilyOption) throws {
        var words = Words(list)
        place = Place(orHere: try words.namespace(unless: Self.keywords.contains))
        if words.isEmpty { throw ValidationError("the rule is missing: begin with from, to, priority or table") }
        var spec = RuleSpec()
        spec.family = family.family
        while let keyword = try words.keyword() {
            switch keyword {
            case "not": spec.not = true
            case "from": spec.src = try words.value(keyword)
            case "to": spec.dst = try words.value(keyword)
            case "priority", "pref", "preference", "order": spec.priority = try words.value(keyword)
            case "iif", "dev": spec.iif = try words.value(keyword)
            case "oif": spec.oif = try words.value(keyword)
            case "fwmark":
                let parts = try words.text(keyword).split(separator: "/", maxSplits: 1).map(String.init)
                spec.fwmark = try Word.read(parts.first ?? "", keyword)
                if parts.count > 1 { spec.fwmask = try Word.read(parts[1], "the mask of fwmark") }
            case "tos", "dsfield": spec.tos = try words.value(keyword)
            case "ipproto": spec.ipproto = try words.value(keyword, as: TransportProtocol.self).number
            case "sport": (spec.sport, spec.sportEnd) = try words.range(keyword)
            case "dport": (spec.dport, spec.dportEnd) = try words.range(keyword)
            case "uidrange":
                let (first, last): (Word, Word?) = try words.range(keyword)
                (spec.uidStart, spec.uidEnd) = (first, last ?? first)
            case "tun_id": spec.tunId = try words.value(keyword)
            case "suppress_ifgroup": spec.suppressIfgroup = try words.value(keyword)
            case "proto", "protocol": spec.protocol = try words.value(keyword)
            case "l3mdev": spec.l3mdev = true
            case "goto": spec.goto = try words.value(keyword)
            case "nop": spec.action = .nop
            case "suppress_prefixlength", "sup_pl": spec.suppressPrefixlength = try words.value(keyword)
            case "table", "lookup": spec.table = try words.value(keyword)
            case "blackhole": spec.action = .blackhole
            case "unreachable": spec.action = .unreachable
            case "prohibit": spec.action = .prohibit
            default: throw unknown(keyword, Self.keywords)
            }
        }
        self.spec = spec
    }

    var params: ForNamespace<RuleSpec> { ForNamespace(place, spec) }
}

/// `[NAMESPACE] [table T] [priority N]`: which rules, and where.
struct RuleFilterWords {
    var namespace: NamespaceSelector?
    var filter = RuleFilter()
    let isEmpty: Bool

    static let help = ArgumentHelp(
        "NAMESPACE, then any of: table T, priority N.", valueName: "word")
    private static let keywords = ["table", "lookup", "priority", "pref"]

    init(_ list: [String], _ family: FamilyOption) throws {
        var words = Words(list)
        isEmpty = words.isEmpty && family.family == nil
        namespace = try words.namespace(unless: Self.keywords.contains)
        filter.family = family.family
        while let keyword = try words.keyword() {
            switch keyword {
            case "table", "lookup": filter.table = try words.value(keyword)
            case "priority", "pref": filter.priority = try words.value(keyword)
            default: throw unknown(keyword, Self.keywords)
            }
        }
    }
}

extension Words {
    /// `100`, or `100-200`.
    fileprivate mutating func range<Value: WordValue>(_ keyword: String) throws -> (Value, Value?) {
        let parts = try text(keyword).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let values = try parts.map { try Value.read(String($0), keyword) }
        return (values[0], values.dropFirst().first)
    }
}

/// An IP protocol by number or by the names that have ports (IANA, Protocol Numbers).
struct TransportProtocol: WordValue {
    let number: Octet
    static let rule = "must be tcp, udp, sctp, icmp, icmpv6 or a number from 0 to 255"

    static func make(_ word: String) -> TransportProtocol? {
        let names = ["icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58, "ipv6-icmp": 58, "sctp": 132]
        return (names[word].flatMap { Octet($0) } ?? Octet.make(word)).map(TransportProtocol.init)
    }
}
