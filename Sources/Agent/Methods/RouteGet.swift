// route.get: which way the kernel would send a packet.

import IPRoute
import Netlink
import Wire

extension RouteGet: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Route {
        let target = try await call.target(params.place)
        let query = params.value
        return try await call.kernel(target) { try $0.route(for: query) }
    }
}
