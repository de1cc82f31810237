// neigh.delete: a neighbour goes.

import IPRoute
import Netlink
import Wire

extension NeighDelete: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = params.value
        try await call.kernel(target) { try $0.deleteNeighbour(spec) }
        return Nothing()
    }
}
