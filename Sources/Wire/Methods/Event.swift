// event.subscribe: what changes in the caller's namespaces, as it happens.

public import IPRoute

public enum EventSubscribe: Method {
    public static let name = "event.subscribe"

    public struct Params: Parameters {
        /// These namespaces; without it, all of the caller's, now and later.
        public let netns: [NamespaceSelector]?
        /// The one a descriptor says, as in `Place`; excludes `netns`.
        public let netnsFileDescriptor: DescriptorIndex?
        /// These subjects; without it, `EventSubject.usual`.
        public let subjects: [EventSubject]?

        private enum CodingKeys: CodingKey { case netns, netnsFileDescriptor, subjects }

        public init(netns: [NamespaceSelector]? = nil, subjects: [EventSubject]? = nil) {
            self.netns = netns
            netnsFileDescriptor = nil
            self.subjects = subjects
        }

        public init(netnsFileDescriptor: DescriptorIndex, subjects: [EventSubject]? = nil) {
            netns = nil
            self.netnsFileDescriptor = netnsFileDescriptor
            self.subjects = subjects
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            netns = try container.decodeIfPresent([NamespaceSelector].self, forKey: .netns)
            netnsFileDescriptor = try container.decodeIfPresent(DescriptorIndex.self, forKey: .netnsFileDescriptor)
            subjects = try container.decodeIfPresent([EventSubject].self, forKey: .subjects)
            if netns != nil && netnsFileDescriptor != nil {
                throw DecodingError.dataCorruptedError(
                    forKey: .netnsFileDescriptor, in: container, debugDescription: "excludes netns")
            }
        }

        public var descriptorIndices: [DescriptorIndex] { netnsFileDescriptor.map { [$0] } ?? [] }
    }

    public typealias Result = Nothing
}

public enum EventSubject: String, Codable, Sendable, CaseIterable {
    case netns, link, address, route, neighbour, rule
    /// What else the kernel tells, to those who name it.
    case nexthop, netconf, nsid, port, fdb

    /// Those that are told unasked.
    public static let usual: Set<EventSubject> = [.netns, .link, .address, .route, .neighbour, .rule]
}

/// Notification on a subscribed connection: one change, or a mark that some were missed.
public struct Event: Codable, Sendable {
    public static let name = "event"

    public enum Action: String, Codable, Sendable, CaseIterable { case added, deleted, overflow }

    /// `added` says also that something there has changed. `overflow`: changes were missed; list anew.
    public let action: Action
    /// What the change was to; absent on overflow.
    public let subject: EventSubject?
    public let netns: NamespaceSelector?
    /// The one of these that the subject says.
    public let link: Link?
    public let address: AddressOnLink?
    public let route: Route?
    public let neighbour: Neighbour?
    public let rule: Rule?
    public let nexthop: Nexthop?
    public let netconf: Netconf?
    /// The namespace's id for another.
    public let nsid: Int32?
    /// A bridge's port, as far as its bridge tells.
    public let port: Link?
    public let fdb: ForwardingEntry?

    public init(
        _ action: Action, _ subject: EventSubject? = nil, netns: NamespaceSelector? = nil, link: Link? = nil,
        address: AddressOnLink? = nil, route: Route? = nil, neighbour: Neighbour? = nil, rule: Rule? = nil,
        nexthop: Nexthop? = nil, netconf: Netconf? = nil, nsid: Int32? = nil, port: Link? = nil,
        fdb: ForwardingEntry? = nil
    ) {
        self.action = action
        self.subject = subject
        self.netns = netns
        self.link = link
        self.address = address
        self.route = route
        self.neighbour = neighbour
        self.rule = rule
        self.nexthop = nexthop
        self.netconf = netconf
        self.nsid = nsid
        self.port = port
        self.fdb = fdb
    }
}
