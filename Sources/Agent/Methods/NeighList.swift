// neigh.list: neighbours.

import IPRoute
import Netlink
import Wire

extension NeighList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [InNamespace<Neighbour>] {
        let filter = params.filter
        return try await call.kernelList(params) { try $0.neighbours(filter) }
    }
}
