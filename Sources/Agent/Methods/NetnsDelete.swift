// netns.delete: a namespace goes, with all that is in it.

import Wire

extension NetnsDelete: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        try await call.agent.deleteNamespace(try call.namespace(params.name), kill: params.kill == true)
        return Nothing()
    }
}
