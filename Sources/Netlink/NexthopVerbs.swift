// Nexthop objects made, removed and listed (ip-nexthop(8)).

import CMnl
public import IPRoute
import SystemPackage

extension NetlinkSocket {
    /// EEXIST where there is one of that number.
    public func addNexthop(_ spec: NexthopSpec) throws(NetlinkError) {
        try request(.addNexthop(spec, [.create, .exclusive]) { name throws(NetlinkError) in try index(of: name) })
    }

    /// Makes it, in the place of the one of that number.
    public func replaceNexthop(_ spec: NexthopSpec) throws(NetlinkError) {
        try request(.addNexthop(spec, [.create, .replace]) { name throws(NetlinkError) in try index(of: name) })
    }

    /// Removes it, and with it the routes and groups that have no other. ENOENT where there is none.
    public func deleteNexthop(_ id: NexthopId) throws(NetlinkError) {
        try request(.deleteNexthop(id))
    }

    /// The nexthop objects that `filter` lets through, by number.
    public func nexthops(_ filter: NexthopFilter = NexthopFilter()) throws(NetlinkError) -> [Nexthop] {
        let replies: [NetlinkReply]
        if let id = filter.id {
            replies = try request(.getNexthop(id))
        } else {
            let index: Int32? = if let name = filter.dev { try self.index(of: name) } else { nil }
            let master: Int32? = if let name = filter.master { try self.index(of: name) } else { nil }
            replies = try dump(
                .listNexthops(family: filter.family, index: index, master: master, groups: filter.groups == true))
        }
        guard !replies.isEmpty else { return [] }
        let names = try deviceNames()
        return replies.compactMap { $0.nexthop { names[$0] } }.filter {
            (filter.protocol ?? $0.protocol) == $0.protocol
        }
    }

    /// Deletes those that `filter` lets through, and gives their number.
    @discardableResult
    public func flushNexthops(_ filter: NexthopFilter) throws(NetlinkError) -> Int {
        try flush { () throws(NetlinkError) in try nexthops(filter).map { .deleteNexthop($0.id) } }
    }
}
