// addr.add: an address for a link.

import IPRoute
import Netlink
import Wire

extension AddrAdd: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let (dev, spec) = (params.value.dev, params.value.value)
        try await call.making(Usage(addresses: 1), in: target) {
            try await call.kernel(target) { try $0.addAddress(spec, on: $0.index(of: dev)) }
        }
        return Nothing()
    }
}
