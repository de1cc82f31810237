// netns.add: a new network namespace.

import Wire

extension NetnsAdd: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> NamespaceInfo {
        let owner = try await call.ownerToBe(of: params.name)
        let namespace = try await call.agent.addNamespace(
            params.name.name, of: owner, grants: call.grants, loopbackUp: params.loopbackDown != true,
            delegatedTo: params.delegate == true ? try await call.delegate(for: owner) : nil)
        return namespace.info(for: call.owner)
    }
}

extension Namespace {
    func info(for caller: Owner, nsid: Int32? = nil, setAside: Bool? = nil) -> NamespaceInfo {
        NamespaceInfo(
            name: selector(for: caller), id: id, uid: owner.uid, user: owner.user,
            state: state == .deleted ? .deleted : .live, delegated: isDelegated, nsid: nsid, setAside: setAside)
    }
}
