// neigh.change: what is known of a neighbour, which has to be there.

import IPRoute
import Netlink
import Wire

extension NeighChange: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = params.value
        // One that went by itself may now stay.
        try await call.making(spec.use, in: target) { try await call.kernel(target) { try $0.changeNeighbour(spec) } }
        return Nothing()
    }
}
