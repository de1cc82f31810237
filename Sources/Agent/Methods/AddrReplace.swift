// addr.replace: an address for a link, whether it is there already or not.

import IPRoute
import Netlink
import Wire

extension AddrReplace: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let (dev, spec) = (params.value.dev, params.value.value)
        // It may be new; if it was there, the next count finds that out.
        try await call.making(Usage(addresses: 1), in: target) {
            try await call.kernel(target) { try $0.replaceAddress(spec, on: $0.index(of: dev)) }
        }
        return Nothing()
    }
}
