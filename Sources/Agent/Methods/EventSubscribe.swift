// event.subscribe: from now on, what changes in the caller's namespaces comes as notifications on this connection.

import Linux
import Netlink
import Wire

extension EventSubscribe: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let named = try await named(params, call)
        try call.agent.events.subscribe(call.connection, to: named, params.subjects)
        let namespaces = try call.namespaces(named)
        let places = namespaces.map { call.agent.kernelPlace(of: $0) }
        let links = try await call.agent.workers.run(for: call.owner.uid) {
            try places.map { place in try unlessGone { try place.withNetlink { try $0.links() } } ?? [] }
        }
        for (namespace, links) in zip(namespaces, links) { call.agent.events.learn(links, of: namespace) }
        return Nothing()
    }

    /// The namespaces asked for by name or by a descriptor; nil: all, now and later.
    @EventLoop
    private static func named(_ params: Params, _ call: Call) async throws -> [NamespaceSelector]? {
        for selector in params.netns ?? [] { _ = try call.namespace(selector) }
        guard let index = params.netnsFileDescriptor else { return params.netns }
        guard let selector = call.selector(of: try await call.target(Place(netnsFileDescriptor: index))) else {
            throw WireError(.invalidParams, "changes of the host's own network are not told here; use ip monitor")
        }
        return [selector]
    }
}
