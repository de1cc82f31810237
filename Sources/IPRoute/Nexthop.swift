// Nexthop objects: ways that routes refer to by number (ip-nexthop(8)).

/// The number of a nexthop object; 0 is none.
public struct NexthopId: BoundedInteger {
    public static let range = 1...0xFFFF_FFFF
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
    public var bits: UInt32 { UInt32(value) }
}

/// A nexthop object to be made or replaced: one way, a hole, or a group of others.
public struct NexthopSpec: Hashable, Sendable, Codable {
    /// Without it the kernel takes the first free.
    public var id: NexthopId?
    /// Where there is no gateway; else it is the gateway's. `inet` without.
    public var family: Family?
    public var gateway: IPAddress?
    public var dev: InterfaceName?
    /// Take the gateway to be on the link though no address says so.
    public var onlink: Bool?
    /// Packets that go there vanish.
    public var blackhole: Bool?
    /// For a bridge's forwarding entries; has no link.
    public var fdb: Bool?
    /// Several others, by weight.
    public var group: [NexthopMember]?
    public var `protocol`: RouteProtocol?

    public init() {}
}

/// A nexthop object as part of a group.
public struct NexthopMember: Hashable, Sendable, Codable {
    public var id: NexthopId
    /// 1 to 256; 1 without.
    public var weight: NexthopWeight?

    public init(_ id: NexthopId, weight: NexthopWeight? = nil) {
        self.id = id
        self.weight = weight
    }
}

/// Which nexthop objects; what is left out does not matter.
public struct NexthopFilter: Hashable, Sendable, Codable {
    public var id: NexthopId?
    public var family: Family?
    public var dev: InterfaceName?
    /// On links that belong to this one.
    public var master: InterfaceName?
    /// Groups alone.
    public var groups: Bool?
    public var `protocol`: RouteProtocol?

    public init() {}
}

/// A nexthop object, under the keys of `ip -j -d nexthop`.
public struct Nexthop: Hashable, Sendable, Codable {
    public var id: NexthopId
    public var group: [NexthopMember]?
    /// Of a group that is not the usual one: `resilient`.
    public var type: String?
    public var resilience: Resilience?
    public var gateway: IPAddress?
    public var dev: String?
    public var scope: RouteScope
    public var blackhole: Bool?
    public var `protocol`: RouteProtocol
    public var flags: [String]
    public var fdb: Bool?

    public init(_ id: NexthopId, scope: RouteScope, protocol: RouteProtocol) {
        self.id = id
        self.scope = scope
        self.protocol = `protocol`
        flags = []
    }

    /// How a resilient group spreads flows over its buckets. Times are in seconds.
    public struct Resilience: Hashable, Sendable, Codable {
        public var buckets: Int
        public var idleTimer: Double
        public var unbalancedTimer: Double
        /// How long it has been out of balance.
        public var unbalancedTime: Double

        public init(buckets: Int, idleTimer: Double, unbalancedTimer: Double, unbalancedTime: Double) {
            self.buckets = buckets
            self.idleTimer = idleTimer
            self.unbalancedTimer = unbalancedTimer
            self.unbalancedTime = unbalancedTime
        }

        private enum CodingKeys: String, CodingKey {
            case buckets, idleTimer = "idle_timer", unbalancedTimer = "unbalanced_timer"
            case unbalancedTime = "unbalanced_time"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case id, group, type, resilience = "resilient_args", gateway, dev, scope, blackhole, `protocol`, flags, fdb
    }
}
