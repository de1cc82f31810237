// event.subscribe: from now on, what changes in the caller's namespaces comes as notifications on this connection.

import Wire

extension EventSubscribe: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        for selector in params.netns ?? [] { _ = try call.namespace(selector) }
        try call.agent.events.subscribe(call.connection, params)
        return Nothing()
    }
}
