// route.append: a route, behind those to the same destination.

import IPRoute
import Netlink
import Wire

extension RouteAppend: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = try params.value.madeByAPerson()
        try await call.making(Usage(routes: 1), in: target) {
            try await call.kernel(target) { try $0.appendRoute(spec) }
        }
        return Nothing()
    }
}
