// What the agent knows it made, and whose it is: namespaces, and for each user what they use.
//
// A name is a key only among the living namespaces of one owner. The key for good is `id`: the number the agent gives
// a namespace in the kernel (ip-netns(8), `set NAME ID`), from a range nobody else takes numbers from and higher than
// all it remembers, so that it is never another namespace's later.

import Glibc
import IPRoute
import Linux
import Wire

/// Who a namespace belongs to. The account's name is part of it: a uid given to another account later is not the
/// same owner, and what the first one left is root's to deal with.
struct Owner: Hashable, Sendable, Codable {
    let uid: uid_t
    let user: String?

    /// How the owner is written before a namespace's name.
    var text: String { user ?? String(uid) }

    /// The name a namespace's pin has in /run/netns: `server` for root's, `alice:server` for others'. Where another
    /// owner of that name has it, one whose account was removed for instance, `alice@59001:server`.
    func pinName(of name: NamespaceName, besideAnother: Bool = false) -> String {
        if uid == 0 { return name.text }
        return besideAnother ? "\(text)@\(uid):\(name)" : "\(text):\(name)"
    }

    static let root = Owner(uid: 0, user: "root")
}

/// How much of what is counted within a namespace there is, at the most: things vanish by themselves, but only the
/// agent makes them, so a number remembered here may be too high and never too low.
struct Usage: Hashable, Sendable {
    var links = 0
    var addresses = 0
    /// Routes, rules, and neighbours that stay.
    var routes = 0

    static func + (left: Usage, right: Usage) -> Usage {
        Usage(
            links: left.links + right.links, addresses: left.addresses + right.addresses,
            routes: left.routes + right.routes)
    }

    static func - (left: Usage, right: Usage) -> Usage {
        Usage(
            links: left.links - right.links, addresses: left.addresses - right.addresses,
            routes: left.routes - right.routes)
    }

    subscript(resource: Resource) -> Int {
        switch resource {
        case .links: links
        case .addresses: addresses
        case .routes: routes
        case .namespaces, .programs, .connections: 0
        }
    }
}

/// A network namespace the agent made.
@EventLoop
final class Namespace {
    nonisolated let id: Int32
    nonisolated let owner: Owner
    nonisolated let name: NamespaceName
    /// What its pin is called in /run/netns, and what root calls it.
    nonisolated let pinName: String
    /// It belongs to the owner's user namespace (Delegation.swift).
    nonisolated let isDelegated: Bool
    /// What it is on the host; nil while it is being made.
    var identity: NamespaceIdentity?
    var state: State
    /// What its programs are told of names; nil: what the host's are.
    var dns: DNSSettings?
    /// nil: not counted since the agent started.
    fileprivate(set) var usage: Usage?

    enum State: String, Codable, Sendable {
        case creating, live, deleting
        /// The name is gone; something still holds the namespace, so it counts.
        case deleted
    }

    init(
        id: Int32, owner: Owner, name: NamespaceName, pinName: String, isDelegated: Bool,
        identity: NamespaceIdentity?, state: State, usage: Usage?
    ) {
        self.pinName = pinName
        self.isDelegated = isDelegated
        self.id = id
        self.owner = owner
        self.name = name
        self.identity = identity
        self.state = state
        self.usage = usage
    }

    /// As a caller names it: plainly where it is their own.
    nonisolated func selector(for caller: Owner) -> NamespaceSelector {
        caller == owner ? NamespaceSelector(name) : NamespaceSelector(pinName) ?? NamespaceSelector(name)
    }
}

/// What one user has in hand, besides namespaces.
@EventLoop
final class UserAccount {
    var connections = 0
    var programs = 0
    fileprivate(set) var namespaces: [Int32: Namespace] = [:]
    /// What the counted namespaces come to.
    fileprivate(set) var usage = Usage()
    fileprivate(set) var uncounted = 0
    /// Promised to requests under way.
    var reserved: [Resource: Int] = [:]
    var bucket = TokenBucket()
    /// Delegated namespaces are made one after the other.
    let delegating = Turn()

    /// Use as it counts against the limit: what is there and what is promised.
    func used(_ resource: Resource) -> Int {
        let there =
            switch resource {
            case .namespaces: namespaces.count
            case .programs: programs
            case .connections: connections
            case .links, .addresses, .routes: usage[resource]
            }
        return there + reserved[resource, default: 0]
    }

    var isCounted: Bool { uncounted == 0 }
    fileprivate var isIdle: Bool {
        // An empty bucket forgotten would be a full one for whoever connects anew.
        connections == 0 && programs == 0 && namespaces.isEmpty && reserved.allSatisfy { $0.value == 0 }
            && bucket.isFull(nowMilliseconds: monotonicMilliseconds())
    }
    var isDying: Bool { namespaces.values.contains { $0.state == .deleted || $0.state == .deleting } }
}

@EventLoop
final class Registry {
    /// The lowest id the agent gives. The kernel's own choice begins at 0, so the two never meet.
    nonisolated static let firstId: Int32 = 1_000_000

    private var namespaces: [Int32: Namespace] = [:]
    private var names: [Owner: [NamespaceName: Namespace]] = [:]
    private var accounts: [Owner: UserAccount] = [:]
    private var byIdentity: [NamespaceIdentity: Namespace] = [:]
    private var byPin: [String: Namespace] = [:]

    var nextId: Int32 { max(Self.firstId, (highestId ?? 0) + 1) }
    private var highestId: Int32?

    /// Gives none of these, though no record speaks of them: what is deleted and pinned has its number still.
    func skipIds(_ ids: Set<Int32>) {
        highestId = ([highestId ?? 0] + ids).max()
    }

    func account(of owner: Owner) -> UserAccount {
        if let account = accounts[owner] { return account }
        let account = UserAccount()
        accounts[owner] = account
        return account
    }

    /// Forgets somebody who has nothing any more.
    func forgetIfIdle(_ owner: Owner) {
        if let account = accounts[owner], account.isIdle { accounts[owner] = nil }
    }

    func namespace(withId id: Int32) -> Namespace? { namespaces[id] }

    /// A living namespace by its owner and name.
    func namespace(of owner: Owner, named name: NamespaceName) -> Namespace? {
        names[owner]?[name]
    }

    func namespace(_ identity: NamespaceIdentity) -> Namespace? { byIdentity[identity] }

    func namespace(pinnedAs pinName: String) -> Namespace? { byPin[pinName] }

    /// The living namespaces of a name whose owners have this uid: an account of today's, and those before it.
    func namespaces(ofUid uid: uid_t, named name: NamespaceName) -> [Namespace] {
        names.filter { $0.key.uid == uid }.compactMap { $0.value[name] }
    }

    /// Those of an owner in the order of their names; those that are only pinned still come last.
    func namespaces(of owner: Owner) -> [Namespace] {
        Self.ordered(Array(account(of: owner).namespaces.values))
    }

    var all: [Namespace] { Self.ordered(Array(namespaces.values)) }

    func knows(_ owner: Owner) -> Bool { accounts[owner] != nil }

    /// Everybody who has something here.
    var owners: [Owner] { accounts.keys.sorted { ($0.uid, $0.text) < ($1.uid, $1.text) } }

    func add(_ namespace: Namespace) {
        namespaces[namespace.id] = namespace
        highestId = max(highestId ?? 0, namespace.id)
        let account = account(of: namespace.owner)
        account.namespaces[namespace.id] = namespace
        account.usage = account.usage + (namespace.usage ?? Usage())
        if namespace.usage == nil { account.uncounted += 1 }
        if namespace.state != .deleted {
            names[namespace.owner, default: [:]][namespace.name] = namespace
            byPin[namespace.pinName] = namespace
        }
        if let identity = namespace.identity { byIdentity[identity] = namespace }
    }

    /// The namespace is there, and this is what it is.
    func complete(_ namespace: Namespace, _ identity: NamespaceIdentity) {
        namespace.identity = identity
        namespace.state = .live
        byIdentity[identity] = namespace
    }

    /// Its name is free again; the namespace counts on.
    func releaseName(of namespace: Namespace) {
        namespace.state = .deleted
        if names[namespace.owner]?[namespace.name] === namespace { giveUpName(namespace.name, for: namespace.owner) }
        if byPin[namespace.pinName] === namespace { byPin[namespace.pinName] = nil }
    }

    /// Keeps a name for an owner who is about to get the namespace.
    func keepName(_ name: NamespaceName, for owner: Owner, _ namespace: Namespace) {
        names[owner, default: [:]][name] = namespace
    }

    /// The name is free again.
    func giveUpName(_ name: NamespaceName, for owner: Owner) {
        names[owner]?[name] = nil
        if names[owner]?.isEmpty == true { names[owner] = nil }
    }

    /// It is gone, and all that was in it.
    func remove(_ namespace: Namespace) {
        guard namespaces[namespace.id] === namespace else { return }
        releaseName(of: namespace)
        namespaces[namespace.id] = nil
        if let identity = namespace.identity, byIdentity[identity] === namespace { byIdentity[identity] = nil }
        let account = account(of: namespace.owner)
        account.namespaces[namespace.id] = nil
        account.usage = account.usage - (namespace.usage ?? Usage())
        if namespace.usage == nil { account.uncounted -= 1 }
    }

    func setUsage(_ namespace: Namespace, _ usage: Usage) {
        guard namespaces[namespace.id] === namespace else { return }
        let account = account(of: namespace.owner)
        account.usage = account.usage - (namespace.usage ?? Usage()) + usage
        if namespace.usage == nil { account.uncounted -= 1 }
        namespace.usage = usage
    }

    /// Something was made in it.
    func count(_ more: Usage, in namespace: Namespace) {
        guard let usage = namespace.usage else { return }  // it will be counted whole
        setUsage(namespace, usage + more)
    }

    /// Something went from one namespace to another of the same owner.
    func shift(_ usage: Usage, from source: Namespace, to destination: Namespace) {
        guard source !== destination else { return }
        if let had = source.usage { setUsage(source, had - usage) }
        count(usage, in: destination)
    }

    private static func ordered(_ namespaces: [Namespace]) -> [Namespace] {
        namespaces.sorted {
            ($0.state == .deleted ? 1 : 0, $0.owner.uid, $0.name.text, $0.id)
                < ($1.state == .deleted ? 1 : 0, $1.owner.uid, $1.name.text, $1.id)
        }
    }
}

/// A rate with a burst: each request takes a token, tokens come back evenly.
struct TokenBucket {
    private var tokens: Double?
    private var filledAt = 0

    /// Whatever the rate, where the burst is a second's worth.
    func isFull(nowMilliseconds now: Int) -> Bool { now - filledAt >= 1000 }

    /// nil: go ahead. Otherwise: how many milliseconds until there is a token.
    /// - Parameter burst: how many at once; without it, a second's worth.
    mutating func take(perSecond rate: Int, burst: Int? = nil, nowMilliseconds now: Int) -> Int? {
        guard rate > 0 else { return 1000 }
        let full = Double(burst ?? rate)
        let level = min(full, (tokens ?? full) + Double(now - filledAt) * Double(rate) / 1000)
        filledAt = now
        guard level >= 1 else {
            tokens = level
            return Int(((1 - level) * 1000 / Double(rate)).rounded(.up))
        }
        tokens = level - 1
        return nil
    }
}
