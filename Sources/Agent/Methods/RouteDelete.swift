// route.delete: a route goes.

import IPRoute
import Netlink
import Wire

extension RouteDelete: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = params.value
        try await call.kernel(target) { try $0.deleteRoute(spec) }
        return Nothing()
    }
}
