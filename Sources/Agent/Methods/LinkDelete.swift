// link.delete: a link goes, and with a veth its other end.

import Netlink
import Wire

extension LinkDelete: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        try await call.kernel(target) { try $0.deleteLink($0.index(of: params.value.dev)) }
        return Nothing()
    }
}
