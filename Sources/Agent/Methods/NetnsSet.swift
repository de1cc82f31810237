// netns.set: what one of the caller's namespaces calls another.

import Descriptors
import Linux
import Netlink
import Wire

extension NetnsSet: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let other = call.agent.kernelPlace(of: try call.namespace(params.name))
        try await call.kernel(target) { socket in
            let named = try other.open()
            try socket.assignNamespaceId(params.nsid.map { Int32($0.value) } ?? -1, to: named.descriptor.raw)
        }
        return Nothing()
    }
}
