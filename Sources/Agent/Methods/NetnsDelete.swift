// netns.delete: a namespace goes, with all that is in it.

import Wire

extension NetnsDelete: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        try await call.agent.deleteNamespace(
            try call.namespace(params.name),
            programs: params.kill == true ? .end : params.leaveRunning == true ? .leave : .refuse)
        return Nothing()
    }
}
