// What a change is about. Each kind of message is decoded by the file that lists the same thing.

public import IPRoute

/// A change the kernel told of. Links that it refers to are numbers in the notice: a name that the monitor has not heard
/// of is left out, or `if7` where there has to be one.
public enum Notification: Hashable, Sendable {
    case link(Change, Link)
    case address(Change, AddressOnLink)
    case route(Change, Route)
    case neighbour(Change, Neighbour)
    case rule(Change, Rule)
    case nexthop(Change, Nexthop)
    case netconf(Change, Netconf)
    /// A bridge's word about one of its ports: a fragment; `deleted` says that the port left the bridge.
    case bridgePort(Change, Link)
    /// A bridge's forwarding entry.
    case forwardingEntry(Change, ForwardingEntry)
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
        case .newLink: RawLink(reply).map { .init(.new, $0, names) }
        case .deleteLink: RawLink(reply).map { .init(.deleted, $0, names) }
        case .newAddress: reply.address().map { .address(.new, AddressOnLink($0, names)) }
        case .deleteAddress: reply.address().map { .address(.deleted, AddressOnLink($0, names)) }
        case .newRoute: reply.route(deviceName: names.knownName).map { .route(.new, $0) }
        case .deleteRoute: reply.route(deviceName: names.knownName).map { .route(.deleted, $0) }
        case .newNeighbour: decodeNeighbour(.new, reply, names)
        case .deleteNeighbour: decodeNeighbour(.deleted, reply, names)
        case .newRule: reply.rule().map { .rule(.new, $0) }
        case .deleteRule: reply.rule().map { .rule(.deleted, $0) }
        case .newNexthop: reply.nexthop(deviceName: names.knownName).map { .nexthop(.new, $0) }
        case .deleteNexthop: reply.nexthop(deviceName: names.knownName).map { .nexthop(.deleted, $0) }
        case .newNetconf: reply.netconf(deviceName: names.knownName).map { .netconf(.new, $0) }
        case .deleteNetconf: reply.netconf(deviceName: names.knownName).map { .netconf(.deleted, $0) }
        case .newNamespaceId: NetlinkReply.namespaceId(reply).map { .namespaceId(.new, $0) }
        case .deleteNamespaceId: NetlinkReply.namespaceId(reply).map { .namespaceId(.deleted, $0) }
        default: nil
        }
    }

    private init(_ change: Change, _ link: RawLink, _ names: LinkNames) {
        var shown = link.link(names, statistics: false)
        shown.event = link.event
        self = link.isOfBridge ? .bridgePort(change, shown) : .link(change, shown)
    }

    private static func decodeNeighbour(_ change: Change, _ reply: NetlinkReply, _ names: LinkNames) -> Notification? {
        if let entry = reply.forwardingEntry(deviceName: { names.name($0) }) { return .forwardingEntry(change, entry) }
        return reply.neighbour(deviceName: names.knownName).map { .neighbour(change, $0) }
    }
}

extension AddressOnLink {
    fileprivate init(_ address: (index: Int32, info: AddressInfo), _ names: LinkNames) {
        self.init(ifindex: address.index, dev: names.knownName(address.index), info: address.info)
    }
}
