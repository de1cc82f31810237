// Exemplars of the options of each kind of link.

import IPRoute
import Wire

extension Exemplars {
    /// Each kind with all its options, and with the fewest.
    static let optionsOfAllKinds: [LinkOptions] =
        [
            .veth, .dummy, .ifb, .bridge(bridge), .vlan(vlan), .vlan(.init(id: VLANId(1)!)), .vxlan(vxlan),
            .vxlan(multicastVXLAN), .macvlan(macvlan), .ipvlan(ipvlan), .vrf(.init(table: Word(100))),
            .geneve(geneve), .geneve(.init(id: VNI(7)!, remote: "fd00::2")), .bond(bond),
        ]
        + [LinkOptions.gre, LinkOptions.gretap, LinkOptions.ip6gre, LinkOptions.ip6gretap].map { $0(tunnel) }
        + [LinkOptions.ipip, LinkOptions.sit, LinkOptions.ip6tnl].map { $0(tunnel) }
        + LinkKind.allCases.compactMap { LinkOptions(defaultsOf: $0) }

    static var bridge: BridgeOptions {
        var options = BridgeOptions()
        options.forwardDelay = Word(1500)
        options.helloTime = Word(200)
        options.maxAge = Word(2000)
        options.ageingTime = Word(30000)
        options.stpState = true
        options.priority = Halfword(32768)
        options.vlanFiltering = true
        options.vlanDefaultPvid = PortVLAN(1)
        options.vlanStatsEnabled = false
        options.mcastSnooping = true
        options.mcastQuerier = false
        options.groupForwardMask = Halfword(0)
        options.noLinkLocalLearn = true
        options.mcastVlanSnooping = true
        options.mcastRouter = Octet(1)
        options.mcastQueryUseIfaddr = true
        options.mcastHashElasticity = Word(100)
        options.mcastHashMax = GroupCount(4096)
        options.mcastLastMemberCount = Word(100)
        options.mcastStartupQueryCount = Word(100)
        options.mcastLastMemberInterval = Word(100)
        options.mcastMembershipInterval = Word(100)
        options.mcastQuerierInterval = Word(100)
        options.mcastQueryInterval = Word(100)
        options.mcastQueryResponseInterval = Word(100)
        options.mcastStartupQueryInterval = Word(100)
        options.mcastStatsEnabled = true
        options.mcastIgmpVersion = Octet(1)
        options.mcastMldVersion = Octet(1)
        options.nfCallIptables = true
        options.nfCallIp6tables = true
        options.nfCallArptables = true
        options.groupAddress = LinkLayerAddress("01:80:c2:00:00:00")
        return options
    }

    static var bridgePort: BridgePortOptions {
        var options = BridgePortOptions()
        options.state = .forwarding
        options.priority = PortPriority(32)
        options.cost = Word(2)
        options.hairpin = false
        options.guardBPDU = false
        options.rootBlock = false
        options.fastLeave = false
        options.learning = true
        options.flood = true
        options.mcastFlood = true
        options.bcastFlood = true
        options.proxyARP = false
        options.neighbourSuppress = false
        options.isolated = true
        options.locked = false
        options.proxyARPWifi = true
        options.multicastRouter = Octet(1)
        options.mcastToUnicast = true
        options.groupForwardMask = Halfword(16)
        options.vlanTunnel = true
        return options
    }

    private static var vlan: VLANOptions {
        var options = VLANOptions(id: VLANId(100)!)
        options.networkProtocol = .dot1ad
        return options
    }

    private static var vxlan: VXLANOptions {
        var options = VXLANOptions(id: VNI(42)!)
        options.remote = "10.0.0.2"
        options.local = "10.0.0.1"
        options.port = Port(4789)
        options.ttl = Octet(64)
        options.tos = Octet(0)
        options.learning = true
        options.ageing = Word(300)
        options.proxy = false
        options.rsc = false
        options.l2miss = false
        options.l3miss = false
        options.udpChecksum = true
        return options
    }

    private static var multicastVXLAN: VXLANOptions {
        var options = VXLANOptions(id: VNI(42)!)
        options.group = "239.0.0.1"
        return options
    }

    private static var macvlan: MacvlanOptions {
        var options = MacvlanOptions()
        options.mode = .bridge
        return options
    }

    private static var ipvlan: IPVlanOptions {
        var options = IPVlanOptions()
        options.mode = .l3s
        options.flag = .private
        return options
    }

    private static var tunnel: TunnelOptions {
        var options = TunnelOptions()
        options.remote = "10.0.0.2"
        options.local = "10.0.0.1"
        options.ttl = Octet(64)
        options.tos = Octet(0)
        options.pathMTUDiscovery = true
        options.inputKey = TunnelKey(1)
        options.outputKey = TunnelKey(0x0102_0304)
        return options
    }

    private static var geneve: GeneveOptions {
        var options = GeneveOptions(id: VNI(7)!, remote: "10.0.0.2")
        options.port = Port(6081)
        options.ttl = Octet(64)
        options.tos = Octet(0)
        return options
    }

    private static var bond: BondOptions {
        var options = BondOptions()
        options.mode = .lacp
        options.miimon = Word(100)
        options.updelay = Word(200)
        options.downdelay = Word(200)
        options.xmitHashPolicy = .layer34
        options.lacpRate = .fast
        options.minLinks = Word(1)
        return options
    }
}
