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
    public var tos: Octet?
    /// IPv6's router preference.
    public var pref: RouterPreference?
    /// Seconds until it goes (IPv6).
    public var expires: Word?
    /// Of TCP over it, and the like.
    public var metrics: RouteMetrics?
    /// The ways of a nexthop object, instead of one's own.
    public var nhid: NexthopId?

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
        case dst, family, type, gateway, dev, metric, table, prefsrc, scope, `protocol`, onlink, mtu, nexthops, nhid
        case tos, pref, expires, metrics
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
        nhid = try container.decodeIfPresent(NexthopId.self, forKey: .nhid)
        tos = try container.decodeIfPresent(Octet.self, forKey: .tos)
        pref = try container.decodeIfPresent(RouterPreference.self, forKey: .pref)
        expires = try container.decodeIfPresent(Word.self, forKey: .expires)
        metrics = try container.decodeIfPresent(RouteMetrics.self, forKey: .metrics)

        if let statedFamily, let family = dst.family, family != statedFamily {
            throw fail(.family, "must be the destination's, \(family.rawValue)")
        }
        if let prefsrc, prefsrc.family != family { throw fail(.prefsrc, "must be an \(family.rawValue) address") }
        if type?.isDeadEnd == true && (gateway != nil || nexthops != nil) {
            throw fail(.type, "\(type!.rawValue) leads nowhere, so it has no gateway")
        }
        if family == .inet6 && gateway?.family == .inet { throw fail(.gateway, "must be an inet6 address") }
        if nhid != nil && (gateway != nil || dev != nil || nexthops != nil) {
            throw fail(.nhid, "excludes gateway, dev and nexthops")
        }
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
        try container.encodeIfPresent(nhid, forKey: .nhid)
        try container.encodeIfPresent(tos, forKey: .tos)
        try container.encodeIfPresent(pref, forKey: .pref)
        try container.encodeIfPresent(expires, forKey: .expires)
        try container.encodeIfPresent(metrics, forKey: .metrics)
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
    /// Only those to this network or a part of it.
    public var root: IPPrefix?
    /// Only those to a network that all of this one is in.
    public var match: IPPrefix?
    public var prefsrc: IPAddress?
    public var metric: Word?
    public var tos: Octet?

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
    public var tos: String?
    public var gateway: IPAddress?
    /// An IPv4 route's IPv6 gateway.
    public var via: Via?
    public var dev: String?
    public var table: RouteTable
    public var `protocol`: RouteProtocol
    public var scope: RouteScope
    public var prefsrc: IPAddress?
    public var metric: Word?
    /// The nexthop object its ways are of.
    public var nhid: NexthopId?
    public var flags: [String]
    /// Of a route looked up: what the kernel says of it as a cached one (`local`, `redirected`, …). IPv4's.
    public var cache: [String]?
    public var metrics: [RouteMetrics]?
    /// Seconds until it goes.
    public var expires: Int?
    /// Realms: of the source and of the destination (RTA_FLOW).
    public var flow: Realms?
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

    public struct Realms: Hashable, Sendable, Codable {
        public var from: String?
        public var to: String
        public init(from: String?, to: String) { (self.from, self.to) = (from, to) }
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
