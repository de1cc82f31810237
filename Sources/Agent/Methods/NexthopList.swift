// nexthop.list: nexthop objects.

import IPRoute
import Netlink
import Wire

extension NexthopList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [InNamespace<Nexthop>] {
        let filter = params.filter
        return try await call.kernelList(params) { try $0.nexthops(filter) }
    }
}
