// Routes (ip-route(8)).

/// A route to be made, replaced or removed.
public struct RouteSpec: Hashable, Sendable {
    public var dst: Destination
    /// Where the destination does not say; else that of the gateway, or inet.
    private var statedFamily: Family?
    public var type: RouteType?
    /// Of the other family too: an IPv4 route by an IPv6 gateway (RTA_VIA).
    public var gateway: IPAddress?
    public var dev: InterfaceName?
    public var metric: Word?
    public var table: RouteTable?
    public var prefsrc: IPAddress?
    public var scope: RouteScope?
    public var `protocol`: RouteProtocol?
    /// Take the gateway to be on the link though no address says so.
    public var onlink: Bool?
    /// The route's own MTU (RTAX_MTU).
    public var mtu: MTU?
    /// Several ways, by weight; excludes `gateway` and `dev`.
    public var nexthops: [Nexthop]?

    public init(_ dst: Destination, family: Family? = nil) {
        self.dst = dst
        statedFamily = family
    }

    public var family: Family {
        dst.family ?? statedFamily ?? gateway?.family ?? nexthops?.first?.gateway?.family ?? prefsrc?.family ?? .inet
    }

    public struct Nexthop: Hashable, Sendable, Codable {
        public var gateway: IPAddress?
        public var dev: InterfaceName?
        /// 1 to 256 (rtnh_hops is one less).
        public var weight: NexthopWeight?
        public var onlink: Bool?

        public init(gateway: IPAddress? = nil, dev: InterfaceName? = nil) {
            self.gateway = gateway
            self.dev = dev
        }
    }
}

public struct NexthopWeight: BoundedInteger {
    public static let range = 1...256
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
}

extension RouteSpec: Codable {
    /// One netlink message holds them all.
    public static let mostNexthops = 64

    private enum CodingKeys: CodingKey {
        case dst, family, type, gateway, dev, metric, table, prefsrc, scope, `protocol`, onlink, mtu, nexthops
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func fail(_ key: CodingKeys, _ text: String) -> DecodingError {
            .dataCorruptedError(forKey: key, in: container, debugDescription: text)
        }
        dst = try container.decode(Destination.self, forKey: .dst)
        statedFamily = try container.decodeIfPresent(Family.self, forKey: .family)
        type = try container.decodeIfPresent(RouteType.self, forKey: .type)
        gateway = try container.decodeIfPresent(IPAddress.self, forKey: .gateway)
        dev = try container.decodeIfPresent(InterfaceName.self, forKey: .dev)
        metric = try container.decodeIfPresent(Word.self, forKey: .metric)
        table = try container.decodeIfPresent(RouteTable.self, forKey: .table)
        prefsrc = try container.decodeIfPresent(IPAddress.self, forKey: .prefsrc)
        scope = try container.decodeIfPresent(RouteScope.self, forKey: .scope)
        self.protocol = try container.decodeIfPresent(RouteProtocol.self, forKey: .protocol)
        onlink = try container.decodeIfPresent(Bool.self, forKey: .onlink)
        mtu = try container.decodeIfPresent(MTU.self, forKey: .mtu)
        nexthops = try container.decodeIfPresent([Nexthop].self, forKey: .nexthops)

        if let statedFamily, let family = dst.family, family != statedFamily {
            throw fail(.family, "must be the destination's, \(family.rawValue)")
        }
        if let prefsrc, prefsrc.family != family { throw fail(.prefsrc, "must be an \(family.rawValue) address") }
        if type?.isDeadEnd == true && (gateway != nil || nexthops != nil) {
            throw fail(.type, "\(type!.rawValue) leads nowhere, so it has no gateway")
        }
        if family == .inet6 && gateway?.family == .inet { throw fail(.gateway, "must be an inet6 address") }
        if let nexthops {
            if !(1...Self.mostNexthops).contains(nexthops.count) {
                throw fail(.nexthops, "must be 1 to \(Self.mostNexthops) ways")
            }
            if gateway != nil || dev != nil { throw fail(.nexthops, "excludes gateway and dev") }
            if family == .inet6 && nexthops.contains(where: { $0.gateway?.family == .inet }) {
                throw fail(.nexthops, "must have inet6 gateways")
            }
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(dst, forKey: .dst)
        try container.encodeIfPresent(statedFamily, forKey: .family)
        try container.encodeIfPresent(type, forKey: .type)
        try container.encodeIfPresent(gateway, forKey: .gateway)
        try container.encodeIfPresent(dev, forKey: .dev)
        try container.encodeIfPresent(metric, forKey: .metric)
        try container.encodeIfPresent(table, forKey: .table)
        try container.encodeIfPresent(prefsrc, forKey: .prefsrc)
        try container.encodeIfPresent(scope, forKey: .scope)
        try container.encodeIfPresent(self.protocol, forKey: .protocol)
        try container.encodeIfPresent(onlink, forKey: .onlink)
        try container.encodeIfPresent(mtu, forKey: .mtu)
        try container.encodeIfPresent(nexthops, forKey: .nexthops)
    }
}

/// Which routes; what is left out does not matter, but for the table: without it `main`.
public struct RouteFilter: Hashable, Sendable, Codable {
    public var family: Family?
    public var table: RouteTable?
    public var allTables: Bool?
    public var dst: Destination?
    public var dev: InterfaceName?
    public var gateway: IPAddress?
    public var `protocol`: RouteProtocol?
    public var scope: RouteScope?
    public var type: RouteType?

    public init() {}
}

/// Which way the kernel would send a packet (`ip route get`).
public struct RouteQuery: Hashable, Sendable, Codable {
    public var dst: IPAddress
    public var from: IPAddress?
    /// Out by this link.
    public var oif: InterfaceName?
    /// As if it had come in by this link.
    public var iif: InterfaceName?
    public var mark: Word?

    public init(_ dst: IPAddress) { self.dst = dst }
}

/// A route, under the keys of `ip -j -d route`, with its family.
public struct Route: Hashable, Sendable, Codable {
    public var type: RouteType
    public var family: Family
    public var dst: Destination
    public var from: String?
    public var gateway: IPAddress?
    /// An IPv4 route's IPv6 gateway.
    public var via: Via?
    public var dev: String?
    public var table: RouteTable
    public var `protocol`: RouteProtocol
    public var scope: RouteScope
    public var prefsrc: IPAddress?
    public var metric: Word?
    public var flags: [String]
    /// Of a route looked up: what the kernel says of it as a cached one (`local`, `redirected`, …). IPv4's.
    public var cache: [String]?
    public var metrics: [Metrics]?
    public var nexthops: [Nexthop]?
    /// IPv6's router preference: `medium`.
    public var pref: String?

    public init(
        type: RouteType, family: Family, dst: Destination, table: RouteTable, protocol: RouteProtocol, scope: RouteScope
    ) {
        self.type = type
        self.family = family
        self.dst = dst
        self.table = table
        self.protocol = `protocol`
        self.scope = scope
        flags = []
    }

    public struct Via: Hashable, Sendable, Codable {
        public var family: Family
        public var host: IPAddress
        public init(_ host: IPAddress) { (family, self.host) = (host.family, host) }
    }

    public struct Metrics: Hashable, Sendable, Codable {
        public var mtu: Int?
        public init(mtu: Int? = nil) { self.mtu = mtu }
    }

    public struct Nexthop: Hashable, Sendable, Codable {
        public var gateway: IPAddress?
        public var via: Via?
        public var dev: String?
        public var weight: Int
        public var flags: [String]
        public init(dev: String?, weight: Int) { (self.dev, self.weight, flags) = (dev, weight, []) }
    }
}
