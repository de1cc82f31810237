// What changes in people's namespaces, as the kernel tells it, to those who asked to hear.
//
// One socket on the host hears of every namespace that has an id there, and all the agent's have one. It is open only
// while somebody listens. Who hears what is decided here: a change goes to the namespace's owner, and to root.

import Descriptors
import IPRoute
import Linux
import Logging
import Netlink
import Wire

@EventLoop
final class Events {
    unowned var agent: Agent!
    private var subscribers: [ObjectIdentifier: Subscriber] = [:]
    private var source: Source?

    private struct Subscriber {
        let connection: Connection
        let owner: Owner
        /// Names asked for; nil: all.
        let names: Set<NamespaceSelector>?
        let subjects: Set<EventSubject>
    }

    private final class Source {
        let monitor: MonitorSocket
        var watch: Watch?

        init() throws {
            monitor = try MonitorSocket(
                groups: MonitorSocket.Group.allCases, allNamespaces: true)
        }
    }

    /// `names`: of these namespaces; nil is of all.
    func subscribe(_ connection: Connection, to names: [NamespaceSelector]?, _ subjects: [EventSubject]?) throws {
        if source == nil {
            let source = try Source()
            source.watch = try Watch(source.monitor.fd, .readable) { [weak self] _ in self?.read() }
            self.source = source
        }
        subscribers[ObjectIdentifier(connection)] = Subscriber(
            connection: connection, owner: connection.caller.owner, names: names.map(Set.init),
            subjects: subjects.map(Set.init) ?? EventSubject.usual)
    }

    /// Names of links that were there before somebody listened: the kernel's notices have numbers only.
    func learn(_ links: [Link], of namespace: Namespace) {
        source?.monitor.learn(links, of: namespace.id)
    }

    func unsubscribe(_ connection: Connection) {
        subscribers[ObjectIdentifier(connection)] = nil
        guard subscribers.isEmpty else { return }
        source?.watch?.cancel()
        source = nil
    }

    /// A change in a namespace, or of it.
    func publish(_ change: Change, of namespace: Namespace) {
        for subscriber in subscribers.values {
            guard subscriber.owner == namespace.owner || subscriber.connection.caller.isRoot,
                subscriber.subjects.contains(change.subject)
            else { continue }
            let selector = namespace.selector(for: subscriber.owner)
            guard subscriber.names?.contains(selector) ?? true else { continue }
            send(change.event(selector), to: subscriber)
        }
    }

    private func send(_ event: Event, to subscriber: Subscriber) {
        guard let answer = try? Answer(Event.name, event) else { return }
        if subscriber.connection.notify(answer) { return }
        // It does not read: a last word, and no more. The connection is cut when it is asked to hold even more.
        agent.log.notice("a subscriber does not read and is cut off", metadata: ["uid": "\(subscriber.owner.uid)"])
        unsubscribe(subscriber.connection)
        if let mark = try? Answer(Event.name, Event(.overflow)) { subscriber.connection.finish(with: mark) }
    }

    private func read() {
        // A bounded bite: others want the loop too.
        for _ in 0..<32 {
            guard let source else { return }
            do {
                switch try source.monitor.receive() {
                case .nothing: return
                case .overflow:
                    for subscriber in subscribers.values { send(Event(.overflow), to: subscriber) }
                case .events(let events):
                    for event in events {
                        guard let id = event.namespaceId, let namespace = agent.registry.namespace(withId: id),
                            namespace.state != .creating  // nobody has been told of it yet
                        else { continue }
                        publish(Change(event.notification), of: namespace)
                    }
                }
            } catch {
                agent.log.error("changes cannot be read", metadata: ["error": "\(error)"])
                return
            }
        }
    }
}

/// A change, before it is known who hears of it and how they name the namespace.
struct Change: Sendable {
    let action: Event.Action
    let subject: EventSubject
    var link: Link?
    var address: AddressOnLink?
    var route: Route?
    var neighbour: Neighbour?
    var rule: Rule?
    var nexthop: Nexthop?
    var netconf: Netconf?
    var nsid: Int32?
    var port: Link?
    var fdb: ForwardingEntry?

    init(_ action: Event.Action, _ subject: EventSubject) {
        self.action = action
        self.subject = subject
    }

    func event(_ netns: NamespaceSelector) -> Event {
        Event(
            action, subject, netns: netns, link: link, address: address, route: route, neighbour: neighbour, rule: rule,
            nexthop: nexthop, netconf: netconf, nsid: nsid, port: port, fdb: fdb)
    }
}

extension Change {
    init(_ notification: Netlink.Notification) {
        switch notification {
        case .link(let change, let link):
            self.init(Event.Action(change), .link)
            self.link = link
        case .address(let change, let address):
            self.init(Event.Action(change), .address)
            self.address = address
        case .route(let change, let route):
            self.init(Event.Action(change), .route)
            self.route = route
        case .neighbour(let change, let neighbour):
            self.init(Event.Action(change), .neighbour)
            self.neighbour = neighbour
        case .rule(let change, let rule):
            self.init(Event.Action(change), .rule)
            self.rule = rule
        case .nexthop(let change, let nexthop):
            self.init(Event.Action(change), .nexthop)
            self.nexthop = nexthop
        case .netconf(let change, let netconf):
            self.init(Event.Action(change), .netconf)
            self.netconf = netconf
        case .namespaceId(let change, let id):
            self.init(Event.Action(change), .nsid)
            self.nsid = id
        case .bridgePort(let change, let link):
            self.init(Event.Action(change), .port)
            port = link
        case .forwardingEntry(let change, let entry):
            self.init(Event.Action(change), .fdb)
            fdb = entry
        }
    }
}

extension Event.Action {
    fileprivate init(_ change: Netlink.Notification.Change) { self = change == .new ? .added : .deleted }
}
