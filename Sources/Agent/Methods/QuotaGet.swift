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
        defer { call.agent.registry.forgetIfIdle(owner) }
        return Result(
            uid: person.uid, user: person.account, resources: call.agent.quota(of: owner, grants),
            rights: Rights(
                kinds: grants.kinds.value.map(\.rawValue), sysctl: grants.sysctl.value.map(\.description)))
    }
}

extension Person {
    /// An account as the policy looks at it; asks the account database.
    init(_ account: Account) {
        self.init(uid: account.uid, account: account.name, groups: Linux.groups(of: account))
    }
}

extension Agent {
    /// Limits and use, as far as it is counted. Who may do nothing has limits of nothing.
    func quota(of owner: Owner, _ grants: Grants?) -> [QuotaGet.Entry] {
        let account = registry.account(of: owner)
        let nothing = "no account, and no rule"
        let entries = Resource.allCases.map { resource in
            let limit = grants?.limit(resource)
            return QuotaGet.Entry(
                resource: resource.rawValue, limit: limit.map { $0.value.number } ?? 0, used: account.used(resource),
                rule: limit?.rule ?? nothing)
        }
        let rate = grants?.requestsPerSecond
        return entries + [
            .init(
                resource: "requests-per-second", limit: rate.map { $0.value.number } ?? 0, used: nil,
                rule: rate?.rule ?? nothing)
        ]
    }
}

extension Call {
    /// The caller, or for root somebody else by name or uid.
    fileprivate func person(_ user: String?) async throws -> Person {
        guard let user, user != owner.text, user != String(owner.uid) else { return caller.person }
        guard caller.isRoot else { throw WireError(.permissionDenied, "only root may look at another user's quota") }
        let found = try await agent.accounts.run(for: 0) { account(meantBy: user).map { Person($0) } }
        guard let found else { throw WireError(.notFound, "there is no account \"\(user)\"") }
        return found
    }
}
