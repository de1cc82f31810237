// netns.chown: root gives a namespace another owner.

import Wire

extension NetnsChown: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> NamespaceInfo {
        guard call.caller.isRoot else {
            throw WireError(.permissionDenied, "only root may give a network namespace another owner")
        }
        let namespace = try call.namespace(params.name)
        let owner = try await call.agent.owner(named: params.user)
        return try await call.agent.handOver(namespace, to: owner).info(for: call.owner)
    }
}
