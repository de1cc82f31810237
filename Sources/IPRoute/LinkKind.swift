// Kinds of link and the options each takes: what `ip link add … type KIND` takes and `ip -d link` shows.

/// The kinds of link that can be made, by the kernel's names (IFLA_INFO_KIND).
public enum LinkKind: String, Hashable, Sendable, Codable, CaseIterable {
    case veth, bridge, dummy, vlan, vxlan, macvlan, ipvlan, ifb, vrf
    case gre, gretap, ip6gre, ip6gretap, ipip, sit, ip6tnl
    case geneve, bond

    /// The kernel's build option that brings it (the kernel's drivers/net/Kconfig, net/ipv4/Kconfig, net/ipv6/Kconfig).
    public var kernelOption: String {
        switch self {
        case .veth: "CONFIG_VETH"
        case .bridge: "CONFIG_BRIDGE"
        case .dummy: "CONFIG_DUMMY"
        case .vlan: "CONFIG_VLAN_8021Q"
        case .vxlan: "CONFIG_VXLAN"
        case .macvlan: "CONFIG_MACVLAN"
        case .ipvlan: "CONFIG_IPVLAN"
        case .ifb: "CONFIG_IFB"
        case .vrf: "CONFIG_NET_VRF"
        case .gre, .gretap: "CONFIG_NET_IPGRE"
        case .ip6gre, .ip6gretap: "CONFIG_IPV6_GRE"
        case .ipip: "CONFIG_NET_IPIP"
        case .sit: "CONFIG_IPV6_SIT"
        case .ip6tnl: "CONFIG_IPV6_TUNNEL"
        case .geneve: "CONFIG_GENEVE"
        case .bond: "CONFIG_BONDING"
        }
    }

    /// Built on top of another link, its `link`.
    public var needsLower: Bool { [.vlan, .macvlan, .ipvlan].contains(self) }
}

/// A kind together with its options, so that no link has another kind's.
public enum LinkOptions: Hashable, Sendable {
    case veth, dummy, ifb
    case bridge(BridgeOptions)
    case vlan(VLANOptions)
    case vxlan(VXLANOptions)
    case macvlan(MacvlanOptions)
    case ipvlan(IPVlanOptions)
    case vrf(VRFOptions)
    case gre(TunnelOptions), gretap(TunnelOptions), ip6gre(TunnelOptions), ip6gretap(TunnelOptions)
    case ipip(TunnelOptions), sit(TunnelOptions), ip6tnl(TunnelOptions)
    case geneve(GeneveOptions)
    case bond(BondOptions)

    public var kind: LinkKind {
        switch self {
        case .veth: .veth
        case .dummy: .dummy
        case .ifb: .ifb
        case .bridge: .bridge
        case .vlan: .vlan
        case .vxlan: .vxlan
        case .macvlan: .macvlan
        case .ipvlan: .ipvlan
        case .vrf: .vrf
        case .gre: .gre
        case .gretap: .gretap
        case .ip6gre: .ip6gre
        case .ip6gretap: .ip6gretap
        case .ipip: .ipip
        case .sit: .sit
        case .ip6tnl: .ip6tnl
        case .geneve: .geneve
        case .bond: .bond
        }
    }

    /// Reads the options of a kind, an object; a kind without any has an empty one.
    public init(_ kind: LinkKind, from decoder: any Decoder) throws {
        switch kind {
        case .veth: (self, _) = (.veth, try NoOptions(from: decoder))
        case .dummy: (self, _) = (.dummy, try NoOptions(from: decoder))
        case .ifb: (self, _) = (.ifb, try NoOptions(from: decoder))
        case .bridge: self = .bridge(try BridgeOptions(from: decoder))
        case .vlan: self = .vlan(try VLANOptions(from: decoder))
        case .vxlan: self = .vxlan(try VXLANOptions(from: decoder))
        case .macvlan: self = .macvlan(try MacvlanOptions(from: decoder))
        case .ipvlan: self = .ipvlan(try IPVlanOptions(from: decoder))
        case .vrf: self = .vrf(try VRFOptions(from: decoder))
        case .gre: self = .gre(try TunnelOptions(from: decoder))
        case .gretap: self = .gretap(try TunnelOptions(from: decoder))
        case .ip6gre: self = .ip6gre(try TunnelOptions(from: decoder))
        case .ip6gretap: self = .ip6gretap(try TunnelOptions(from: decoder))
        case .ipip: self = .ipip(try TunnelOptions(from: decoder))
        case .sit: self = .sit(try TunnelOptions(from: decoder))
        case .ip6tnl: self = .ip6tnl(try TunnelOptions(from: decoder))
        case .geneve: self = .geneve(try GeneveOptions(from: decoder))
        case .bond: self = .bond(try BondOptions(from: decoder))
        }
    }

    /// The options as an object.
    public func encodeOptions(to encoder: any Encoder) throws {
        switch self {
        case .veth, .dummy, .ifb: try NoOptions().encode(to: encoder)
        case .bridge(let options): try options.encode(to: encoder)
        case .vlan(let options): try options.encode(to: encoder)
        case .vxlan(let options): try options.encode(to: encoder)
        case .macvlan(let options): try options.encode(to: encoder)
        case .ipvlan(let options): try options.encode(to: encoder)
        case .vrf(let options): try options.encode(to: encoder)
        case .gre(let options), .gretap(let options), .ip6gre(let options), .ip6gretap(let options),
            .ipip(let options), .sit(let options), .ip6tnl(let options):
            try options.encode(to: encoder)
        case .geneve(let options): try options.encode(to: encoder)
        case .bond(let options): try options.encode(to: encoder)
        }
    }

    /// The options that hold where none are given; nil for a kind that cannot be without.
    public init?(defaultsOf kind: LinkKind) {
        switch kind {
        case .veth: self = .veth
        case .dummy: self = .dummy
        case .ifb: self = .ifb
        case .bridge: self = .bridge(BridgeOptions())
        case .macvlan: self = .macvlan(MacvlanOptions())
        case .ipvlan: self = .ipvlan(IPVlanOptions())
        case .gre: self = .gre(TunnelOptions())
        case .gretap: self = .gretap(TunnelOptions())
        case .ip6gre: self = .ip6gre(TunnelOptions())
        case .ip6gretap: self = .ip6gretap(TunnelOptions())
        case .ipip: self = .ipip(TunnelOptions())
        case .sit: self = .sit(TunnelOptions())
        case .ip6tnl: self = .ip6tnl(TunnelOptions())
        case .bond: self = .bond(BondOptions())
        case .vlan, .vxlan, .vrf, .geneve: return nil
        }
    }
}

private struct NoOptions: Codable {
    private enum CodingKeys: CodingKey {}
    init() {}
    init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: CodingKeys.self) }
    func encode(to encoder: any Encoder) throws { _ = encoder.container(keyedBy: CodingKeys.self) }
}
