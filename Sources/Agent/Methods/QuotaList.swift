// quota.list: what everybody has; for root.

import Linux
import Wire

extension QuotaList: Handled {
    static func handle(_: Nothing, _ call: Call) async throws -> [User] {
        guard call.caller.isRoot else {
            throw WireError(.permissionDenied, "only root may look at the quota of all users")
        }
        let agent = call.agent
        let owners = agent.registry.owners
        let people = try await agent.accounts.run(for: 0) {
            owners.map { owner in
                // Whoever has the uid or the name by now is somebody else.
                account(uid: owner.uid).flatMap { $0.name == owner.user ? Person($0) : nil }
                    ?? Person(uid: owner.uid, account: nil, groups: [])
            }
        }
        var users: [User] = []
        for (owner, person) in zip(owners, people) {
            try await agent.countUsage(of: owner)
            users.append(
                User(
                    uid: owner.uid, user: owner.user,
                    resources: agent.quota(of: owner, agent.policy.grants(for: person))))
            agent.registry.forgetIfIdle(owner)
        }
        return users
    }
}
