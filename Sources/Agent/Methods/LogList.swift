// log.list: what one has asked that changes something; for root, what anybody has.

import Wire

extension LogList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [LogEntry] {
        let filter = try call.filter(params.user)
        let audit = call.agent.audit
        let entries = audit.entries(filter).filter { $0.time / 1_000_000 >= params.since ?? 0 }
        if params.follow == true { audit.follow(call.connection, filter) }
        return params.lines.map { entries.suffix($0.value) } ?? entries
    }
}

extension Call {
    fileprivate func filter(_ user: String?) throws -> Audit.Filter {
        if caller.isRoot { return user.map { .named($0) } ?? .everybody }
        guard user == nil || user == owner.text || user == String(owner.uid) else {
            throw WireError(.permissionDenied, "only root may read what another user did")
        }
        return .owner(owner)
    }
}
