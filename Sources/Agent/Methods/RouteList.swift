// route.list: routes.

import IPRoute
import Netlink
import Wire

extension RouteList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [InNamespace<Route>] {
        let filter = params.filter
        return try await call.kernelList(params) { try $0.routes(filter) }
    }
}
