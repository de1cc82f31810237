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
}
