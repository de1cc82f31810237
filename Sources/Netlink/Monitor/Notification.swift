// What a change is about. Each kind of message is decoded by the file that lists the same thing.

import Glibc
public import IPRoute

/// A change the kernel told of. Links that it refers to are numbers in the notice: a name that the monitor has not heard
/// of is left out, or `if7` where there has to be one.
public enum Notification: Hashable, Sendable {
    case link(Change, Link)
    case address(Change, AddressOnLink)
    case route(Change, Route)
    case neighbour(Change, Neighbour)
    case rule(Change, Rule)
    /// This namespace got an id for another; or gave it up, at the latest when the other one ended.
    case namespaceId(Change, Int32)

    public enum Change: Hashable, Sendable {
        /// Made, or changed: the kernel has one message for both.
        case new
        case deleted
    }

    /// nil for messages that say nothing we know.
    init?(_ reply: NetlinkReply, _ names: LinkNames) {
        guard let notification = Self.decode(reply, names) else { return nil }
        self = notification
    }

    private static func decode(_ reply: NetlinkReply, _ names: LinkNames) -> Notification? {
        switch reply.type {
        case .newLink: RawLink.notice(reply).map { .link(.new, $0.link(names, statistics: false)) }
        case .deleteLink: RawLink.notice(reply).map { .link(.deleted, $0.link(names, statistics: false)) }
        case .newAddress: reply.address().map { .address(.new, AddressOnLink($0, names)) }
        case .deleteAddress: reply.address().map { .address(.deleted, AddressOnLink($0, names)) }
        case .newRoute: reply.route(deviceName: names.knownName).map { .route(.new, $0) }
        case .deleteRoute: reply.route(deviceName: names.knownName).map { .route(.deleted, $0) }
        case .newNeighbour: reply.neighbour(deviceName: names.knownName).map { .neighbour(.new, $0) }
        case .deleteNeighbour: reply.neighbour(deviceName: names.knownName).map { .neighbour(.deleted, $0) }
        case .newRule: reply.rule().map { .rule(.new, $0) }
        case .deleteRule: reply.rule().map { .rule(.deleted, $0) }
        case .newNamespaceId: NetlinkReply.namespaceId(reply).map { .namespaceId(.new, $0) }
        case .deleteNamespaceId: NetlinkReply.namespaceId(reply).map { .namespaceId(.deleted, $0) }
        default: nil
        }
    }
}

extension RawLink {
    /// A notice about a link. A bridge's word about one of its ports (AF_BRIDGE) is none: it is a fragment, and its
    /// RTM_DELLINK says that the port left the bridge.
    static func notice(_ reply: NetlinkReply) -> RawLink? {
        RawLink(reply).flatMap { $0.family == UInt8(AF_BRIDGE) ? nil : $0 }
    }
}

extension AddressOnLink {
    fileprivate init(_ address: (index: Int32, info: AddressInfo), _ names: LinkNames) {
        self.init(ifindex: address.index, dev: names.knownName(address.index), info: address.info)
    }
}
