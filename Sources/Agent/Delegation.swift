// Delegated namespaces: those whose owner has the capabilities over them.
//
// All delegated namespaces of one user belong to one user namespace, so that from within one of them the others can be
// entered, as `ip netns exec` does. It lives as long as any of them, or a program in it, does; the kernel leads from
// any of them to it, so nothing about it is written down. The first one makes it anew (spawn_delegate.c).

import Descriptors
import Glibc
import Linux
import SystemPackage
import Wire

/// Who a namespace is delegated to, as the kernel says.
struct Delegate: Sendable {
    let identity: SpawnRequest.Owner
    let limits: [ResourceLimit]
}

extension Call {
    /// The caller, if the policy and what holds the caller's process allow a delegated namespace to be made.
    func delegate(for owner: Owner) async throws -> Delegate {
        guard grants.delegate.value else {
            var details = WireError.Details()
            details.rule = grants.delegate.rule
            throw WireError(
                .permissionDenied, "the policy does not give you delegated namespaces (\(grants.delegate.rule))",
                details)
        }
        guard owner == self.owner else {
            throw WireError(.permissionDenied, "a delegated namespace is made by its owner; nobody else can")
        }
        guard owner.uid != 0 else {
            throw WireError(.invalidParams, "params.delegate: root has the capabilities over every namespace as it is")
        }
        let traits = try await processTraits()
        let identity = SpawnRequest.Owner(
            uid: caller.credentials.uid, gid: caller.credentials.gid, groups: caller.credentials.groups)
        return Delegate(identity: identity, limits: traits.limits)
    }

    /// What the caller's process has, and a refusal where it is confined: whoever holds a delegated namespace has every
    /// capability in it, chroot(2) for one. Who is in the user namespace that it belongs to has them already.
    func processTraits() async throws -> ProcessTraits {
        let (pid, process) = (caller.credentials.pid, try connection.peerProcess())
        let own = try await agent.userNamespace(of: owner)
        let mountNamespaces = agent.programs.mountNamespaces(of: owner)
        return try await agent.workers.run(for: owner.uid) {
            let inside = try own.map { try NamespaceIdentity(of: $0) }
            return try traits(of: pid, process, mountNamespaces, userNamespace: inside)
        }
    }
}

extension Agent {
    /// The user namespace of an owner's delegated namespaces; nil where there are none.
    func userNamespace(of owner: Owner) async throws -> SharedDescriptor? {
        let places = registry.namespaces(of: owner).filter { $0.isDelegated && $0.state == .live }
            .map { kernelPlace(of: $0) }
        return try await workers.run(for: owner.uid) {
            for place in places {
                if let found = try unlessGone({ try place.userNamespace(of: owner.uid) }) ?? nil { return found }
            }
            return nil
        }
    }

    /// A new network namespace in the owner's user namespace. It ends with the descriptor as long as it is not pinned.
    func unpinnedNamespace(of owner: Owner, _ delegate: Delegate) async throws -> SharedDescriptor {
        let request = DelegateRequest(
            id: 0, owner: delegate.identity, limits: delegate.limits,
            userNamespace: try await userNamespace(of: owner))
        do {
            return try await programs.make(request)
        } catch let failure as SpawnFailure {
            throw WireError(delegating: failure)
        }
    }
}

extension KernelPlace {
    /// The user namespace the place belongs to; nil where that is not the uid's.
    func userNamespace(of uid: uid_t) throws -> SharedDescriptor? {
        let namespace = try UserNamespace(owning: open())
        guard try namespace.ownerUID() == uid else { return nil }
        return SharedDescriptor(namespace.intoDescriptor())
    }
}

/// One at a time, in the order of asking.
@EventLoop
final class Turn {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func run<Result: Sendable>(_ body: () async throws -> Result) async rethrows -> Result {
        if isTaken { await withCheckedContinuation { waiting.append($0) } }
        isTaken = true
        defer {
            isTaken = !waiting.isEmpty  // handed on, not given back: nobody comes between
            if isTaken { waiting.removeFirst().resume() }
        }
        return try await body()
    }
}

extension WireError {
    fileprivate init(delegating failure: SpawnFailure) {
        var details = Details()
        details.errno = failure.errno.symbol
        details.operation = failure.step.description
        let kind = failure.step == .userNamespace ? "user" : "net"
        switch (failure.step, failure.errno) {
        // unshare(2): a limit of /proc/sys/user is reached, of which 0 means none at all.
        case (.userNamespace, .noSpace), (.networkNamespace, .noSpace):
            let sysctl = "user.max_\(kind)_namespaces"
            if (try? readSysctl(["user", "max_\(kind)_namespaces"])) == "0" {
                self.init(.unsupported, "this host allows no \(kind) namespaces (\(sysctl) is 0)", details)
            } else {
                self.init(.kernel, "the host's limit on your \(kind) namespaces is reached (\(sysctl))", details)
            }
        case (.userNamespace, .invalidArgument):
            details.missing = "CONFIG_USER_NS"
            self.init(.unsupported, "the kernel has no user namespaces", details)
        default:
            self.init(.kernel, "no delegated namespace: \(failure.step): \(failure.errno)", details)
        }
    }
}
