// Requests about links whose bytes are known (LinkMessageTests). Each was held against what iproute2 sends for the
// command it is named after.

import CMnl
import IPRoute

@testable import Netlink

enum LinkMessageCases {
    static let all: [(command: String, message: NetlinkMessage)] = making + tunnels + changing + asking

    static let making: [(command: String, message: NetlinkMessage)] = [
        ("link add v0 up mtu 1400 type veth peer name v1 mtu 1300 address 02:00:00:00:00:02 netns fd 9", veth),
        ("link add type veth", .addLink(LinkSpec(.veth), lower: nil, master: nil, peer: nil)),
        ("link add d0 txqueuelen 5 address 02:00:00:00:00:01 master 8 type dummy", dummy),
        ("link add i0 type ifb", spec("i0", .ifb)),
        ("link add br0 type bridge forward_delay 400 … mcast_querier 1", bridge),
        ("link add l.7 link 3 type vlan protocol 802.1ad id 7", vlan),
        ("link add m0 link 3 type macvlan mode bridge", spec("m0", .macvlan(with(.init()) { $0.mode = .bridge }), 3)),
        ("link add p0 link 3 type ipvlan mode l3s vepa", ipvlan),
        ("link add r0 type vrf table 1001", spec("r0", .vrf(VRFOptions(table: Word(1001))))),
        ("link add bd type bond mode 802.3ad … lacp_rate fast", bond),
    ]

    static let tunnels: [(command: String, message: NetlinkMessage)] = [
        ("link add x0 type vxlan id 7 dev 3 remote 10.0.0.2 local 10.0.0.1 dstport 4789 …", vxlan),
        ("link add x1 type vxlan id 8 group ff05::100 …", vxlan6),
        ("link add n0 type geneve id 9 remote 10.0.0.2 dstport 6081 ttl 3 tos 4", geneve),
        ("link add g0 type gre remote 10.0.0.2 local 10.0.0.1 ttl 5 ikey 1 okey 2 nopmtudisc dev 3", gre),
        ("link add g1 type ip6gretap remote fd00::2 tclass 16", spec("g1", .ip6gretap(tunnel6))),
        ("link add s0 type sit remote 10.0.0.2 ttl 64 tos 8 dev 3", spec("s0", .sit(tunnel4), 3)),
        ("link add t0 type ip6tnl remote fd00::2 tclass 16", spec("t0", .ip6tnl(tunnel6))),
    ]

    static let changing: [(command: String, message: NetlinkMessage)] = [
        ("link set 7 up name n0 mtu 9000 address 02:… nomaster txqueuelen 9 alias hi arp off promisc on …", change),
        (
            "link set 7 type bridge stp_state 1",
            .changeLink(7, with(.init()) { $0.bridge = stp }, master: nil, subject: "")!
        ),
        ("link set 7 type bridge_slave state blocking … locked on", .changeBridgePort(7, port, subject: "")),
        ("link set 7 name n0 netns fd 9", .moveLink(7, to: 9, name: InterfaceName("n0"), subject: "")),
        ("link property add dev 7 altname one altname two", altnames),
    ]

    static let asking: [(command: String, message: NetlinkMessage)] = [
        ("link show dev v0", .getLink(named: "v0", statistics: false)),
        ("link show dev a-name-of-16-byt", .getLink(named: "a-name-of-16-byte", statistics: true)),
        ("link show master 8 type veth", .listLinks(kind: .veth, master: 8, statistics: false)),
    ]

    static func with<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
        var value = value
        change(&value)
        return value
    }

    private static func spec(_ name: String, _ options: LinkOptions, _ lower: Int32? = nil) -> NetlinkMessage {
        .addLink(LinkSpec(options, ifname: InterfaceName(name)!), lower: lower, master: nil, peer: nil)
    }

    private static var veth: NetlinkMessage {
        let spec = with(LinkSpec(.veth, ifname: InterfaceName("v0")!)) {
            $0.up = true
            $0.mtu = MTU(1400)
        }
        let peer = with(VethPeer(name: InterfaceName("v1")!, namespaceDescriptor: 9)) {
            $0.mtu = MTU(1300)
            $0.address = MACAddress("02:00:00:00:00:02")
        }
        return .addLink(spec, lower: nil, master: nil, peer: peer)
    }

    private static var dummy: NetlinkMessage {
        let spec = with(LinkSpec(.dummy, ifname: InterfaceName("d0")!)) {
            $0.txqlen = Word(5)
            $0.address = MACAddress("02:00:00:00:00:01")
        }
        return .addLink(spec, lower: nil, master: 8, peer: nil)
    }

    private static var bridge: NetlinkMessage {
        let options = with(BridgeOptions()) {
            $0.forwardDelay = Word(400)
            $0.helloTime = Word(300)
            $0.maxAge = Word(2100)
            $0.ageingTime = Word(1000)
            $0.stpState = true
            $0.priority = Halfword(4096)
            $0.vlanFiltering = true
            $0.vlanDefaultPvid = PortVLAN(5)
            $0.vlanStatsEnabled = true
            $0.mcastSnooping = false
            $0.mcastQuerier = true
            $0.groupForwardMask = Halfword(8)
        }
        return spec("br0", .bridge(options))
    }

    private static var vlan: NetlinkMessage {
        spec("l.7", .vlan(with(VLANOptions(id: VLANId(7)!)) { $0.networkProtocol = .dot1ad }), 3)
    }

    private static var ipvlan: NetlinkMessage {
        let options = with(IPVlanOptions()) {
            $0.mode = .l3s
            $0.flag = .vepa
        }
        return spec("p0", .ipvlan(options), 3)
    }

    private static var bond: NetlinkMessage {
        let options = with(BondOptions()) {
            $0.mode = .lacp
            $0.miimon = Word(100)
            $0.updelay = Word(200)
            $0.downdelay = Word(300)
            $0.xmitHashPolicy = .layer34
            $0.minLinks = Word(2)
            $0.lacpRate = .fast
        }
        return spec("bd", .bond(options))
    }

    private static var vxlan: NetlinkMessage {
        let options = with(VXLANOptions(id: VNI(7)!)) {
            $0.remote = IPAddress("10.0.0.2")
            $0.local = IPAddress("10.0.0.1")
            $0.port = Port(4789)
            $0.ttl = Octet(3)
            $0.tos = Octet(4)
            $0.learning = false
            $0.ageing = Word(60)
            $0.proxy = true
            $0.rsc = true
            $0.l2miss = true
            $0.l3miss = true
            $0.udpChecksum = false
        }
        return spec("x0", .vxlan(options), 3)
    }

    private static var vxlan6: NetlinkMessage {
        spec("x1", .vxlan(with(VXLANOptions(id: VNI(8)!)) { $0.group = IPAddress("ff05::100") }))
    }

    private static var geneve: NetlinkMessage {
        let options = with(GeneveOptions(id: VNI(9)!, remote: IPAddress("10.0.0.2")!)) {
            $0.port = Port(6081)
            $0.ttl = Octet(3)
            $0.tos = Octet(4)
        }
        return spec("n0", .geneve(options))
    }

    private static var gre: NetlinkMessage {
        let options = with(TunnelOptions()) {
            $0.remote = IPAddress("10.0.0.2")
            $0.local = IPAddress("10.0.0.1")
            $0.ttl = Octet(5)
            $0.inputKey = TunnelKey(1)
            $0.outputKey = TunnelKey(2)
            $0.pathMTUDiscovery = false
        }
        return spec("g0", .gre(options), 3)
    }

    private static var tunnel4: TunnelOptions {
        with(TunnelOptions()) {
            $0.remote = IPAddress("10.0.0.2")
            $0.ttl = Octet(64)
            $0.tos = Octet(8)
        }
    }

    private static var tunnel6: TunnelOptions {
        with(TunnelOptions()) {
            $0.remote = IPAddress("fd00::2")
            $0.tos = Octet(16)
        }
    }

    private static var change: NetlinkMessage {
        let change = with(LinkChange()) {
            $0.up = true
            $0.name = InterfaceName("n0")
            $0.mtu = MTU(9000)
            $0.address = MACAddress("02:00:00:00:00:03")
            $0.txqlen = Word(9)
            $0.alias = LinkAlias("hi")
            $0.arp = false
            $0.promisc = true
            $0.multicast = false
            $0.allmulticast = false
        }
        return .changeLink(7, change, master: 0, subject: "")!
    }

    private static var stp: BridgeOptions { with(BridgeOptions()) { $0.stpState = true } }

    private static var port: BridgePortOptions {
        with(BridgePortOptions()) {
            $0.state = .blocking
            $0.priority = PortPriority(32)
            $0.cost = Word(2)
            $0.hairpin = true
            $0.guardBPDU = true
            $0.rootBlock = true
            $0.fastLeave = true
            $0.learning = false
            $0.flood = false
            $0.mcastFlood = false
            $0.bcastFlood = false
            $0.proxyARP = true
            $0.neighbourSuppress = true
            $0.isolated = true
            $0.locked = true
        }
    }

    private static var altnames: NetlinkMessage {
        .alternativeNames(
            .newLinkProperty, [.create, .exclusive, .append], 7, [AlternativeName("one")!, AlternativeName("two")!],
            subject: "")
    }
}
