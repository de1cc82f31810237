// nexthop.replace: a nexthop object, in place of the one of that number.

import IPRoute
import Netlink
import Wire

extension NexthopReplace: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = try params.value.madeByAPerson()
        try await call.making(Usage(routes: 1), in: target) {
            try await call.kernel(target) { try $0.replaceNexthop(spec) }
        }
        return Nothing()
    }
}
