// A socket on which the kernel tells of changes (rtnetlink(7)'s multicast groups), for an event loop.

import CMnl
import Descriptors
import SystemPackage

/// Hears of changes in the network namespace its opener's thread was in, and with `allNamespaces` in every namespace
/// this one has an id for (NETLINK_LISTEN_ALL_NSID, Linux 4.2; the listener needs CAP_NET_BROADCAST).
public struct MonitorSocket: ~Copyable, Sendable {
    private let socket: RawSocket

    /// Bytes waiting for a loop that is busy; a link's notice is about 1.5 kB, and twice that in kernel memory.
    private static let receiveBufferByteCount: CInt = 4 << 20

    /// What to hear of (`enum rtnetlink_groups`, linux/rtnetlink.h).
    public enum Group: Hashable, Sendable, CaseIterable {
        case link, ipv4Address, ipv6Address, ipv4Route, ipv6Route, neighbour, ipv4Rule, ipv6Rule, namespaceId

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
        /// Changes in their order; those of kinds that are not decoded here are left out.
        case events([Event])
        /// The kernel had to drop notices (ENOBUFS): what was known from them has to be asked for anew.
        case overflow
        /// Nothing is waiting.
        case nothing
    }

    public init(groups: some Sequence<Group>, allNamespaces: Bool = false) throws(NetlinkError) {
        let socket = try RawSocket(nonBlocking: true)
        try socket.setReceiveBuffer(byteCount: Self.receiveBufferByteCount)
        if allNamespaces { try socket.setOption(NETLINK_LISTEN_ALL_NSID, "NETLINK_LISTEN_ALL_NSID", 1) }
        for group in Set(groups) {
            try socket.setOption(NETLINK_ADD_MEMBERSHIP, "NETLINK_ADD_MEMBERSHIP", CInt(group.number))
        }
        self.socket = socket
    }

    /// The descriptor to wait on.
    public var fd: CInt { socket.descriptor.raw }

    /// Reads once, without waiting.
    public func receive() throws(NetlinkError) -> Received {
        do {
            let datagram = try socket.receive()
            let notifications = NetlinkReply.messages(in: datagram.bytes).compactMap { Notification($0) }
            return .events(notifications.map { Event(namespaceId: datagram.namespaceId, notification: $0) })
        } catch  where error.errno == .wouldBlock {
            return .nothing
        } catch  where error.errno == .noBufferSpace {
            return .overflow
        }
    }
}
