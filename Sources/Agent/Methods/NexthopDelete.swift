// nexthop.delete: a nexthop object goes, and with it what has no other way.

import IPRoute
import Netlink
import Wire

extension NexthopDelete: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let id = params.value.id
        try await call.kernel(target) { try $0.deleteNexthop(id) }
        return Nothing()
    }
}
