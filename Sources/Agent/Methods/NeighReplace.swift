// neigh.replace: a neighbour, whether it is known already or not.

import IPRoute
import Netlink
import Wire

extension NeighReplace: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = params.value
        try await call.making(spec.use, in: target) { try await call.kernel(target) { try $0.replaceNeighbour(spec) } }
        return Nothing()
    }
}
