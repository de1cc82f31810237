// Rules that choose a routing table (ip-rule(8)).

/// What a rule does with a packet (FR_ACT_*, linux/fib_rules.h).
public enum RuleAction: String, Hashable, Sendable, Codable, CaseIterable {
    case lookup, goto, nop, blackhole, unreachable, prohibit

    public var number: UInt8 {
        switch self {
        case .lookup: 1  // FR_ACT_TO_TBL
        case .goto: 2
        case .nop: 3
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
    /// The last port, where it is a range.
    public var sportEnd: Port?
    public var dportEnd: Port?
    /// Packets of these users' sockets.
    public var uidStart: Word?
    public var uidEnd: Word?
    /// Packets of a tunnel with this id.
    public var tunId: Word?
    /// All packets but those.
    public var not: Bool?
    /// `lookup` without, or `goto` where there is a target.
    public var action: RuleAction?
    /// The priority of a later rule to go on with.
    public var goto: Word?
    /// Look in the table of the VRF that the packet's link belongs to; excludes `table`.
    public var l3mdev: Bool?
    /// Which table `lookup` looks in; `main` without.
    public var table: RouteTable?
    /// Ignore what the table says where its prefix is no longer than this.
    public var suppressPrefixlength: PrefixLength?
    /// Ignore it where it leaves by a link of this group.
    public var suppressIfgroup: Word?
    /// Who made it; nobody without.
    public var `protocol`: RouteProtocol?

    public init() {}

    public var knownFamily: Family { src?.family ?? dst?.family ?? family ?? .inet }

    private enum CodingKeys: String, CodingKey {
        case family, priority, src, dst, iif, oif, fwmark, fwmask, tos, ipproto, sport, dport, not, action, table
        case suppressPrefixlength = "suppress_prefixlen", sportEnd = "sport_end", dportEnd = "dport_end"
        case uidStart = "uid_start", uidEnd = "uid_end", tunId = "tun_id", goto, l3mdev
        case suppressIfgroup = "suppress_ifgroup", `protocol`
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
        sportEnd = try container.decodeIfPresent(Port.self, forKey: .sportEnd)
        dportEnd = try container.decodeIfPresent(Port.self, forKey: .dportEnd)
        uidStart = try container.decodeIfPresent(Word.self, forKey: .uidStart)
        uidEnd = try container.decodeIfPresent(Word.self, forKey: .uidEnd)
        tunId = try container.decodeIfPresent(Word.self, forKey: .tunId)
        goto = try container.decodeIfPresent(Word.self, forKey: .goto)
        l3mdev = try container.decodeIfPresent(Bool.self, forKey: .l3mdev)
        suppressIfgroup = try container.decodeIfPresent(Word.self, forKey: .suppressIfgroup)
        self.protocol = try container.decodeIfPresent(RouteProtocol.self, forKey: .protocol)
        try checkRanges(in: container)

        let known = knownFamily
        for (key, stated) in [(CodingKeys.family, family), (.src, src?.family), (.dst, dst?.family)] {
            if let stated, stated != known {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "must be of the rule's family, \(known.rawValue)")
            }
        }
    }

    /// What belongs together is there together, and no end is before its beginning.
    private func checkRanges(in container: KeyedDecodingContainer<CodingKeys>) throws {
        func check(_ key: CodingKeys, _ isGood: Bool, _ rule: String) throws {
            guard isGood else {
                throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: rule)
            }
        }
        try check(.sportEnd, sportEnd.map { sport ?? $0 <= $0 && sport != nil } ?? true, "must be sport or more")
        try check(.dportEnd, dportEnd.map { dport ?? $0 <= $0 && dport != nil } ?? true, "must be dport or more")
        try check(.uidEnd, (uidStart == nil) == (uidEnd == nil), "goes with uid_start")
        try check(.uidEnd, uidStart ?? Word(0) <= uidEnd ?? Word(0), "must be uid_start or more")
        try check(.l3mdev, l3mdev != true || table == nil, "excludes table")
    }
}

/// Which rules; what is left out does not matter.
public struct RuleFilter: Hashable, Sendable, Codable {
    public var family: Family?
    public var table: RouteTable?
    public var priority: Word?
    public var `protocol`: RouteProtocol?

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
    public var uidStart, uidEnd: Int?
    public var tunId: Int?
    /// There is no such link now.
    public var iifDetached, oifDetached: Bool?
    public var suppressPrefixlength: Int?
    public var suppressIfgroup: String?
    /// It looks in the table of the VRF that the packet's link belongs to.
    public var l3mdev: Bool?
    /// Realms: of the source and of the destination (FRA_FLOW).
    public var flowFrom, flowTo: String?
    /// There is no rule to go on with now.
    public var unresolved: Bool?
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
        case uidStart = "uid_start", uidEnd = "uid_end", tunId = "tun_id"
        case iifDetached = "iif_detached", oifDetached = "oif_detached"
        case suppressPrefixlength = "suppress_prefixlen", suppressIfgroup = "suppress_ifgroup", l3mdev
        case flowFrom = "flow_from", flowTo = "flow_to", table, goto, unresolved, action, `protocol`
    }
}
