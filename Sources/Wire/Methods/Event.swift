// event.subscribe: what changes in the caller's namespaces, as it happens.

public import IPRoute

public enum EventSubscribe: Method {
    public static let name = "event.subscribe"

    public struct Params: Parameters {
        /// These namespaces; without it, all of the caller's, now and later.
        public let netns: [NamespaceSelector]?
        /// These subjects; without it, all.
        public let subjects: [EventSubject]?

        public init(netns: [NamespaceSelector]? = nil, subjects: [EventSubject]? = nil) {
            self.netns = netns
            self.subjects = subjects
        }
    }

    public typealias Result = Nothing
}

public enum EventSubject: String, Codable, Sendable, CaseIterable {
    case netns, link, address, route, neighbour, rule
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

    public init(
        _ action: Action, _ subject: EventSubject? = nil, netns: NamespaceSelector? = nil, link: Link? = nil,
        address: AddressOnLink? = nil, route: Route? = nil, neighbour: Neighbour? = nil, rule: Rule? = nil
    ) {
        self.action = action
        self.subject = subject
        self.netns = netns
        self.link = link
        self.address = address
        self.route = route
        self.neighbour = neighbour
        self.rule = rule
    }
}
