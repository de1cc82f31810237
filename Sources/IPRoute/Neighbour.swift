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

    public init(_ dst: IPAddress, dev: InterfaceName) {
        self.dst = dst
        self.dev = dev
    }
}

/// Which neighbours; what is left out does not matter.
public struct NeighbourFilter: Hashable, Sendable, Codable {
    public var family: Family?
    public var dev: InterfaceName?
    public var dst: IPAddress?
    public var state: NeighbourState?
    public var proxy: Bool?

    public init() {}
}

/// A neighbour, under the keys of `ip -j neigh`.
public struct Neighbour: Hashable, Sendable, Codable {
    public var dst: IPAddress
    public var dev: String?
    public var lladdr: String?
    public var router: Bool?
    public var proxy: Bool?
    public var state: [NeighbourState]

    public init(_ dst: IPAddress, dev: String?, state: [NeighbourState]) {
        self.dst = dst
        self.dev = dev
        self.state = state
    }
}
