// The options of each kind of link, under the keys of `ip -j -d link` (linkinfo.info_data). What is left out keeps the
// kernel's default, or on a change its present value.

/// An on-off option that `ip -j` shows as 0 or 1; requests may say true or false too.
public struct Toggle: Hashable, Sendable, Codable, ExpressibleByBooleanLiteral {
    public let isOn: Bool
    public init(_ isOn: Bool) { self.isOn = isOn }
    public init(booleanLiteral value: Bool) { isOn = value }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            isOn = flag
        } else if let number = try? container.decode(Int.self), number == 0 || number == 1 {
            isOn = number == 1
        } else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "must be 0, 1, true or false"))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(isOn ? 1 : 0)
    }
}

/// A bridge's (IFLA_BR_*). Times are in hundredths of a second.
public struct BridgeOptions: Hashable, Sendable, Codable {
    public var forwardDelay: Word?
    public var helloTime: Word?
    public var maxAge: Word?
    public var ageingTime: Word?
    public var stpState: Toggle?
    public var priority: Halfword?
    public var vlanFiltering: Toggle?
    public var vlanDefaultPvid: PortVLAN?
    public var vlanStatsEnabled: Toggle?
    public var mcastSnooping: Toggle?
    public var mcastQuerier: Toggle?
    public var groupForwardMask: Halfword?
    /// Do not learn from link-local packets.
    public var noLinkLocalLearn: Toggle?
    /// Snooping for each VLAN by itself.
    public var mcastVlanSnooping: Toggle?
    /// 0: no multicast router is behind it; 1: found out; 2: always.
    public var mcastRouter: Octet?
    /// Ask from its own address.
    public var mcastQueryUseIfaddr: Toggle?
    /// Of no effect since Linux 5.3.
    public var mcastHashElasticity: Word?
    /// Most groups remembered, a power of two.
    public var mcastHashMax: GroupCount?
    /// Questions before a group without members is given up.
    public var mcastLastMemberCount: Word?
    /// Questions at the start.
    public var mcastStartupQueryCount: Word?
    /// Hundredths of a second.
    public var mcastLastMemberInterval: Word?
    /// Hundredths of a second.
    public var mcastMembershipInterval: Word?
    /// Hundredths of a second.
    public var mcastQuerierInterval: Word?
    /// Hundredths of a second.
    public var mcastQueryInterval: Word?
    /// Hundredths of a second.
    public var mcastQueryResponseInterval: Word?
    /// Hundredths of a second.
    public var mcastStartupQueryInterval: Word?
    /// Count multicast messages.
    public var mcastStatsEnabled: Toggle?
    /// 2 or 3.
    public var mcastIgmpVersion: Octet?
    /// 1 or 2.
    public var mcastMldVersion: Octet?
    /// IPv4 packets go through iptables.
    public var nfCallIptables: Toggle?
    /// IPv6 packets go through ip6tables.
    public var nfCallIp6tables: Toggle?
    /// ARP packets go through arptables.
    public var nfCallArptables: Toggle?
    /// Where its own packets go, 01:80:c2:00:00:0X.
    public var groupAddress: LinkLayerAddress?

    public init() {}

    private enum CodingKeys: String, CodingKey {
        case forwardDelay = "forward_delay", helloTime = "hello_time", maxAge = "max_age", ageingTime = "ageing_time"
        case stpState = "stp_state", priority, vlanFiltering = "vlan_filtering", vlanDefaultPvid = "vlan_default_pvid"
        case vlanStatsEnabled = "vlan_stats_enabled", mcastSnooping = "mcast_snooping", mcastQuerier = "mcast_querier"
        case groupForwardMask = "group_fwd_mask"
        case noLinkLocalLearn = "no_linklocal_learn"
        case mcastVlanSnooping = "mcast_vlan_snooping"
        case mcastRouter = "mcast_router"
        case mcastQueryUseIfaddr = "mcast_query_use_ifaddr"
        case mcastHashElasticity = "mcast_hash_elasticity"
        case mcastHashMax = "mcast_hash_max"
        case mcastLastMemberCount = "mcast_last_member_cnt"
        case mcastStartupQueryCount = "mcast_startup_query_cnt"
        case mcastLastMemberInterval = "mcast_last_member_intvl"
        case mcastMembershipInterval = "mcast_membership_intvl"
        case mcastQuerierInterval = "mcast_querier_intvl"
        case mcastQueryInterval = "mcast_query_intvl"
        case mcastQueryResponseInterval = "mcast_query_response_intvl"
        case mcastStartupQueryInterval = "mcast_startup_query_intvl"
        case mcastStatsEnabled = "mcast_stats_enabled"
        case mcastIgmpVersion = "mcast_igmp_version"
        case mcastMldVersion = "mcast_mld_version"
        case nfCallIptables = "nf_call_iptables"
        case nfCallIp6tables = "nf_call_ip6tables"
        case nfCallArptables = "nf_call_arptables"
        case groupAddress = "group_addr"
    }
}

/// A bridge port's (IFLA_BRPORT_*); `ip -j` shows them as linkinfo.info_slave_data.
public struct BridgePortOptions: Hashable, Sendable, Codable {
    public var state: State?
    public var priority: PortPriority?
    public var cost: Word?
    public var hairpin: Bool?
    public var guardBPDU: Bool?
    public var rootBlock: Bool?
    public var fastLeave: Bool?
    public var learning: Bool?
    public var flood: Bool?
    public var mcastFlood: Bool?
    public var bcastFlood: Bool?
    public var proxyARP: Bool?
    public var neighbourSuppress: Bool?
    public var isolated: Bool?
    public var locked: Bool?
    /// Answer ARP for wireless stations.
    public var proxyARPWifi: Bool?
    /// 0: no multicast router is behind it; 1: found out; 2 and 3: one is.
    public var multicastRouter: Octet?
    /// Multicast goes to each member by itself.
    public var mcastToUnicast: Bool?
    /// Which link-local group addresses are forwarded, a bit each.
    public var groupForwardMask: Halfword?
    /// Map VLANs to tunnels.
    public var vlanTunnel: Bool?

    public init() {}

    /// BR_STATE_* (linux/if_bridge.h).
    public enum State: String, Hashable, Sendable, Codable, CaseIterable {
        case disabled, listening, learning, forwarding, blocking
    }

    private enum CodingKeys: String, CodingKey {
        case state, priority, cost, hairpin, guardBPDU = "guard", rootBlock = "root_block"
        case fastLeave = "fastleave", learning, flood, mcastFlood = "mcast_flood", bcastFlood = "bcast_flood"
        case proxyARP = "proxy_arp", neighbourSuppress = "neigh_suppress", isolated, locked
        case proxyARPWifi = "proxy_arp_wifi"
        case multicastRouter = "multicast_router"
        case mcastToUnicast = "mcast_to_unicast"
        case groupForwardMask = "group_fwd_mask"
        case vlanTunnel = "vlan_tunnel"
    }
}

/// A VLAN's (IFLA_VLAN_*).
public struct VLANOptions: Hashable, Sendable, Codable {
    public var id: VLANId
    public var networkProtocol: NetworkProtocol?

    public init(id: VLANId) { self.id = id }

    /// The tag's EtherType (IEEE 802.1Q, 802.1ad).
    public enum NetworkProtocol: String, Hashable, Sendable, Codable, CaseIterable {
        case dot1q = "802.1Q"
        case dot1ad = "802.1ad"
    }

    private enum CodingKeys: String, CodingKey { case id, networkProtocol = "protocol" }
}

/// A VXLAN's (IFLA_VXLAN_*); its lower link is the link's `link`.
public struct VXLANOptions: Hashable, Sendable, Codable {
    public var id: VNI
    /// A multicast group; excludes `remote`.
    public var group: IPAddress?
    public var remote: IPAddress?
    public var local: IPAddress?
    /// UDP port of the other ends; without it the kernel's 8472, where IANA's is 4789 (RFC 7348).
    public var port: Port?
    public var ttl: Octet?
    public var tos: Octet?
    public var learning: Bool?
    /// Seconds.
    public var ageing: Word?
    public var proxy: Bool?
    public var rsc: Bool?
    public var l2miss: Bool?
    public var l3miss: Bool?
    public var udpChecksum: Bool?

    public init(id: VNI) { self.id = id }

    private enum CodingKeys: String, CodingKey {
        case id, group, remote, local, port, ttl, tos, learning, ageing, proxy, rsc, l2miss, l3miss
        case udpChecksum = "udp_csum"
    }
}

/// A macvlan's (IFLA_MACVLAN_*).
public struct MacvlanOptions: Hashable, Sendable, Codable {
    public var mode: Mode?
    public init() {}

    public enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
        case `private`, vepa, bridge, passthru, source
    }
}

/// An ipvlan's (IFLA_IPVLAN_*).
public struct IPVlanOptions: Hashable, Sendable, Codable {
    public var mode: Mode?
    public var flag: Flag?
    public init() {}

    public enum Mode: String, Hashable, Sendable, Codable, CaseIterable { case l2, l3, l3s }
    public enum Flag: String, Hashable, Sendable, Codable, CaseIterable { case bridge, `private`, vepa }
}

/// A VRF's (IFLA_VRF_TABLE): the routing table of its links.
public struct VRFOptions: Hashable, Sendable, Codable {
    public var table: Word
    public init(table: Word) { self.table = table }
}

/// A tunnel's key, shown as a dotted quad as `ip` does.
public struct TunnelKey: Hashable, Sendable, Codable {
    public let value: UInt32
    public init(_ value: UInt32) { self.value = value }

    public init(from decoder: any Decoder) throws {
        self = try decoder.nameOrNumber(
            "must be an integer from 0 to 4294967295, or a dotted quad",
            name: { text in
                guard let address = IPAddress(text), address.family == .inet else { return nil }
                return TunnelKey(address.bytes.reduce(0) { $0 << 8 | UInt32($1) })
            },
            number: { UInt32(exactly: $0).map(TunnelKey.init) })
    }

    public func encode(to encoder: any Encoder) throws {
        try encoder.text((0..<4).map { String(value >> UInt32(24 - $0 * 8) & 0xFF) }.joined(separator: "."))
    }
}

/// A tunnel's over IPv4 or IPv6 (IFLA_GRE_*, IFLA_IPTUN_*); its lower link is the link's `link`. Keys are GRE's alone.
public struct TunnelOptions: Hashable, Sendable, Codable {
    public var remote: IPAddress?
    public var local: IPAddress?
    /// Hop limit; 0 takes that of the packet inside.
    public var ttl: Octet?
    public var tos: Octet?
    public var pathMTUDiscovery: Bool?
    public var inputKey: TunnelKey?
    public var outputKey: TunnelKey?

    public init() {}

    private enum CodingKeys: String, CodingKey {
        case remote, local, ttl, tos, pathMTUDiscovery = "pmtudisc", inputKey = "ikey", outputKey = "okey"
    }
}

/// A Geneve tunnel's (IFLA_GENEVE_*).
public struct GeneveOptions: Hashable, Sendable, Codable {
    public var id: VNI
    public var remote: IPAddress
    public var port: Port?
    public var ttl: Octet?
    public var tos: Octet?

    public init(id: VNI, remote: IPAddress) {
        self.id = id
        self.remote = remote
    }
}

/// A bond's (IFLA_BOND_*; Documentation/networking/bonding.rst). Times are in milliseconds.
public struct BondOptions: Hashable, Sendable, Codable {
    public var mode: Mode?
    public var miimon: Word?
    public var updelay: Word?
    public var downdelay: Word?
    public var xmitHashPolicy: HashPolicy?
    public var lacpRate: LACPRate?
    public var minLinks: Word?

    public init() {}

    /// BOND_MODE_*, in their order (linux/if_bonding.h).
    public enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
        case balanceRR = "balance-rr", activeBackup = "active-backup", balanceXOR = "balance-xor", broadcast
        case lacp = "802.3ad", balanceTLB = "balance-tlb", balanceALB = "balance-alb"
    }

    /// BOND_XMIT_POLICY_*, in their order.
    public enum HashPolicy: String, Hashable, Sendable, Codable, CaseIterable {
        case layer2, layer34 = "layer3+4", layer23 = "layer2+3", encap23 = "encap2+3", encap34 = "encap3+4"
        case vlanSourceMAC = "vlan+srcmac"
    }

    public enum LACPRate: String, Hashable, Sendable, Codable, CaseIterable { case slow, fast }

    private enum CodingKeys: String, CodingKey {
        case mode, miimon, updelay, downdelay, xmitHashPolicy = "xmit_hash_policy", lacpRate = "ad_lacp_rate"
        case minLinks = "min_links"
    }
}
