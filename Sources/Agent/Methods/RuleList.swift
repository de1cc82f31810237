// rule.list: the rules that choose a routing table.

import IPRoute
import Netlink
import Wire

extension RuleList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [InNamespace<IPRoute.Rule>] {
        let filter = params.filter
        return try await call.kernelList(params) { try $0.rules(filter) }
    }
}
