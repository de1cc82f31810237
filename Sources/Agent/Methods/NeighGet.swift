// neigh.get: one neighbour.

import IPRoute
import Netlink
import Wire

extension NeighGet: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Neighbour {
        let target = try await call.target(params.place)
        let query = params.value
        return try await call.kernel(target) { try $0.neighbour(query) }
    }
}
