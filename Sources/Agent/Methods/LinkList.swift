// link.list: links of one's namespaces, and where the other ends of veth pairs are.

import IPRoute
import Linux
import Netlink
import Wire

extension LinkList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [InNamespace<ListedLink>] {
        let filter = params.filter
        let places = try await call.targets(params).map {
            ($0.namespaceId, call.selector(of: $0), call.agent.kernelPlace(of: $0))
        }
        let links = try await call.agent.workers.run(for: call.owner.uid) {
            var ids = NeighbourIds()
            return try places.flatMap { id, selector, place in
                try place.list(isOneOfAll: params.isOfAll) { try $0.links(matching: filter) }.map { link in
                    LocatedLink(
                        place: LinkPlace(namespaceId: id, index: link.ifindex), netns: selector, link: link,
                        neighbourId: try ids.neighbour(of: link, in: id))
                }
            }
        }
        let neighbours = call.neighbours(of: links)
        let names = try await call.names(ofPeersOf: links, in: neighbours)
        return links.map { located in
            let neighbour = located.neighbourId.flatMap { neighbours[$0] }
            return InNamespace(
                located.netns,
                ListedLink(located.link, peer: located.peer(neighbour?.selector, names), linkNetns: neighbour?.selector)
            )
        }
    }
}

/// A link for good: its number, and the agent's id for its namespace; nil is the host.
private struct LinkPlace: Hashable, Sendable {
    let namespaceId: Int32?
    let index: Int32
}

private struct LocatedLink: Sendable {
    let place: LinkPlace
    let netns: NamespaceSelector?
    let link: Link
    /// The agent's id for the namespace that `link_netnsid` stands for.
    let neighbourId: Int32?

    /// Where the other end of a veth pair is that is in another namespace.
    var farPeer: LinkPlace? {
        guard isVeth, let index = link.linkIndex, let neighbourId else { return nil }
        return LinkPlace(namespaceId: neighbourId, index: index)
    }

    private var isVeth: Bool { link.linkinfo?.kind == LinkKind.veth.rawValue }

    /// `gateway/svrgw-veth`; nil where there is none or it is nobody's business of the caller.
    func peer(_ neighbour: NamespaceSelector?, _ names: [LinkPlace: String]) -> String? {
        if isVeth, let name = link.link, link.linkNetnsid == nil { return netns.map { "\($0)/\(name)" } }
        guard let neighbour, let name = farPeer.flatMap({ names[$0] }) else { return nil }
        return "\(neighbour)/\(name)"
    }
}

/// What links' `link_netnsid` stand for. A namespace's ids for others only it knows; the host's socket translates them
/// into the agent's, without going in.
private struct NeighbourIds {
    private var known: [Int32: [Int32: Int32]] = [:]

    mutating func neighbour(of link: Link, in namespaceId: Int32?) throws -> Int32? {
        guard let localId = link.linkNetnsid, localId >= 0 else { return nil }
        guard let namespaceId else { return localId }
        if known[namespaceId] == nil { known[namespaceId] = try NetlinkSocket().namespaceIds(givenBy: namespaceId) }
        return known[namespaceId]?[localId]
    }
}

extension Call {
    fileprivate typealias Neighbours = [Int32: (selector: NamespaceSelector, place: KernelPlace)]

    /// The namespaces that links refer to and that may be named to the caller.
    fileprivate func neighbours(of links: [LocatedLink]) -> Neighbours {
        var neighbours: Neighbours = [:]
        for id in Set(links.compactMap(\.neighbourId)) {
            guard let namespace = agent.registry.namespace(withId: id), namespace.state == .live,
                namespace.owner == owner || caller.isRoot
            else { continue }
            neighbours[id] = (namespace.selector(for: owner), agent.kernelPlace(of: namespace))
        }
        return neighbours
    }

    /// What the links are called, and the other ends of veth pairs: of those that are not listed the kernel is asked.
    fileprivate func names(ofPeersOf links: [LocatedLink], in neighbours: Neighbours) async throws -> [LinkPlace:
        String]
    {
        let listed = Dictionary(links.map { ($0.place, $0.link.ifname) }, uniquingKeysWith: { first, _ in first })
        let unlisted = Set(links.compactMap(\.farPeer)).filter { listed[$0] == nil }.compactMap { peer in
            peer.namespaceId.flatMap { neighbours[$0] }.map { (peer, $0.place) }
        }
        if unlisted.isEmpty { return listed }
        return try await agent.workers.run(for: owner.uid) {
            try unlisted.reduce(into: listed) { names, wanted in
                let (peer, place) = wanted
                names[peer] = try unlessGone { try place.withNetlink { try $0.link(at: peer.index)?.ifname } } ?? nil
            }
        }
    }
}
