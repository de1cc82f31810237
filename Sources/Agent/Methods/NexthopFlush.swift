// nexthop.flush: every nexthop object that matches goes.

import IPRoute
import Netlink
import Wire

extension NexthopFlush: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Flushed {
        let target = try await call.target(params.place)
        let filter = params.value
        return Flushed(removed: try await call.kernel(target) { try $0.flushNexthops(filter) })
    }
}
