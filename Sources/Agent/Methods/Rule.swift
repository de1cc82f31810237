// rule.add, delete, flush, list: the rules that choose a routing table. They count as routes.

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

extension RuleDelete: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = params.value
        try await call.kernel(target) { try $0.deleteRule(spec) }
        return Nothing()
    }
}

extension RuleFlush: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Flushed {
        let target = try await call.target(params.place)
        let filter = params.value
        return Flushed(removed: try await call.kernel(target) { try $0.flushRules(filter) })
    }
}

extension RuleList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [InNamespace<IPRoute.Rule>] {
        let filter = params.filter
        return try await call.kernelList(try call.namespaces(params.netns)) { try $0.rules(filter) }
    }
}
