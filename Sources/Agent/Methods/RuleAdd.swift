// rule.add: a rule that chooses a routing table. Rules count as routes.

import IPRoute
import Netlink
import Wire

extension RuleAdd: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = params.value
        try await call.making(Usage(routes: 1), in: target) { try await call.kernel(target) { try $0.addRule(spec) } }
        return Nothing()
    }
}
