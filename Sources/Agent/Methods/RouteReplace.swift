// route.replace: a route, in place of the one that is there for the same destination.

import IPRoute
import Netlink
import Wire

extension RouteReplace: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = try params.value.madeByAPerson()
        try await call.making(Usage(routes: 1), in: target) {
            try await call.kernel(target) { try $0.replaceRoute(spec) }
        }
        return Nothing()
    }
}
