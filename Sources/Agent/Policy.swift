// What the administrator allows: rules for defaults, groups and users, and what they come to for one person.

import Glibc
import IPRoute
import Wire

/// How much of something one may have.
enum Limit: Hashable, Sendable, CustomStringConvertible {
    case unlimited
    case at(Int)

    func allows(_ use: Int) -> Bool {
        switch self {
        case .unlimited: true
        case .at(let most): use <= most
        }
    }

    var number: Int? {
        switch self {
        case .unlimited: nil
        case .at(let most): most
        }
    }

    var description: String { number.map(String.init) ?? "unlimited" }

    static func mostGenerous(_ left: Limit, _ right: Limit) -> Limit {
        guard let left = left.number, let right = right.number else { return .unlimited }
        return .at(max(left, right))
    }
}

/// A value and the rule that gave it, `users.alice in /etc/netnsd/policy.yaml`.
struct Ruled<Value: Sendable>: Sendable {
    let value: Value
    let rule: String
}

/// What one rule says; what it leaves out it inherits.
struct PolicyRule: Sendable {
    var limits: [Resource: Ruled<Limit>] = [:]
    var requestsPerSecond: Ruled<Limit>?
    var kinds: Ruled<[LinkKind]>?
    var sysctl: Ruled<[SysctlPattern]>?
    var delegate: Ruled<Bool>?

    /// This rule where it says something, `other` where it does not.
    func over(_ other: PolicyRule) -> PolicyRule {
        PolicyRule(
            limits: limits.merging(other.limits) { mine, _ in mine },
            requestsPerSecond: requestsPerSecond ?? other.requestsPerSecond,
            kinds: kinds ?? other.kinds,
            sysctl: sysctl ?? other.sysctl,
            delegate: delegate ?? other.delegate)
    }

    /// Both rules of two groups somebody is in: the most generous, key by key.
    func together(with other: PolicyRule) -> PolicyRule {
        func generous<Value>(
            _ left: Ruled<Value>?, _ right: Ruled<Value>?, _ choose: (Value, Value) -> (value: Value, left: Bool)
        ) -> Ruled<Value>? {
            guard let left, let right else { return left ?? right }
            let choice = choose(left.value, right.value)
            return Ruled(value: choice.value, rule: choice.left ? left.rule : right.rule)
        }
        func limit(_ left: Limit, _ right: Limit) -> (value: Limit, left: Bool) {
            let most = Limit.mostGenerous(left, right)
            return (most, most == left)
        }
        var result = PolicyRule()
        for resource in Resource.allCases {
            result.limits[resource] = generous(limits[resource], other.limits[resource], limit)
        }
        result.requestsPerSecond = generous(requestsPerSecond, other.requestsPerSecond, limit)
        result.kinds = generous(kinds, other.kinds) { left, right in
            (left + right.filter { !left.contains($0) }, true)
        }
        result.sysctl = generous(sysctl, other.sysctl) { left, right in
            (left + right.filter { !left.contains($0) }, true)
        }
        result.delegate = generous(delegate, other.delegate) { left, right in (left || right, left) }
        return result
    }
}

/// What the rules come to for one person: every question has an answer, and the rule that gave it.
struct Grants: Sendable {
    let limits: [Resource: Ruled<Limit>]
    let requestsPerSecond: Ruled<Limit>
    let kinds: Ruled<[LinkKind]>
    let sysctl: Ruled<[SysctlPattern]>
    let delegate: Ruled<Bool>

    /// Everything a complete rule says; `rule` must leave nothing out.
    fileprivate init(_ rule: PolicyRule) {
        let complete = rule.over(Policy.builtIn)
        limits = complete.limits
        requestsPerSecond = complete.requestsPerSecond!
        kinds = complete.kinds!
        sysctl = complete.sysctl!
        delegate = complete.delegate!
    }

    func limit(_ resource: Resource) -> Ruled<Limit> { limits[resource]! }
}

/// A person as the policy looks at one: facts from the kernel and the account database.
struct Person: Hashable, Sendable {
    let uid: uid_t
    /// The account's name; nil for a uid that has no account.
    let account: String?
    /// Primary and supplementary groups.
    let groups: Set<gid_t>
}

/// The rules in force.
struct Policy: Sendable {
    var defaults = PolicyRule()
    var groups: [gid_t: PolicyRule] = [:]
    /// By account name, or by uid in digits.
    var users: [String: PolicyRule] = [:]
    /// Where it was read from; empty for the built-in one.
    var files: [String] = []

    /// What holds where nothing else is said. Safe for a machine whose administrator wrote no policy.
    static let builtIn: PolicyRule = {
        func ruled<Value>(_ value: Value) -> Ruled<Value> { Ruled(value: value, rule: "the built-in defaults") }
        return PolicyRule(
            limits: [
                .namespaces: ruled(.at(8)), .links: ruled(.at(64)), .addresses: ruled(.at(256)),
                .routes: ruled(.at(1024)), .programs: ruled(.at(64)), .connections: ruled(.at(16)),
            ],
            requestsPerSecond: ruled(.at(200)),
            kinds: ruled(LinkKind.allCases),
            sysctl: ruled(
                [
                    "net.ipv4.ip_forward", "net.ipv4.conf.*", "net.ipv4.neigh.*", "net.ipv4.icmp_*",
                    "net.ipv4.ping_group_range", "net.ipv4.ip_default_ttl", "net.ipv4.fib_multipath_*",
                    "net.ipv4.tcp_*", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_port_range",
                    "net.ipv6.conf.*", "net.ipv6.neigh.*", "net.ipv6.icmp.*", "net.ipv6.fib_multipath_*",
                    "net.ipv6.bindv6only", "net.ipv6.flowlabel_*",
                ].map { SysctlPattern($0)! }),
            delegate: ruled(false))
    }()

    /// root has no limit unless a rule names it.
    private static let root: PolicyRule = {
        func ruled<Value>(_ value: Value) -> Ruled<Value> { Ruled(value: value, rule: "uid 0 has no limits") }
        return PolicyRule(
            limits: Dictionary(uniqueKeysWithValues: Resource.allCases.map { ($0, ruled(.unlimited)) }),
            requestsPerSecond: ruled(.unlimited), kinds: ruled(LinkKind.allCases),
            sysctl: ruled([SysctlPattern("net.*")!]), delegate: ruled(true))
    }()

    /// What the person may do; nil: nothing, for a uid that is nobody's account and that no rule names.
    func grants(for person: Person) -> Grants? {
        let own = person.account.flatMap { users[$0] } ?? users[String(person.uid)]
        if person.uid == 0 { return Grants((own ?? PolicyRule()).over(Self.root)) }
        if person.account == nil && own == nil { return nil }
        let ofGroups = person.groups.compactMap { groups[$0] }.reduce(nil) { (sum: PolicyRule?, rule) in
            sum?.together(with: rule) ?? rule
        }
        return Grants((own ?? PolicyRule()).over(ofGroups ?? PolicyRule()).over(defaults))
    }
}

/// Which sysctl keys: exactly one, or all that begin like it, `net.ipv4.conf.*`.
struct SysctlPattern: Hashable, Sendable, CustomStringConvertible {
    /// Path elements; the last may end with `*`, which stands for any rest.
    private let prefix: [String]
    private let isPrefix: Bool
    let description: String

    init?(_ text: String) {
        description = text
        isPrefix = text.hasSuffix("*")
        let path = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard path.count >= 2, path[0] == "net", !path.dropLast().contains(""), !path.dropLast().contains("*"),
            !path.last!.dropLast().contains("*"), isPrefix || !path.last!.isEmpty
        else { return nil }
        prefix = isPrefix ? path.dropLast() + [String(path.last!.dropLast())] : path
    }

    func allows(_ key: SysctlKey) -> Bool {
        guard isPrefix else { return key.path == prefix }
        let whole = prefix.dropLast()
        guard key.path.count >= prefix.count, key.path.starts(with: whole) else { return false }
        return key.path[whole.count].hasPrefix(prefix.last!)
    }

    /// Some key that is this level or below it may be allowed.
    func reaches(_ level: SysctlName) -> Bool {
        let common = min(level.path.count, prefix.count - 1)
        guard level.path.prefix(common) == prefix.prefix(common) else { return false }
        guard level.path.count >= prefix.count else { return true }
        let last = level.path[prefix.count - 1]
        return isPrefix ? last.hasPrefix(prefix.last!) : level.path == prefix
    }
}
