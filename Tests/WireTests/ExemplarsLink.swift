// Exemplars of link.*.

import IPRoute
import Wire

extension Exemplars {
    static let link: [Exemplars] = [
        Exemplars(LinkAdd.self, additions, [[InNamespace("server", fullLink)], [InNamespace("gateway", leastLink)]]),
        Exemplars(
            LinkSet.self,
            [
                .init(Place("server"), dev: "eth0", moveTo: "client", change: fullChange),
                .init(Place(netnsFileDescriptor: 0), dev: "eth0", change: uncabled),
                .init(Place(nil), dev: "eth0", change: .init()),
            ], [Nothing()]),
        Exemplars(
            LinkDelete.self,
            [.init(Place("server"), .init("eth0")), .init(Place(netnsFileDescriptor: 0), .init("eth0"))], [Nothing()]),
        Exemplars(
            LinkList.self,
            [.init(["server"], fullFilter), .init(nil, .init()), .init(netnsFileDescriptor: 0, .init())], lists),
    ]

    // MARK: Parameters

    private static let additions: [LinkAdd.Params] =
        optionsOfAllKinds.map { options in
            var spec = LinkSpec(options)
            if spec.kind.needsLower { spec.link = "eth0" }
            return .init(Place("server"), link: spec)
        } + [
            .init(Place("server"), link: fullSpec, addresses: ["10.0.0.1/24"], peer: fullPeer),
            .init(Place(netnsFileDescriptor: 3), link: fullSpec, peer: .init()),
        ]

    private static var fullSpec: LinkSpec {
        var spec = LinkSpec(.veth, ifname: "svr-veth")
        spec.link = "eth0"
        spec.up = true
        spec.mtu = MTU(1400)
        spec.address = "02:00:00:00:00:01"
        spec.master = "br"
        spec.txqlen = Word(1000)
        spec.alias = LinkAlias("to the gateway")
        spec.group = LinkGroup(5)
        spec.index = LinkIndex(77)
        return spec
    }

    private static let fullPeer = LinkAdd.Peer(
        netns: "gateway", ifname: "svrgw-veth", up: true, mtu: MTU(1400), address: "02:00:00:00:00:02", master: "br",
        addresses: ["fd00::1/64"])

    private static var fullChange: LinkChange {
        var change = LinkChange()
        change.name = "eth1"
        change.up = false
        change.mtu = MTU(9000)
        change.address = "02:00:00:00:00:01"
        change.master = "br"
        change.txqlen = Word(0)
        change.alias = LinkAlias("")
        change.addAltnames = ["uplink"]
        change.removeAltnames = ["downlink"]
        change.multicast = true
        change.allmulticast = true
        change.arp = true
        change.promisc = true
        change.dynamic = true
        change.trailers = false
        change.group = LinkGroup(0)
        change.addrgenmode = .stableSecret
        change.broadcast = LinkLayerAddress("ff:ff:ff:ff:ff:ff")
        change.linkmode = .dormant
        change.operstate = .up
        change.carrier = true
        change.protodown = false
        change.bridge = bridge
        change.bridgePort = bridgePort
        return change
    }

    private static var uncabled: LinkChange {
        var change = LinkChange()
        change.nomaster = true
        return change
    }

    private static var fullFilter: LinkFilter {
        var filter = LinkFilter()
        filter.dev = "eth0"
        filter.kind = .veth
        filter.master = "br"
        filter.up = true
        filter.group = LinkGroup(5)
        filter.statistics = true
        filter.brief = true
        return filter
    }

    // MARK: Results

    private static let lists: [[InNamespace<ListedLink>]] =
        [
            [InNamespace("server", ListedLink(fullLink, peer: "gateway/svrgw-veth", linkNetns: "gateway"))],
            [InNamespace("server", ListedLink(leastLink))],
        ]
        + optionsOfAllKinds.map { options in
            var link = leastLink
            link.linkinfo = LinkInfo(kind: options.kind.rawValue, data: options)
            if options.kind == .vxlan { link.linkinfo?.vxlanState = vxlanState }
            if options.kind == .macvlan { link.linkinfo?.macvlanState = macvlanState }
            return [InNamespace("server", ListedLink(link))]
        }

    static let leastLink = Link(
        ifindex: 2, ifname: "eth0", flags: ["UP"], mtu: 1500, operstate: "UP", linkmode: "DEFAULT", group: "default",
        linkType: "ether")

    static var fullLink: Link {
        var link = leastLink
        link.link = "eth1"
        link.linkIndex = 3
        link.linkNetnsid = 0
        link.qdisc = "noqueue"
        link.master = "br"
        link.txqlen = 1000
        link.address = "02:00:00:00:00:01"
        link.broadcast = "ff:ff:ff:ff:ff:ff"
        link.alias = "to the gateway"
        link.altnames = ["uplink"]
        link.promiscuity = 0
        link.allmulti = 0
        link.minMTU = 68
        link.maxMTU = 65535
        link.linkinfo = LinkInfo(kind: "bridge", data: .bridge(bridge))
        link.linkinfo?.slaveKind = "bridge"
        link.linkinfo?.slaveData = bridgePort
        link.linkinfo?.bridgeState = bridgeState
        link.linkinfo?.slaveState = bridgePortState
        link.inet6AddressGenerationMode = "eui64"
        link.numTxQueues = 1
        link.numRxQueues = 1
        link.gsoMaxSize = 65536
        link.gsoMaxSegs = 65535
        link.tsoMaxSize = 524280
        link.tsoMaxSegs = 65535
        link.groMaxSize = 65536
        link.stats64 = LinkStatistics(
            rx: .init(bytes: 6, packets: 5, errors: 4, dropped: 3, overErrors: 2, multicast: 1),
            tx: .init(bytes: 6, packets: 5, errors: 4, dropped: 3, carrierErrors: 2, collisions: 1))
        link.stats64?.rx.lengthErrors = 1
        link.stats64?.rx.crcErrors = 2
        link.stats64?.rx.frameErrors = 3
        link.stats64?.rx.fifoErrors = 4
        link.stats64?.rx.missedErrors = 5
        link.stats64?.tx.abortedErrors = 1
        link.stats64?.tx.fifoErrors = 2
        link.stats64?.tx.windowErrors = 3
        link.stats64?.tx.heartbeatErrors = 4
        link.stats64?.tx.carrierChanges = 5
        link.event = "FEATURE CHANGE"
        return link
    }
}
