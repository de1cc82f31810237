// Holding each user to what the policy gives: reserve before the kernel is asked, count what was made, let go.
//
// A count remembered can be too high (see Usage), so nobody is refused on it alone: before a refusal everything the
// user has is counted in the kernel. It is never too low, so nobody gets more than the limit.

import Glibc
import IPRoute
import Linux
import Netlink
import Wire

/// A promise of room, given back when the request is through. What was made is counted by then.
@EventLoop
final class Reservation {
    private let account: UserAccount
    private var amounts: [Resource: Int]

    fileprivate init(_ account: UserAccount, _ amounts: [Resource: Int]) {
        self.account = account
        self.amounts = amounts
        for (resource, amount) in amounts { account.reserved[resource, default: 0] += amount }
    }

    func release() {
        for (resource, amount) in amounts { account.reserved[resource, default: 0] -= amount }
        amounts = [:]
    }
}

extension Agent {
    /// Reserves room for `amounts` against the limits of the namespaces' owner.
    func reserve(_ amounts: [Resource: Int], for grants: Grants, of owner: Owner) async throws -> Reservation {
        let account = registry.account(of: owner)
        let amounts = amounts.filter { $0.value > 0 && grants.limit($0.key).value != .unlimited }
        if try await makeRoom(amounts, grants, account, owner) { return Reservation(account, amounts) }
        let short = Resource.allCases.first { resource in
            amounts[resource].map { !grants.limit(resource).value.allows(account.used(resource) + $0) } ?? false
        }
        throw WireError.quotaExceeded(short ?? amounts.keys.first!, grants, used: account.used(short ?? .links))
    }

    /// Whether there is room, after counting anew where what is remembered says no.
    private func makeRoom(
        _ amounts: [Resource: Int], _ grants: Grants, _ account: UserAccount, _ owner: Owner
    ) async throws -> Bool {
        func fits() -> Bool {
            amounts.allSatisfy { grants.limit($0.key).value.allows(account.used($0.key) + $0.value) }
        }
        let counted = [Resource.links, .addresses, .routes]
        if amounts.keys.contains(where: counted.contains) {
            if !account.isCounted { try await countUsage(of: owner) }
            if fits() { return true }
            try await countUsage(of: owner)
            return fits()
        }
        if fits() { return true }
        if amounts[.namespaces] != nil && account.isDying {
            // Whoever deletes one and makes another at once means the first to be gone. The kernel says so soon,
            // unless something holds it.
            await waitForNamespaceEnd(milliseconds: 2000) { fits() }
        }
        return fits()
    }

    /// Counts in the kernel what is in each namespace of the user. Any failure is an error: to take an uncounted
    /// namespace for an empty one would be a gift.
    func countUsage(of owner: Owner) async throws {
        let living = registry.namespaces(of: owner).filter { $0.state == .live }
        let places = living.map { kernelPlace(of: $0) }
        let counts = try await workers.run(for: owner.uid) {
            try places.map { place in try unlessGone { try countedUsage(place) } }
        }
        for (namespace, usage) in zip(living, counts) {
            if let usage { registry.setUsage(namespace, usage) } else { lost(namespace) }
        }
        // What is only pinned cannot be looked into any more: what was last known of it stands.
        for namespace in registry.namespaces(of: owner) where namespace.state == .deleted && namespace.usage == nil {
            registry.setUsage(namespace, Usage())
        }
    }
}

extension WireError {
    static func quotaExceeded(_ resource: Resource, _ grants: Grants, used: Int) -> WireError {
        let limit = grants.limit(resource)
        var details = Details()
        details.resource = resource
        details.limit = limit.value.number
        details.used = used
        details.rule = limit.rule
        let sentence = "your quota of \(resource.rawValue) is used up: \(used) of \(limit.value) (\(limit.rule))"
        return WireError(.quotaExceeded, sentence, details)
    }
}
