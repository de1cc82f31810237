// netns.list: one's namespaces; for root also everybody's.

import Wire

extension NetnsList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [NamespaceInfo] {
        if params.allUsers == true && !call.caller.isRoot {
            throw WireError(.permissionDenied, "only root may list the namespaces of all users")
        }
        let registry = call.agent.registry
        let namespaces = params.allUsers == true ? registry.all : registry.namespaces(of: call.owner)
        return namespaces.filter { $0.state != .creating }.map { $0.info(for: call.owner) }
    }
}
