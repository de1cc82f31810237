// quota.get: what one may have, what one has, and which rule said so.

import Glibc
import IPRoute
import Linux
import Wire

extension QuotaGet: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Result {
        let person = try await call.person(params.user)
        let owner = Owner(uid: person.uid, user: person.account)
        guard let grants = call.agent.policy.grants(for: person) else { throw WireError.nobody(person.uid) }
        // What is remembered may be too high: here it is shown, so it is counted.
        try await call.agent.countUsage(of: owner)
        let account = call.agent.registry.account(of: owner)
        defer { call.agent.registry.forgetIfIdle(owner) }
        var entries = Resource.allCases.map { resource in
            let limit = grants.limit(resource)
            return Entry(
                resource: resource.rawValue, limit: limit.value.number, used: account.used(resource), rule: limit.rule)
        }
        let rate = grants.requestsPerSecond
        entries.append(Entry(resource: "requests-per-second", limit: rate.value.number, used: nil, rule: rate.rule))
        return Result(
            uid: person.uid, user: person.account, resources: entries,
            rights: Rights(
                kinds: grants.kinds.value.map(\.rawValue), sysctl: grants.sysctl.value.map(\.description)))
    }
}

extension Call {
    /// The caller, or for root somebody else by name or uid.
    fileprivate func person(_ user: String?) async throws -> Person {
        guard let user, user != owner.text, user != String(owner.uid) else { return caller.person }
        guard caller.isRoot else { throw WireError(.permissionDenied, "only root may look at another user's quota") }
        let found = try await agent.accounts.run(for: 0) { () -> Person? in
            guard let account = account(named: user) ?? uid_t(user).flatMap({ account(uid: $0) }) else { return nil }
            return Person(uid: account.uid, account: account.name, groups: groups(of: account))
        }
        guard let found else { throw WireError(.notFound, "there is no account \"\(user)\"") }
        return found
    }
}
