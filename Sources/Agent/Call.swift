// One request on its way through a handler: who asks, what they may do, the descriptors that came with the line.

import Descriptors
import Glibc
import IPRoute
import Linux
import Netlink
import SystemPackage
import Wire

/// Where a request acts.
enum Target: Sendable {
    case host
    case namespace(Namespace)

    /// The agent's id for it; nil: the host, whose ids are the agent's.
    var namespaceId: Int32? { if case .namespace(let namespace) = self { namespace.id } else { nil } }
}

@EventLoop
final class Call {
    let agent: Agent
    let caller: Caller
    let grants: Grants
    /// What came with the line.
    let descriptors: [SharedDescriptor]
    /// Where notifications go.
    let connection: Connection
    /// What goes back with the reply.
    var replyDescriptors: [SharedDescriptor] = []
    /// The pins of the namespaces it turned out to be about, in the order of their first mention.
    private(set) var touched: [String] = []

    var owner: Owner { caller.owner }

    init(
        _ agent: Agent, _ caller: Caller, _ grants: Grants, _ descriptors: [SharedDescriptor], _ connection: Connection
    ) {
        self.agent = agent
        self.caller = caller
        self.grants = grants
        self.descriptors = descriptors
        self.connection = connection
    }

    // MARK: Namespaces. A foreign name is answered exactly as a missing one, and nothing of others' is looked at.

    func namespace(_ selector: NamespaceSelector) throws -> Namespace {
        guard
            let namespace = try isOwn(selector)
                ? agent.registry.namespace(of: owner, named: selector.name) : others(selector)
        else { throw WireError.noNamespace(selector) }
        return touch(namespace)
    }

    private func touch(_ namespace: Namespace) -> Namespace {
        if !touched.contains(namespace.pinName) { touched.append(namespace.pinName) }
        return namespace
    }

    private func isOwn(_ selector: NamespaceSelector) -> Bool {
        selector.owner.map { $0 == owner.text || $0 == String(owner.uid) } ?? true
    }

    /// Another's, for root: by the name of its pin, or with a uid in digits.
    private func others(_ selector: NamespaceSelector) throws -> Namespace? {
        guard caller.isRoot else { return nil }
        if let namespace = agent.registry.namespace(pinnedAs: selector.description) { return namespace }
        guard let uid = selector.owner.flatMap({ uid_t($0) }) else { return nil }
        let found = agent.registry.namespaces(ofUid: uid, named: selector.name)
        guard found.count > 1 else { return found.first }
        let names = found.map(\.pinName).sorted().joined(separator: " and ")
        throw WireError(.invalidParams, "\"\(selector)\" may be \(names); name the one that is meant")
    }

    /// Whose a namespace that is to be made will be: one's own; root may make one for an account.
    func ownerToBe(of selector: NamespaceSelector) async throws -> Owner {
        guard let text = selector.owner, !isOwn(selector) else { return owner }
        guard caller.isRoot else { throw WireError.noNamespace(selector) }
        return try await agent.owner(named: text)
    }

    /// Where a request acts; makes the caller's `default` on first need.
    func target(_ place: Place) async throws -> Target {
        if let known = try existingTarget(place) { return known }
        return .namespace(touch(try await standardNamespace()))
    }

    /// The same, but nil where it would be the caller's `default` and there is none yet.
    func existingTarget(_ place: Place) throws -> Target? {
        if let selector = place.netns { return .namespace(try namespace(selector)) }
        if let index = place.netnsFileDescriptor {
            let identity = try NamespaceIdentity(ofNetworkNamespace: descriptors[index.value])
            if let namespace = agent.registry.namespace(identity), namespace.owner == owner || caller.isRoot {
                return .namespace(touch(namespace))
            }
            guard identity == agent.hostIdentity else {
                throw WireError(.notFound, "you stand in a network namespace that is not one of yours; name one")
            }
        }
        if caller.isRoot { return .host }
        guard let standard = agent.registry.namespace(of: owner, named: .standard), standard.state == .live else {
            return nil
        }
        return .namespace(touch(standard))
    }

    /// The caller's `default`. Where another request is making or deleting it, that is waited for: what the workers
    /// are asked for a user comes after what they were asked before.
    private func standardNamespace() async throws -> Namespace {
        while let standard = agent.registry.namespace(of: owner, named: .standard) {
            if standard.state == .live { return standard }
            try await agent.workers.run(for: owner.uid) {}
        }
        return try await agent.addNamespace(.standard, of: owner, grants: grants)
    }

    /// The namespaces a list is of: those named, or all the caller has.
    func namespaces(_ selectors: [NamespaceSelector]?) throws -> [Namespace] {
        try selectors?.map(namespace) ?? agent.registry.namespaces(of: owner).filter { $0.state == .live }
    }

    /// What a list is of: the namespaces named, the one a descriptor says, or all the caller has.
    func targets<Filter>(_ list: ForList<Filter>) async throws -> [Target] {
        guard let index = list.netnsFileDescriptor else { return try namespaces(list.netns).map { .namespace($0) } }
        return [try await target(Place(netnsFileDescriptor: index))]
    }

    /// How the caller names a target; nil: the host.
    func selector(of target: Target) -> NamespaceSelector? {
        switch target {
        case .host: nil
        case .namespace(let namespace): namespace.selector(for: owner)
        }
    }

    func requireKind(_ kind: LinkKind) throws(WireError) {
        guard !grants.kinds.value.contains(kind) else { return }
        var details = WireError.Details()
        details.rule = grants.kinds.rule
        throw WireError(
            .permissionDenied, "the policy does not give you links of kind \(kind.rawValue) (\(grants.kinds.rule))",
            details)
    }

    // MARK: Kernel work

    /// Runs `work` on a worker thread, in the turn of the namespace's owner, with an rtnetlink socket of the target.
    func kernel<Result: Sendable>(
        _ target: Target, _ work: @escaping @Sendable (borrowing NetlinkSocket) throws -> Result
    ) async throws -> Result {
        try await agent.kernel(target, for: owner) { place in try place.withNetlink(work) }
    }

    /// The same of all that a list is of, one after the other; those that are gone by then are left out, and among all
    /// the caller has so are those that do not have the link that is asked for.
    func kernelList<Filter, Result: Sendable>(
        _ list: ForList<Filter>, _ work: @escaping @Sendable (borrowing NetlinkSocket) throws -> [Result]
    ) async throws -> [InNamespace<Result>] {
        let places = try await targets(list).map { (selector(of: $0), agent.kernelPlace(of: $0)) }
        return try await agent.workers.run(for: owner.uid) {
            try places.flatMap { selector, place in
                try place.list(isOneOfAll: list.isOfAll, work).map { InNamespace(selector, $0) }
            }
        }
    }

    /// Takes room for what is to be made in `target`, lets `make` run and counts what was made. On the host only root
    /// acts, and nothing is counted there.
    func making<Result: Sendable>(
        _ more: Usage, in target: Target, _ make: () async throws -> Result
    ) async throws -> Result {
        try await making([(more, target)], make)
    }

    /// The same in several places: there is room for all of it, or it is refused.
    func making<Result: Sendable>(
        _ parts: [(more: Usage, target: Target)], _ make: () async throws -> Result
    ) async throws -> Result {
        let counted = parts.compactMap { part in
            if case .namespace(let namespace) = part.target { (more: part.more, namespace: namespace) } else { nil }
        }
        var rooms: [Reservation] = []
        defer { for room in rooms { room.release() } }
        for (owner, parts) in Dictionary(grouping: counted, by: \.namespace.owner) {
            let sum = parts.reduce(Usage()) { $0 + $1.more }
            rooms.append(try await agent.reserve(sum.amounts, for: grants, of: owner))
        }
        let result = try await make()
        for part in counted { agent.registry.count(part.more, in: part.namespace) }
        return result
    }
}

extension Agent {
    /// Whom root means: an account by its name or uid, or a uid without one that has something here.
    func owner(named text: String) async throws -> Owner {
        if let found = try await accounts.run(for: 0, { account(meantBy: text) }) {
            return Owner(uid: found.uid, user: found.name)
        }
        guard let uid = uid_t(text), registry.knows(Owner(uid: uid, user: nil)) else {
            throw WireError(.notFound, "there is no account \"\(text)\"")
        }
        return Owner(uid: uid, user: nil)
    }

    /// Runs `work` for a target; where a namespace turns out to be gone, the target's or another that `work` opens,
    /// that is found out here once for all.
    func kernel<Result: Sendable>(
        _ target: Target, for owner: Owner, _ work: @escaping @Sendable (KernelPlace) throws -> Result
    ) async throws -> Result {
        let place = kernelPlace(of: target)
        let user = if case .namespace(let namespace) = target { namespace.owner.uid } else { owner.uid }
        do {
            return try await workers.run(for: user) { try work(place) }
        } catch let gone as NamespaceGone {
            guard let namespace = registry.namespace(gone.identity), Self.pinPath(namespace.pinName) == gone.path
            else { throw gone }
            lost(namespace)
            throw WireError.noNamespace(namespace.selector(for: owner))
        }
    }
}

extension Usage {
    var amounts: [Resource: Int] { [.links: links, .addresses: addresses, .routes: routes] }
}

extension WireError {
    static func noNamespace(_ selector: NamespaceSelector) -> WireError {
        WireError(.notFound, "there is no network namespace \"\(selector)\"")
    }
}

extension NamespaceIdentity {
    /// Of a descriptor from outside, once it is sure to be a network namespace's.
    fileprivate init(ofNetworkNamespace descriptor: SharedDescriptor) throws {
        do {
            self = try checkedIdentity(ofNetworkNamespace: descriptor)
        } catch {
            throw WireError(.invalidParams, "netnsFileDescriptor is not a descriptor of a network namespace")
        }
    }
}
