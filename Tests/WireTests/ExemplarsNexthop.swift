// Exemplars of nexthop.* and maddr.*.

import IPRoute
import Wire

extension Exemplars {
    static let nexthop: [Exemplars] = [
        Exemplars(NexthopAdd.self, specs, [Nothing()]),
        Exemplars(NexthopReplace.self, specs, [Nothing()]),
        Exemplars(
            NexthopDelete.self, [.init(Place("client"), .init(id)), .init(Place(netnsFileDescriptor: 0), .init(id))],
            [Nothing()]),
        Exemplars(
            NexthopFlush.self, [.init(Place("client"), filter), .init(Place(netnsFileDescriptor: 0), .init())],
            [.init(removed: 1)]),
        Exemplars(
            NexthopList.self, [.init(["client"], filter), .init(nil, .init()), .init(netnsFileDescriptor: 0, .init())],
            [[InNamespace("client", fullNexthop), InNamespace("client", leastNexthop)]]),
    ]

    private static let id = NexthopId(5)!

    private static var specs: [NexthopAdd.Params] {
        var full = NexthopSpec()
        full.id = id
        full.family = .inet6
        full.gateway = "fd00::1"
        full.dev = "eth0"
        full.onlink = true
        full.blackhole = false
        full.fdb = false
        full.protocol = .static
        var group = NexthopSpec()
        group.group = [NexthopMember(id, weight: NexthopWeight(3)), NexthopMember(id)]
        return [.init(Place("client"), full), .init(Place(netnsFileDescriptor: 0), group)]
    }

    private static var filter: NexthopFilter {
        var filter = NexthopFilter()
        filter.id = id
        filter.family = .inet
        filter.dev = "eth0"
        filter.master = "br"
        filter.groups = true
        filter.protocol = .static
        return filter
    }

    private static let leastNexthop = Nexthop(id, scope: .link, protocol: .unspecified)

    static var fullNexthop: Nexthop {
        var nexthop = leastNexthop
        nexthop.group = [NexthopMember(id, weight: NexthopWeight(3)), NexthopMember(id)]
        nexthop.type = "resilient"
        nexthop.resilience = .init(buckets: 8, idleTimer: 0.5, unbalancedTimer: 0, unbalancedTime: 1.5)
        nexthop.gateway = "10.0.0.1"
        nexthop.dev = "eth0"
        nexthop.blackhole = true
        nexthop.flags = ["onlink"]
        nexthop.fdb = true
        return nexthop
    }
}

extension Exemplars {
    static let maddr: [Exemplars] = [
        Exemplars(
            MaddrAdd.self, [.init(Place("server"), group), .init(Place(netnsFileDescriptor: 0), group)], [Nothing()]),
        Exemplars(
            MaddrDelete.self, [.init(Place("server"), group), .init(Place(netnsFileDescriptor: 0), group)],
            [Nothing()]),
        Exemplars(
            MaddrList.self,
            [.init(["server"], groupFilter), .init(nil, .init()), .init(netnsFileDescriptor: 0, .init())],
            [[InNamespace("server", LinkWithGroups(ifindex: 2, ifname: "eth0", groups: groups))]]),
    ]

    private static let group = MulticastSpec(MulticastMAC("33:33:00:00:00:77")!, dev: "eth0")
    private static let groups = [
        MulticastGroup(link: "33:33:00:00:00:77", users: 1, isStatic: true),
        MulticastGroup(address: "224.0.0.1", users: 2),
    ]

    private static var groupFilter: MulticastFilter {
        var filter = MulticastFilter()
        filter.dev = "eth0"
        filter.family = .link
        return filter
    }

    static var fullNetconf: Netconf {
        var netconf = Netconf(.inet, interface: "eth0")
        netconf.forwarding = true
        netconf.rpFilter = .loose
        netconf.mcForwarding = false
        netconf.proxyNeigh = true
        netconf.ignoreRoutesWithLinkdown = false
        return netconf
    }
}
