// neigh.add: a neighbour. Those that stay by themselves count as routes.

import IPRoute
import Netlink
import Wire

extension NeighAdd: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = params.value
        try await call.making(spec.use, in: target) { try await call.kernel(target) { try $0.addNeighbour(spec) } }
        return Nothing()
    }
}

extension NeighbourSpec {
    /// The kernel clears away what is neither permanent nor a proxy.
    var use: Usage { Usage(routes: proxy == true || state ?? .permanent == .permanent ? 1 : 0) }
}
