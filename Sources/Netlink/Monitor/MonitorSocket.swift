// A socket on which the kernel tells of changes (rtnetlink(7)'s multicast groups), for an event loop.

import CMnl
import Descriptors
public import IPRoute
import Synchronization
import SystemPackage

/// Hears of changes in the network namespace its opener's thread was in, and with `allNamespaces` in every namespace
/// this one has an id for (NETLINK_LISTEN_ALL_NSID, Linux 4.2; the listener needs CAP_NET_BROADCAST).
public struct MonitorSocket: ~Copyable, Sendable {
    private let socket: RawSocket
    private let groups: Set<Group>
    private let heard: Mutex<HeardNames>

    /// Bytes waiting for a loop that is busy; a link's notice is about 1.5 kB, and twice that in kernel memory.
    private static let receiveBufferByteCount: CInt = 4 << 20

    /// What to hear of (`enum rtnetlink_groups`, linux/rtnetlink.h).
    public enum Group: Hashable, Sendable, CaseIterable {
        case link, ipv4Address, ipv6Address, ipv4Route, ipv6Route, neighbour, ipv4Rule, ipv6Rule, nexthop
        case ipv4Netconf, ipv6Netconf, namespaceId

        var number: UInt32 {
            switch self {
            case .link: RTNLGRP_LINK.rawValue
            case .ipv4Address: RTNLGRP_IPV4_IFADDR.rawValue
            case .ipv6Address: RTNLGRP_IPV6_IFADDR.rawValue
            case .ipv4Route: RTNLGRP_IPV4_ROUTE.rawValue
            case .ipv6Route: RTNLGRP_IPV6_ROUTE.rawValue
            case .neighbour: RTNLGRP_NEIGH.rawValue
            case .ipv4Rule: RTNLGRP_IPV4_RULE.rawValue
            case .ipv6Rule: RTNLGRP_IPV6_RULE.rawValue
            case .nexthop: RTNLGRP_NEXTHOP.rawValue
            case .ipv4Netconf: RTNLGRP_IPV4_NETCONF.rawValue
            case .ipv6Netconf: RTNLGRP_IPV6_NETCONF.rawValue
            case .namespaceId: RTNLGRP_NSID.rawValue
            }
        }
    }

    /// A change, and where.
    public struct Event: Hashable, Sendable {
        /// The namespace it happened in, by this namespace's id for it; nil is this namespace itself.
        public let namespaceId: Int32?
        public let notification: Notification
    }

    /// What one read brought.
    public enum Received: Hashable, Sendable {
        /// Changes in their order.
        case events([Event])
        /// The kernel had to drop notices (ENOBUFS): what was known from them has to be asked for anew.
        case overflow
        /// Nothing is waiting.
        case nothing
    }

    public init(groups: some Sequence<Group>, allNamespaces: Bool = false) throws(NetlinkError) {
        try self.init(groups: groups, allNamespaces: allNamespaces, receiveBuffer: Self.receiveBufferByteCount)
    }

    init(groups: some Sequence<Group>, allNamespaces: Bool, receiveBuffer byteCount: CInt) throws(NetlinkError) {
        let socket = try RawSocket(nonBlocking: true)
        try socket.setReceiveBuffer(byteCount: byteCount)
        if allNamespaces { try socket.setOption(NETLINK_LISTEN_ALL_NSID, "NETLINK_LISTEN_ALL_NSID", 1) }
        let groups = Set(groups)
        // Names have to be heard for what refers to links by number, and forgotten with their namespace.
        for group in groups.union([.link, .namespaceId]) {
            try socket.setOption(NETLINK_ADD_MEMBERSHIP, "NETLINK_ADD_MEMBERSHIP", CInt(group.number))
        }
        self.socket = socket
        self.groups = groups
        heard = Mutex(HeardNames())
    }

    /// The descriptor to wait on.
    public var fd: CInt { socket.descriptor.raw }

    /// Tells the monitor what links are called that were there before it listened: a list made after it was opened.
    public func learn(_ links: [Link], of namespaceId: Int32?) {
        heard.withLock { $0.learn(links, of: namespaceId) }
    }

    /// Reads once, without waiting. The events may be none: notices were read that nobody asked for.
    public func receive() throws(NetlinkError) -> Received {
        do {
            let datagram = try socket.receive()
            let notifications = heard.withLock {
                $0.notifications(in: NetlinkReply.messages(in: datagram.bytes), of: datagram.namespaceId)
            }
            let wanted = notifications.filter { !groups.isDisjoint(with: $0.groups) }
            return .events(wanted.map { Event(namespaceId: datagram.namespaceId, notification: $0) })
        } catch  where error.errno == .wouldBlock {
            return .nothing
        } catch  where error.errno == .noBufferSpace {
            return .overflow
        }
    }
}

extension Notification {
    /// The groups it can have come by.
    fileprivate var groups: Set<MonitorSocket.Group> {
        switch self {
        case .link, .bridgePort: [.link]
        case .address(_, let address): address.info.family == .inet ? [.ipv4Address] : [.ipv6Address]
        case .route(_, let route): route.family == .inet ? [.ipv4Route] : [.ipv6Route]
        case .neighbour, .forwardingEntry: [.neighbour]
        case .rule(_, let rule): rule.family == .inet ? [.ipv4Rule] : [.ipv6Rule]
        case .nexthop: [.nexthop]
        case .netconf(_, let netconf): netconf.family == .inet ? [.ipv4Netconf] : [.ipv6Netconf]
        case .namespaceId: [.namespaceId]
        }
    }
}
