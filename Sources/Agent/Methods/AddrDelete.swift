// addr.delete: an address goes.

import IPRoute
import Netlink
import Wire

extension AddrDelete: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let (dev, spec) = (params.value.dev, params.value.value)
        try await call.kernel(target) { try $0.deleteAddress(spec, from: $0.index(of: dev)) }
        return Nothing()
    }
}
