// netns.list: one's namespaces; for root also everybody's.

import Linux
import Netlink
import Wire

extension NetnsList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [NamespaceInfo] {
        if params.allUsers == true && !call.caller.isRoot {
            throw WireError(.permissionDenied, "only root may list the namespaces of all users")
        }
        guard params.setAside != true || params.allUsers == true else {
            throw WireError(.invalidParams, "params.setAside: needs allUsers")
        }
        let registry = call.agent.registry
        var ids: [Int32: Int32] = [:]
        if let place = params.place { ids = try await call.ids(givenAt: place) }
        let namespaces = params.allUsers == true ? registry.all : registry.namespaces(of: call.owner)
        let former = params.allUsers == true ? try await call.agent.formerOwners() : []
        return namespaces.filter { $0.state != .creating && (params.setAside != true || former.contains($0.owner)) }
            .map { namespace in
                namespace.info(
                    for: call.owner, nsid: ids[namespace.id], setAside: former.contains(namespace.owner) ? true : nil)
            }
    }
}

extension Agent {
    /// Owners who are nobody by the account database: their account is gone, or another has its name or uid.
    fileprivate func formerOwners() async throws -> Set<Owner> {
        let owners = registry.owners
        return try await accounts.run(for: 0) { Set(owners.filter { account(uid: $0.uid)?.name != $0.user }) }
    }
}

extension Call {
    /// What the namespace at a place calls the others: by the agent's id, its own.
    fileprivate func ids(givenAt place: Place) async throws -> [Int32: Int32] {
        guard let target = try existingTarget(place) else { return [:] }
        return try await agent.kernel(target, for: owner) { [namespaceId = target.namespaceId] _ in
            let host = try NetlinkSocket()
            // The host's ids are the agent's.
            guard let namespaceId else {
                return Dictionary(uniqueKeysWithValues: try host.namespaceIds().map { ($0, $0) })
            }
            return Dictionary(try host.namespaceIds(givenBy: namespaceId).map { ($1, $0) }) { first, _ in first }
        }
    }
}
