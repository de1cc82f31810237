// route.change: a route, in place of the one that has to be there for the same destination.

import IPRoute
import Netlink
import Wire

extension RouteChange: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = try params.value.madeByAPerson()
        try await call.kernel(target) { try $0.changeRoute(spec) }
        return Nothing()
    }
}
