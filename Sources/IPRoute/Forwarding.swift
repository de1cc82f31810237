// Forwarding entries of bridges and VXLANs: which address is behind which port (bridge(8), fdb).

/// Which forwarding entries; what is left out does not matter.
public struct ForwardingFilter: Hashable, Sendable, Codable {
    /// A port, a bridge for its own, or a VXLAN.
    public var dev: InterfaceName?
    /// The bridge, for those of all its ports.
    public var bridge: InterfaceName?

    public init() {}

    private enum CodingKeys: String, CodingKey { case dev, bridge = "br" }
}

/// A forwarding entry of a list, under the keys of `bridge -s -j fdb`; what `ip monitor` tells of one is less.
public struct ListedForwardingEntry: Hashable, Sendable, Codable {
    public var mac: String
    public var ifname: String?
    /// IP address of a VXLAN's other end.
    public var dst: IPAddress?
    public var vlan: Int?
    /// The VXLAN's network there.
    public var vni: Int?
    /// UDP port there.
    public var port: Int?
    /// Link that leads there.
    public var viaIf: String?
    /// Seconds since it was looked up, and since a packet came from there; to the hundredth.
    public var used: Double?
    public var updated: Double?
    /// `self`: of the device; `router`, `extern_learn`, `offload`, `sticky` (NTF_*).
    public var flags: [String]
    /// The bridge, for what is a port's.
    public var master: String?
    /// `permanent`, `static`, `stale`; empty for those learned.
    public var state: String

    public init(mac: String, ifname: String?, flags: [String], state: String) {
        self.mac = mac
        self.ifname = ifname
        self.flags = flags
        self.state = state
    }

    private enum CodingKeys: CodingKey {
        case mac, ifname, dst, vlan, vni, port, viaIf, used, updated, flags, master, state
    }
}
