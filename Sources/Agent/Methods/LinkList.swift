// link.list: links of one's namespaces, and where the other ends of veth pairs are.

import IPRoute
import Linux
import Netlink
import Wire

extension LinkList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [InNamespace<ListedLink>] {
        let filter = params.filter
        let registry = call.agent.registry
        let own = (call.caller.isRoot ? registry.all : registry.namespaces(of: call.owner)).filter { $0.state == .live }
        let neighbours = Dictionary(
            uniqueKeysWithValues: own.map { ($0.id, ($0.selector(for: call.owner), call.agent.kernelPlace(of: $0))) })
        let places = try await call.targets(params).map {
            ($0.namespaceId, call.selector(of: $0), call.agent.kernelPlace(of: $0))
        }
        return try await call.agent.workers.run(for: call.owner.uid) {
            let links = try places.flatMap { id, selector, place in
                try place.list(isOneOfAll: params.isOfAll) { try $0.links(matching: filter) }
                    .map { LocatedLink(namespaceId: id, netns: selector, link: $0) }
            }
            var peers = PeerNames(links, neighbours)
            return try links.map {
                InNamespace(
                    $0.netns, ListedLink($0.link, peer: try peers.peer(of: $0), linkNetns: try peers.namespace(of: $0)))
            }
        }
    }
}

private struct LocatedLink {
    let namespaceId: Int32?
    let netns: NamespaceSelector?
    let link: Link
}

/// Finds other ends. A link names its peer by number, and the peer's namespace by an id that only its own namespace
/// knows; the host's socket translates that id into the agent's, without going in.
private struct PeerNames {
    private let neighbours: [Int32: (selector: NamespaceSelector, place: KernelPlace)]
    private var names: [Place: String]
    private var ids: [Int32: [Int32: Int32]] = [:]

    private struct Place: Hashable {
        let namespaceId: Int32?
        let index: Int32
    }

    /// - Parameter neighbours: the namespaces a peer may be named in, the caller's own.
    init(
        _ links: [LocatedLink], _ neighbours: [Int32: (selector: NamespaceSelector, place: KernelPlace)]
    ) {
        self.neighbours = neighbours
        names = Dictionary(
            links.map { (Place(namespaceId: $0.namespaceId, index: $0.link.ifindex), $0.link.ifname) },
            uniquingKeysWith: { first, _ in first })
    }

    /// `gateway/svrgw-veth`; nil where there is none or it is nobody's business of the caller.
    mutating func peer(of located: LocatedLink) throws -> String? {
        let link = located.link
        guard link.linkinfo?.kind == LinkKind.veth.rawValue else { return nil }
        if let name = link.link, link.linkNetnsid == nil { return located.netns.map { "\($0)/\(name)" } }
        guard let index = link.linkIndex, let neighbourId = try neighbourId(of: located),
            let neighbour = neighbours[neighbourId]
        else { return nil }
        let place = Place(namespaceId: neighbourId, index: index)
        if names[place] == nil {
            names[place] = try unlessGone { try neighbour.place.withNetlink { try $0.link(at: index)?.ifname } } ?? nil
        }
        return names[place].map { "\(neighbour.selector)/\($0)" }
    }

    /// The caller's namespace that `link_netnsid` stands for.
    mutating func namespace(of located: LocatedLink) throws -> NamespaceSelector? {
        try neighbourId(of: located).flatMap { neighbours[$0]?.selector }
    }

    /// The agent's id for the namespace that the link refers to.
    private mutating func neighbourId(of located: LocatedLink) throws -> Int32? {
        guard let localId = located.link.linkNetnsid, localId >= 0 else { return nil }
        guard let namespaceId = located.namespaceId else { return localId }
        return try ids(givenBy: namespaceId)[localId]
    }

    private mutating func ids(givenBy namespaceId: Int32) throws -> [Int32: Int32] {
        if let known = ids[namespaceId] { return known }
        let found = try NetlinkSocket().namespaceIds(givenBy: namespaceId)
        ids[namespaceId] = found
        return found
    }
}
