// Exemplars of fdb.list, sysctl.*, socket.open and of the notifications.

import IPRoute
import Wire

extension Exemplars {
    static let sysctl: [Exemplars] = [
        Exemplars(
            SysctlGet.self, [.init(Place("gateway"), .init([key])), .init(Place(netnsFileDescriptor: 0), .init([]))],
            [values]),
        Exemplars(
            SysctlSet.self,
            [.init(Place("gateway"), .init(values)), .init(Place(netnsFileDescriptor: 0), .init([]))], [values]),
        Exemplars(
            SysctlList.self,
            [
                .init(Place("gateway"), .init(under: level, shallow: true, values: true)),
                .init(Place(netnsFileDescriptor: 0), .init()),
            ],
            [.init(keys: [.init(key, value: "1"), .init(key)], levels: [level]), .init(keys: [])]),
    ]

    static let fdb: [Exemplars] = [
        Exemplars(
            FdbList.self, [.init(["bridge"], filter), .init(nil, .init()), .init(netnsFileDescriptor: 0, .init())],
            [[InNamespace("bridge", entry), InNamespace(nil, leastEntry)]])
    ]

    private static var filter: ForwardingFilter {
        var filter = ForwardingFilter()
        filter.dev = "eth0"
        filter.bridge = "br0"
        return filter
    }

    private static let leastEntry = ListedForwardingEntry(mac: "02:00:00:00:00:07", ifname: nil, flags: [], state: "")

    private static var entry: ListedForwardingEntry {
        var entry = ListedForwardingEntry(mac: "02:00:00:00:00:07", ifname: "eth0", flags: ["self"], state: "permanent")
        entry.dst = "10.0.0.9"
        entry.vlan = 7
        entry.vni = 42
        entry.port = 4789
        entry.viaIf = "eth1"
        entry.used = 1.5
        entry.updated = 0.25
        entry.master = "br0"
        return entry
    }

    static let socket: [Exemplars] = [
        Exemplars(
            SocketOpen.self,
            [
                .init(packetsIn: Place("server"), dev: InterfaceName("eth0")),
                .init(packetsIn: Place(netnsFileDescriptor: 0)),
                .init(.stream, .inet, in: Place("server")), .init(.datagram, .inet6, in: Place("alice:server")),
            ],
            [.init(socketFileDescriptor: 0)])
    ]

    private static let key = SysctlKey("net/ipv4/conf/eth0.100/forwarding")!
    private static let level = SysctlName("net/ipv4/conf/eth0.100")!
    private static let values = [SysctlValue(key: key, value: "1")]

    static let notifications: [Exemplars] = [
        Exemplars(
            notification: Event.name,
            [
                Event(.overflow), Event(.added, .netns, netns: "server"),
                Event(.added, .link, netns: "server", link: fullLink),
                Event(.added, .address, netns: "server", address: .init(ifindex: 2, dev: "eth0", info: fullAddress)),
                Event(.deleted, .address, netns: "server", address: .init(ifindex: 2, dev: nil, info: leastAddress)),
                Event(.added, .route, netns: "server", route: fullRoute),
                Event(.added, .neighbour, netns: "server", neighbour: fullNeighbour),
                Event(.added, .rule, netns: "server", rule: fullRule),
                Event(.added, .nexthop, netns: "server", nexthop: fullNexthop),
                Event(.added, .netconf, netns: "server", netconf: fullNetconf),
                Event(.deleted, .netconf, netns: "server", netconf: Netconf(.inet6, interface: "all")),
                Event(.added, .nsid, netns: "server", nsid: 5),
                Event(.added, .port, netns: "server", port: leastLink),
                Event(
                    .added, .fdb, netns: "server",
                    fdb: ForwardingEntry("02:00:00:00:00:01", dev: "eth0", state: [.permanent])),
                Event(.deleted, .fdb, netns: "server", fdb: ForwardingEntry(nil, dev: nil, state: [])),
            ]),
        Exemplars(
            notification: NetnsExited.name,
            [
                NetnsExited(pid: 7, exitCode: nil, signal: nil), NetnsExited(pid: 7, exitCode: 0, signal: nil),
                NetnsExited(pid: 7, exitCode: nil, signal: 9),
            ]),
        Exemplars(notification: LogEntry.name, logEntries),
    ]
}
