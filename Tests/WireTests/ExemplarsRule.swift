// Exemplars of rule.* and neigh.*.

import IPRoute
import Wire

extension Exemplars {
    static let rule: [Exemplars] = [
        Exemplars(RuleAdd.self, specs, [Nothing()]),
        Exemplars(RuleDelete.self, specs, [Nothing()]),
        Exemplars(
            RuleFlush.self, [.init(Place("gateway"), filter), .init(Place(netnsFileDescriptor: 0), .init())],
            [.init(removed: 1)]),
        Exemplars(
            RuleList.self, [.init(["gateway"], filter), .init(nil, .init()), .init(netnsFileDescriptor: 0, .init())],
            [[InNamespace("gateway", fullRule), InNamespace("gateway", leastRule)]]),
    ]

    private static var specs: [RuleAdd.Params] {
        var full = RuleSpec()
        full.family = .inet
        full.priority = Word(100)
        full.src = "10.0.0.0/8"
        full.dst = "default"
        full.iif = "eth0"
        full.oif = "eth1"
        full.fwmark = Word(1)
        full.fwmask = Word(255)
        full.tos = Octet(16)
        full.ipproto = Octet(6)
        full.sport = Port(1024)
        full.dport = Port(443)
        full.not = true
        full.action = .lookup
        full.table = RouteTable(100 as UInt32)
        full.suppressPrefixlength = PrefixLength(0)
        full.sportEnd = Port(2048)
        full.dportEnd = Port(443)
        full.uidStart = Word(1000)
        full.uidEnd = Word(1000)
        full.tunId = Word(5)
        full.suppressIfgroup = Word(3)
        full.protocol = .static
        full.goto = Word(200)
        full.l3mdev = false
        return [.init(Place("gateway"), full), .init(Place(netnsFileDescriptor: 0), .init())]
    }

    private static var filter: RuleFilter {
        var filter = RuleFilter()
        filter.family = .inet6
        filter.table = .local
        filter.priority = Word(0)
        filter.protocol = .static
        return filter
    }

    static let leastRule = Rule(family: .inet6, priority: Word(0), src: "all")

    static var fullRule: Rule {
        var rule = Rule(family: .inet, priority: Word(100), src: "10.0.0.0")
        rule.not = true
        rule.srclen = 8
        rule.dst = "10.9.0.0"
        rule.dstlen = 16
        rule.tos = "0x10"
        rule.fwmark = "0x1"
        rule.fwmask = "0xff"
        rule.iif = "eth0"
        rule.oif = "eth1"
        rule.ipproto = "tcp"
        rule.sport = 1024
        rule.dport = 443
        rule.sportStart = 1024
        rule.sportEnd = 2048
        rule.dportStart = 80
        rule.dportEnd = 443
        rule.goto = Word(200)
        rule.unresolved = true
        (rule.uidStart, rule.uidEnd, rule.tunId) = (100, 200, 5)
        (rule.iifDetached, rule.oifDetached, rule.l3mdev) = (true, true, true)
        (rule.flowFrom, rule.flowTo, rule.suppressIfgroup) = ("3", "4", "default")
        rule.suppressPrefixlength = 0
        rule.table = RouteTable(100 as UInt32)
        rule.action = .lookup
        rule.protocol = .boot
        return rule
    }
}

extension Exemplars {
    static let neigh: [Exemplars] = [
        Exemplars(NeighAdd.self, neighbourSpecs, [Nothing()]),
        Exemplars(NeighReplace.self, neighbourSpecs, [Nothing()]),
        Exemplars(NeighChange.self, neighbourSpecs, [Nothing()]),
        Exemplars(
            NeighGet.self, [.init(Place("server"), query), .init(Place(netnsFileDescriptor: 0), query)],
            [fullNeighbour, leastNeighbour]),
        Exemplars(NeighDelete.self, neighbourSpecs, [Nothing()]),
        Exemplars(
            NeighFlush.self,
            [.init(Place("server"), neighbourFilter), .init(Place(netnsFileDescriptor: 0), .init())],
            [.init(removed: 3)]),
        Exemplars(
            NeighList.self,
            [.init(["server"], neighbourFilter), .init(nil, .init()), .init(netnsFileDescriptor: 0, .init())],
            [[InNamespace("server", fullNeighbour), InNamespace("server", leastNeighbour)]]),
    ]

    private static var neighbourSpecs: [NeighAdd.Params] {
        var full = NeighbourSpec("10.0.0.7", dev: "eth0")
        full.lladdr = LinkLayerAddress("02:00:00:00:00:07")
        full.state = .permanent
        full.router = true
        full.proxy = false
        full.externLearn = true
        full.protocol = .static
        return [
            .init(Place("server"), full), .init(Place(netnsFileDescriptor: 0), NeighbourSpec("fe80::7", dev: "eth0")),
        ]
    }

    private static var neighbourFilter: NeighbourFilter {
        var filter = NeighbourFilter()
        filter.family = .inet
        filter.dev = "eth0"
        filter.dst = "10.0.0.7"
        filter.state = .reachable
        filter.proxy = true
        filter.network = "10.0.0.0/8"
        filter.master = "br"
        filter.nomaster = false
        filter.protocol = .static
        filter.statistics = true
        return filter
    }

    private static var query: NeighbourQuery {
        var query = NeighbourQuery("10.0.0.7", dev: "eth0")
        query.proxy = true
        return query
    }

    static let leastNeighbour = Neighbour("fe80::7", dev: nil, state: [.failed])

    static var fullNeighbour: Neighbour {
        var neighbour = Neighbour("10.0.0.7", dev: "eth0", state: [.permanent])
        neighbour.lladdr = "02:00:00:00:00:07"
        neighbour.router = true
        neighbour.proxy = true
        (neighbour.externLearn, neighbour.offload, neighbour.managed) = (true, true, true)
        (neighbour.refcnt, neighbour.used, neighbour.confirmed) = (1, 2, 3)
        (neighbour.updated, neighbour.probes, neighbour.protocol) = (4, 5, .static)
        return neighbour
    }
}
