// Neighbours made, removed and listed (ip-neighbour(8)).

import CMnl
public import IPRoute
import SystemPackage

extension NetlinkSocket {
    /// EEXIST where the link has it. A proxy that is there already is no error.
    public func addNeighbour(_ spec: NeighbourSpec) throws(NetlinkError) {
        try request(.addNeighbour(spec, on: index(of: spec.dev), [.create, .exclusive]))
    }

    /// Makes it, or gives the one that is there this address, state and kind.
    public func replaceNeighbour(_ spec: NeighbourSpec) throws(NetlinkError) {
        try request(.addNeighbour(spec, on: index(of: spec.dev), [.create, .replace]))
    }

    /// Gives the one that is there this address, state and kind. ENOENT where there is none.
    public func changeNeighbour(_ spec: NeighbourSpec) throws(NetlinkError) {
        try request(.addNeighbour(spec, on: index(of: spec.dev), [.replace]))
    }

    /// ENOENT where the link has none such.
    public func deleteNeighbour(_ spec: NeighbourSpec) throws(NetlinkError) {
        try request(.deleteNeighbour(spec, on: index(of: spec.dev)))
    }

    /// The neighbour that is asked for. ENOENT where there is none.
    public func neighbour(_ query: NeighbourQuery) throws(NetlinkError) -> Neighbour {
        let message = NetlinkMessage.getNeighbour(query, on: try index(of: query.dev))
        guard let found = try request(message).compactMap({ $0.neighbour { _ in query.dev.text } }).first else {
            throw NetlinkError(.badMessage, "\(MessageType.getNeighbour)", "\(query.dst)")
        }
        return found
    }

    /// The neighbours that `filter` lets through, or the proxies where it says so. Those without a state, and those
    /// that need no address (NOARP), are left out unless the filter's state is theirs.
    public func neighbours(_ filter: NeighbourFilter = NeighbourFilter()) throws(NetlinkError) -> [Neighbour] {
        try described(filter, states: NeighbourState.allCases.filter { $0 != .noarp }).map(\.neighbour)
    }

    /// Deletes the neighbours that `filter` lets through, or the proxies where it says so, and gives their number.
    /// Permanent ones, and those that need no address, stay unless the filter's state is theirs; so do failed ones,
    /// which the kernel itself collects.
    @discardableResult
    public func flushNeighbours(_ filter: NeighbourFilter) throws(NetlinkError) -> Int {
        let passing: [NeighbourState] = [.incomplete, .reachable, .stale, .delay, .probe]
        return try flush { () throws(NetlinkError) in
            try described(filter, states: passing).compactMap { reply, neighbour in
                reply.deletion(.deleteNeighbour, ndmsg(), subject: "\(neighbour.dst)")
            }
        }
    }

    /// `states` are those that pass where the filter names none. Of a proxy the state means nothing, nor, as with `ip`,
    /// of one that a program learned.
    private func described(
        _ filter: NeighbourFilter, states: [NeighbourState]
    ) throws(NetlinkError) -> [(reply: NetlinkReply, neighbour: Neighbour)] {
        var index: Int32?
        if let dev = filter.dev { index = try self.index(of: dev) }
        let proxies = filter.proxy == true
        var master: Int32? = filter.nomaster == true ? -1 : nil
        if let name = filter.master { master = try self.index(of: name) }
        let replies = try dump(
            .listNeighbours(family: filter.family, index: index, master: master, proxies: proxies))
        guard !replies.isEmpty else { return [] }
        let names = try deviceNames()
        let states = filter.state.map { [$0] } ?? states
        return replies.compactMap { reply in
            guard let neighbour = reply.neighbour(statistics: filter.statistics == true, deviceName: { names[$0] }),
                (filter.family ?? neighbour.dst.family) == neighbour.dst.family,
                (filter.dst ?? neighbour.dst) == neighbour.dst, filter.network?.contains(neighbour.dst) ?? true,
                filter.protocol == nil || filter.protocol == neighbour.protocol,
                (index ?? reply.header(ndmsg())?.ndm_ifindex) == reply.header(ndmsg())?.ndm_ifindex,
                proxies || neighbour.externLearn == true || neighbour.state.contains(where: states.contains)
            else { return nil }
            return (reply, neighbour)
        }
    }
}
