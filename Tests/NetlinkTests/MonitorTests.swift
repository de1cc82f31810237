// Changes as the kernel tells of them.

import Descriptors
import Glibc
import IPRoute
import Testing

@testable import Netlink

@Suite struct MonitorTests {
    private func monitor(
        _ namespace: borrowing TestNamespace, _ groups: [MonitorSocket.Group], all: Bool = false
    ) throws -> MonitorSocket {
        try namespace.open { try MonitorSocket(groups: groups, allNamespaces: all) }
    }

    /// Everything up to the event that `isLast` accepts; waits for it.
    private func events(
        _ monitor: borrowing MonitorSocket, until isLast: (MonitorSocket.Event) -> Bool
    ) throws -> [MonitorSocket.Event] {
        var all: [MonitorSocket.Event] = []
        while true {
            switch try monitor.receive() {
            case .events(let events):
                all += events
                if events.contains(where: isLast) { return all }
            case .overflow:
                Issue.record("overflow")
                return all
            case .nothing:
                var waiting = pollfd(fd: monitor.fd, events: Int16(POLLIN), revents: 0)
                try #require(poll(&waiting, 1, 20_000) == 1, "the kernel said nothing")
            }
        }
    }

    @Test func nothingIsNothing() throws {
        let namespace = try TestNamespace.fresh()
        let monitor = try monitor(namespace, MonitorSocket.Group.allCases)
        #expect(try monitor.receive() == .nothing)
    }

    @Test func linksComeAndGo() throws {
        let namespace = try TestNamespace.fresh()
        let monitor = try monitor(namespace, [.link])
        let link = try namespace.socket.addLink(LinkSpec(.veth, ifname: InterfaceName("v0")!))
        try namespace.socket.deleteLink(link.ifindex)
        let events = try events(monitor) {
            if case .link(.deleted, let gone) = $0.notification { gone.ifname == "v0" } else { false }
        }
        #expect(events.allSatisfy { $0.namespaceId == nil })
        let made = events.compactMap { event -> Link? in
            if case .link(.new, let link) = event.notification { link } else { nil }
        }
        #expect(made.contains { $0.ifname == "v0" && $0.linkinfo?.kind == "veth" })
    }

    @Test func aPortLeavingItsBridgeIsNoDeletedLink() throws {
        let namespace = try TestNamespace.fresh()
        try namespace.ip("link", "add", "br0", "type", "bridge")
        try namespace.ip("link", "add", "v0", "master", "br0", "type", "veth", "peer", "name", "v1")
        let monitor = try monitor(namespace, [.link])
        try namespace.ip("link", "set", "v0", "nomaster")
        try namespace.ip("link", "set", "v0", "mtu", "1234")
        let events = try events(monitor) {
            if case .link(.new, let link) = $0.notification { link.mtu == 1234 } else { false }
        }
        #expect(!events.contains { if case .link(.deleted, _) = $0.notification { true } else { false } })
    }

    @Test func namespacesAreHeardAndTheirEndToo() throws {
        let namespace = try TestNamespace.fresh()
        let monitor = try monitor(namespace, [.link, .namespaceId], all: true)
        do {
            let other = try TestNamespace.fresh()
            try namespace.socket.assignNamespaceId(7, to: other.descriptor.raw)
            _ = try other.socket.addLink(LinkSpec(.bridge(BridgeOptions()), ifname: InterfaceName("there")!))
        }
        // The other namespace's last descriptors are closed: the kernel ends it when it gets to it.
        let events = try events(monitor) { $0.notification == .namespaceId(.deleted, 7) }
        #expect(events.contains { $0.notification == .namespaceId(.new, 7) && $0.namespaceId == nil })
        #expect(
            events.contains {
                guard case .link(.new, let link) = $0.notification else { return false }
                return link.ifname == "there" && $0.namespaceId == 7
            })
    }

    @Test func whatTheKernelDroppedIsSaid() throws {
        let namespace = try TestNamespace.fresh()
        let monitor = try namespace.open {
            try MonitorSocket(groups: [.link], allNamespaces: false, receiveBuffer: 8192)
        }
        for _ in 0..<50 { _ = try namespace.socket.addLink(LinkSpec(.veth)) }
        var sawOverflow = false
        reading: while true {
            switch try monitor.receive() {
            case .overflow: sawOverflow = true
            case .events: continue
            case .nothing: break reading
            }
        }
        #expect(sawOverflow)
        // It goes on hearing.
        _ = try namespace.socket.addLink(LinkSpec(.veth, ifname: InterfaceName("after")!))
        _ = try events(monitor) {
            if case .link(_, let link) = $0.notification { link.ifname == "after" } else { false }
        }
    }

    @Test func everyKindOfChangeIsHeardWithItsLinksName() throws {
        let namespace = try TestNamespace.fresh()
        let other = try TestNamespace.fresh()
        let monitor = try monitor(namespace, MonitorSocket.Group.allCases, all: true)
        try namespace.socket.assignNamespaceId(3, to: other.descriptor.raw)
        for command in [
            "link add v0 type veth peer name v1", "link set v0 up", "addr add 10.1.0.1/24 dev v0",
            "route add 10.2.0.0/16 via 10.1.0.2", "neigh add 10.1.0.2 lladdr 02:00:00:00:00:09 dev v0",
            "rule add from 10.3.0.0/16 table 100", "addr del 10.1.0.1/24 dev v0", "link del v0",
        ] {
            try other.ip(command.split(separator: " ").map(String.init), input: other.descriptor)
        }
        let events = try events(monitor) {
            if case .link(.deleted, let link) = $0.notification { link.ifname == "v0" } else { false }
        }
        let heard = events.filter { $0.namespaceId == 3 }.map(\.notification)
        #expect(
            heard.contains {
                guard case .address(.new, let address) = $0 else { return false }
                return address.dev == "v0" && address.info.local == IPAddress("10.1.0.1")
                    && address.info.prefixlen == 24
            })
        #expect(
            heard.contains {
                guard case .route(.new, let route) = $0 else { return false }
                return route.dev == "v0" && route.gateway == IPAddress("10.1.0.2")
            })
        #expect(
            heard.contains {
                guard case .neighbour(.new, let neighbour) = $0 else { return false }
                return neighbour.dev == "v0" && neighbour.lladdr == "02:00:00:00:00:09"
            })
        #expect(heard.contains { if case .rule(.new, let rule) = $0 { rule.table == RouteTable(100) } else { false } })
        #expect(heard.contains { if case .address(.deleted, let it) = $0 { it.dev == "v0" } else { false } })
        #expect(
            heard.contains {
                guard case .link(.new, let link) = $0 else { return false }
                return link.ifname == "v0" && link.link == "v1"
            })
    }

    @Test func linksFromBeforeAreKnownByAList() throws {
        let namespace = try TestNamespace.fresh()
        let link = try namespace.socket.addLink(LinkSpec(.bridge(BridgeOptions()), ifname: InterfaceName("br0")!))
        let monitor = try monitor(namespace, [.ipv4Address])
        func addressed(_ address: String) throws -> AddressOnLink? {
            try namespace.ip("addr", "add", address, "dev", "br0")
            guard case .address(.new, let address) = try events(monitor, until: { _ in true }).last?.notification
            else { return nil }
            return address
        }
        let before = try #require(try addressed("10.0.0.1/24"))
        #expect(before.ifindex == link.ifindex)
        #expect(before.dev == nil)
        monitor.learn(try namespace.socket.links(), of: nil)
        #expect(try addressed("10.0.1.1/24")?.dev == "br0")
    }

    @Test func whatWasNotAskedForIsNotGiven() throws {
        let namespace = try TestNamespace.fresh()
        let monitor = try monitor(namespace, [.ipv6Rule])
        try namespace.ip("link", "set", "lo", "up")
        try namespace.ip("rule", "add", "from", "10.0.0.0/8", "table", "9")
        try namespace.ip("-6", "rule", "add", "from", "fd00::/8", "table", "9")
        let events = try events(monitor) { _ in true }
        #expect(events.count == 1)
        guard case .rule(.new, let rule) = events.first?.notification else {
            Issue.record("not the rule")
            return
        }
        #expect(rule.family == .inet6)
    }
}
