// netns.get: one namespace, and what runs in it.

import Linux
import Wire

extension NetnsGet: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Result {
        let namespace = try call.namespace(params.name)
        guard let identity = namespace.identity else { throw WireError.noNamespace(params.name) }
        let pids = try await call.agent.workers.run(for: call.owner.uid) { try processes(in: identity) }
        return Result(
            name: namespace.selector(for: call.owner), id: namespace.id, uid: namespace.owner.uid,
            user: namespace.owner.user, inode: identity.inode, pids: pids)
    }
}
