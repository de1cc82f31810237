// event.subscribe: from now on, what changes in the caller's namespaces comes as notifications on this connection.

import Linux
import Netlink
import Wire

extension EventSubscribe: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        for selector in params.netns ?? [] { _ = try call.namespace(selector) }
        try call.agent.events.subscribe(call.connection, params)
        let namespaces = try call.namespaces(params.netns)
        let places = namespaces.map { call.agent.kernelPlace(of: $0) }
        let links = try await call.agent.workers.run(for: call.owner.uid) {
            try places.map { place in try unlessGone { try place.withNetlink { try $0.links() } } ?? [] }
        }
        for (namespace, links) in zip(namespaces, links) { call.agent.events.learn(links, of: namespace) }
        return Nothing()
    }
}
