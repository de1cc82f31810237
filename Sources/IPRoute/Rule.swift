// Rules that choose a routing table (ip-rule(8)).

/// What a rule does with a packet (FR_ACT_*, linux/fib_rules.h).
public enum RuleAction: String, Hashable, Sendable, Codable, CaseIterable {
    case lookup, blackhole, unreachable, prohibit

    public var number: UInt8 {
        switch self {
        case .lookup: 1  // FR_ACT_TO_TBL
        case .blackhole: 6
        case .unreachable: 7
        case .prohibit: 8
        }
    }

    public init?(number: UInt8) {
        guard let action = Self.allCases.first(where: { $0.number == number }) else { return nil }
        self = action
    }
}

/// A rule to be made or removed.
public struct RuleSpec: Hashable, Sendable, Codable {
    /// Where neither src nor dst says; inet without.
    public var family: Family?
    /// The lower, the earlier it is asked.
    public var priority: Word?
    public var src: Destination?
    public var dst: Destination?
    public var iif: InterfaceName?
    public var oif: InterfaceName?
    public var fwmark: Word?
    public var fwmask: Word?
    public var tos: Octet?
    /// IP protocol number: 6 is TCP.
    public var ipproto: Octet?
    public var sport: Port?
    public var dport: Port?
    /// All packets but those.
    public var not: Bool?
    /// `lookup` without.
    public var action: RuleAction?
    /// Which table `lookup` looks in; `main` without.
    public var table: RouteTable?
    /// Ignore what the table says where its prefix is no longer than this.
    public var suppressPrefixlength: PrefixLength?

    public init() {}

    public var knownFamily: Family { src?.family ?? dst?.family ?? family ?? .inet }

    private enum CodingKeys: String, CodingKey {
        case family, priority, src, dst, iif, oif, fwmark, fwmask, tos, ipproto, sport, dport, not, action, table
        case suppressPrefixlength = "suppress_prefixlen"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        family = try container.decodeIfPresent(Family.self, forKey: .family)
        priority = try container.decodeIfPresent(Word.self, forKey: .priority)
        src = try container.decodeIfPresent(Destination.self, forKey: .src)
        dst = try container.decodeIfPresent(Destination.self, forKey: .dst)
        iif = try container.decodeIfPresent(InterfaceName.self, forKey: .iif)
        oif = try container.decodeIfPresent(InterfaceName.self, forKey: .oif)
        fwmark = try container.decodeIfPresent(Word.self, forKey: .fwmark)
        fwmask = try container.decodeIfPresent(Word.self, forKey: .fwmask)
        tos = try container.decodeIfPresent(Octet.self, forKey: .tos)
        ipproto = try container.decodeIfPresent(Octet.self, forKey: .ipproto)
        sport = try container.decodeIfPresent(Port.self, forKey: .sport)
        dport = try container.decodeIfPresent(Port.self, forKey: .dport)
        not = try container.decodeIfPresent(Bool.self, forKey: .not)
        action = try container.decodeIfPresent(RuleAction.self, forKey: .action)
        table = try container.decodeIfPresent(RouteTable.self, forKey: .table)
        suppressPrefixlength = try container.decodeIfPresent(PrefixLength.self, forKey: .suppressPrefixlength)

        let known = knownFamily
        for (key, stated) in [(CodingKeys.family, family), (.src, src?.family), (.dst, dst?.family)] {
            if let stated, stated != known {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "must be of the rule's family, \(known.rawValue)")
            }
        }
    }
}

/// Which rules; what is left out does not matter.
public struct RuleFilter: Hashable, Sendable, Codable {
    public var family: Family?
    public var table: RouteTable?
    public var priority: Word?

    public init() {}
}

/// A rule, under the keys of `ip -j rule`, with its family.
public struct Rule: Hashable, Sendable, Codable {
    public var family: Family
    public var priority: Word
    public var not: Bool?
    /// `all`, or an address; with `srclen` a network.
    public var src: String
    public var srclen: Int?
    public var dst: String?
    public var dstlen: Int?
    public var tos: String?
    public var fwmark: String?
    public var fwmask: String?
    public var iif: String?
    public var oif: String?
    public var ipproto: String?
    public var sport: Int?
    public var dport: Int?
    /// Where it is a range of ports.
    public var sportStart, sportEnd, dportStart, dportEnd: Int?
    public var suppressPrefixlength: Int?
    public var table: RouteTable?
    /// The priority of the rule to go on with.
    public var goto: Word?
    public var action: RuleAction?
    public var `protocol`: RouteProtocol?

    public init(family: Family, priority: Word, src: String) {
        self.family = family
        self.priority = priority
        self.src = src
    }

    private enum CodingKeys: String, CodingKey {
        case family, priority, not, src, srclen, dst, dstlen, tos, fwmark, fwmask, iif, oif, ipproto, sport, dport
        case sportStart = "sport_start", sportEnd = "sport_end", dportStart = "dport_start", dportEnd = "dport_end"
        case suppressPrefixlength = "suppress_prefixlen", table, goto, action, `protocol`
    }
}
