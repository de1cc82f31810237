// Neighbours: who has which link-layer address on a link (ip-neighbour(8)).

/// What the kernel knows of a neighbour (NUD_*, linux/neighbour.h).
public enum NeighbourState: String, Hashable, Sendable, Codable, CaseIterable {
    case incomplete = "INCOMPLETE", reachable = "REACHABLE", stale = "STALE", delay = "DELAY", probe = "PROBE"
    case failed = "FAILED", noarp = "NOARP", permanent = "PERMANENT"

    /// Its bit: 0x01 to 0x80 in this order.
    public var bit: UInt16 { 1 << UInt16(Self.allCases.firstIndex(of: self)!) }
}

/// A neighbour to be made, replaced or removed.
public struct NeighbourSpec: Hashable, Sendable, Codable {
    public var dst: IPAddress
    public var dev: InterfaceName
    /// Absent for a removal and for a proxy.
    public var lladdr: LinkLayerAddress?
    /// `PERMANENT` without.
    public var state: NeighbourState?
    public var router: Bool?
    /// Answer for it on this link (NTF_PROXY).
    public var proxy: Bool?
    /// A program outside the kernel learned it (NTF_EXT_LEARNED): it stays until that takes it away.
    public var externLearn: Bool?
    /// Who made it.
    public var `protocol`: RouteProtocol?

    public init(_ dst: IPAddress, dev: InterfaceName) {
        self.dst = dst
        self.dev = dev
    }

    private enum CodingKeys: String, CodingKey {
        case dst, dev, lladdr, state, router, proxy, externLearn = "extern_learn", `protocol`
    }
}

/// Which neighbours; what is left out does not matter.
public struct NeighbourFilter: Hashable, Sendable, Codable {
    public var family: Family?
    public var dev: InterfaceName?
    public var dst: IPAddress?
    public var state: NeighbourState?
    public var proxy: Bool?
    /// In this network.
    public var network: IPPrefix?
    /// On links that belong to this one.
    public var master: InterfaceName?
    /// On links that belong to none; excludes `master`.
    public var nomaster: Bool?
    public var `protocol`: RouteProtocol?
    /// Give times and counts too.
    public var statistics: Bool?

    public init() {}
}

/// One neighbour (`ip neigh get`).
public struct NeighbourQuery: Hashable, Sendable, Codable {
    public var dst: IPAddress
    public var dev: InterfaceName
    public var proxy: Bool?

    public init(_ dst: IPAddress, dev: InterfaceName) {
        self.dst = dst
        self.dev = dev
    }
}

/// A neighbour, under the keys of `ip -j neigh`.
public struct Neighbour: Hashable, Sendable, Codable {
    public var dst: IPAddress
    public var dev: String?
    public var lladdr: String?
    public var router: Bool?
    public var proxy: Bool?
    public var externLearn: Bool?
    public var offload: Bool?
    /// The kernel keeps it fresh by itself.
    public var managed: Bool?
    /// References beside the table's own; absent where there is none.
    public var refcnt: Int?
    /// Seconds since it was last used, confirmed, changed.
    public var used, confirmed, updated: Int?
    public var probes: Int?
    public var state: [NeighbourState]
    public var `protocol`: RouteProtocol?

    public init(_ dst: IPAddress, dev: String?, state: [NeighbourState]) {
        self.dst = dst
        self.dev = dev
        self.state = state
    }

    private enum CodingKeys: String, CodingKey {
        case dst, dev, lladdr, router, proxy, externLearn = "extern_learn", offload, managed
        case refcnt, used, confirmed, updated, probes, state, `protocol`
    }
}

/// Where a bridge, or a link with a table of its own, finds a link-layer address (bridge(8), `fdb`).
public struct ForwardingEntry: Hashable, Sendable, Codable {
    public var lladdr: String?
    public var dev: String?
    public var state: [NeighbourState]

    public init(_ lladdr: String?, dev: String?, state: [NeighbourState]) {
        self.lladdr = lladdr
        self.dev = dev
        self.state = state
    }
}
