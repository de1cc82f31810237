// Making and deleting namespaces: intent written down, kernel work, completion written down.

import Descriptors
import Glibc
import IPRoute
import Linux
import Logging
import Netlink
import SystemPackage
import Wire

extension Agent {
    /// Makes a namespace for its owner, in the owner's user namespace where that is who it is `delegated` to. On an
    /// error nothing of it is left.
    func addNamespace(
        _ name: NamespaceName, of owner: Owner, grants: Grants, loopbackUp: Bool = true,
        delegatedTo delegate: Delegate? = nil
    ) async throws -> Namespace {
        if registry.namespace(of: owner, named: name) != nil {
            throw WireError(.alreadyExists, "there is already a network namespace \"\(name)\"")
        }
        let room = try await reserve([.namespaces: 1], for: grants, of: owner)
        // The wait may have let somebody else make it.
        guard registry.namespace(of: owner, named: name) == nil else {
            room.release()
            throw WireError(.alreadyExists, "there is already a network namespace \"\(name)\"")
        }
        let isTaken = registry.namespace(pinnedAs: owner.pinName(of: name)) != nil
        let namespace = Namespace(
            id: registry.nextId, owner: owner, name: name, pinName: owner.pinName(of: name, besideAnother: isTaken),
            isDelegated: delegate != nil, identity: nil,
            state: .creating,
            usage: Usage())
        registry.add(namespace)
        room.release()  // it is counted by being in the registry
        do {
            if let delegate {
                // In turn, so that the next finds the user namespace of this one.
                try await registry.account(of: owner).delegating.run {
                    try await make(namespace, loopbackUp, try await unpinnedNamespace(of: owner, delegate))
                }
            } else {
                try await make(namespace, loopbackUp, nil)
            }
        } catch {
            registry.remove(namespace)
            records.remove(namespace.id)
            let path = Self.pinPath(namespace.pinName)
            if let error = error as? SystemError, error.errno == .fileExists, error.subject == path {
                throw WireError(
                    .alreadyExists, "\(path) is there already and is not the agent's; remove it or choose another name")
            }
            throw error
        }
        events.publish(.init(.added, .netns), of: namespace)
        return namespace
    }

    /// The kernel work: written down before and after. `made`: the namespace where it is there already, unpinned.
    private func make(_ namespace: Namespace, _ loopbackUp: Bool, _ made: SharedDescriptor?) async throws {
        let intent = record(of: namespace)
        let path = Self.pinPath(namespace.pinName)
        let identity = try await workers.run(for: namespace.owner.uid) { [records] in
            try records.write(intent)
            let identity = try makeNamespace(id: intent.id, pinnedAt: path, loopbackUp: loopbackUp, made)
            do {
                try records.write(intent.with(.live, identity))
            } catch {
                try NetworkNamespace.unpin(path)
                throw error
            }
            return identity
        }
        registry.complete(namespace, identity)
    }

    /// What a deletion does about programs that run in the namespace.
    enum ProgramsInTheWay { case refuse, end, leave }

    /// Deletes a namespace. While programs run in it: `busy`, or they are ended first, or only the name goes.
    func deleteNamespace(_ namespace: Namespace, programs: ProgramsInTheWay) async throws {
        guard namespace.state == .live, let identity = namespace.identity else {
            throw WireError(.busy, "\"\(namespace.name)\" is being made or deleted by another request; try again")
        }
        let place = kernelPlace(of: namespace)
        namespace.state = .deleting
        let intent = record(of: namespace)
        let path = Self.pinPath(namespace.pinName)
        do {
            try await workers.run(for: namespace.owner.uid) { [records] in
                let pids =
                    switch programs {
                    case .end: try endProcesses(in: identity)
                    case .refuse: try processes(in: identity)
                    case .leave: [pid_t]()
                    }
                if !pids.isEmpty { throw WireError.namespaceBusy(namespace.name, pids) }
                if try unlessGone({ _ = try place.open() }) != nil {
                    try records.write(intent)
                    try NetworkNamespace.unpin(path)
                } else {
                    removeIfEmptyFile(path)
                }
            }
        } catch {
            if namespace.state == .deleting {
                namespace.state = .live
                writeDown(namespace)  // the intent is void
            }
            throw error
        }
        // The kernel may have reported the end already.
        guard registry.namespace(withId: namespace.id) != nil else { return }
        registry.releaseName(of: namespace)
        writeDown(namespace)  // where this fails, the intent says as much to the next agent
    }

    /// Writes down what has happened already.
    private func writeDown(_ namespace: Namespace) {
        do {
            try records.write(record(of: namespace))
        } catch {
            log.error(
                "a namespace cannot be written down", metadata: ["netns": "\(namespace.pinName)", "error": "\(error)"])
        }
    }

    /// An empty file at a pin's place: what is left where a mount was taken away.
    func removeLeftoverPin(_ pinName: String) {
        removeIfEmptyFile(Self.pinPath(pinName))
    }
}

extension WireError {
    static func namespaceBusy(_ name: NamespaceName, _ pids: [pid_t]) -> WireError {
        var details = Details()
        details.pids = pids
        let some = pids.prefix(8).map(String.init).joined(separator: ", ") + (pids.count > 8 ? ", …" : "")
        return WireError(
            .busy, "programs run in \"\(name)\" (pid \(some)); end them, or ask for them to be killed", details)
    }
}

/// Makes a namespace, or takes the one that was `made`, gets it ready for its owner and pins it.
private func makeNamespace(
    id: Int32, pinnedAt path: String, loopbackUp: Bool, _ made: SharedDescriptor?
) throws -> NamespaceIdentity {
    let host = try NetlinkSocket()
    var identity = NamespaceIdentity.none
    func prepare(_ namespace: borrowing NetworkNamespace) throws {
        identity = try namespace.identity()
        try host.assignNamespaceId(id, to: namespace.descriptor.raw)
        // ping without privileges (icmp(7)): every group may open an ICMP socket that only echoes. The numbers are
        // those of the writer's user namespace, which is the agent's.
        try writeSysctl(["net", "ipv4", "ping_group_range"], "0 2147483647")
        // Its ports are its owner's, low ones too (ip-sysctl.rst); nobody else is in it.
        try writeSysctl(["net", "ipv4", "ip_unprivileged_port_start"], "0")
        if loopbackUp {
            var change = LinkChange()
            change.up = true
            let inside = try NetlinkSocket()
            try inside.changeLink(inside.index(of: .loopback), change)
        }
    }
    if let made {
        try NetworkNamespace(copying: made).pin(at: path, prepare: prepare)
    } else {
        try NetworkNamespace.create(pinnedAt: path, prepare: prepare)
    }
    return identity
}

/// Kills what is in the namespace until nothing is; gives the processes that would not end.
private func endProcesses(in namespace: NamespaceIdentity) throws -> [pid_t] {
    for _ in 0..<100 {
        let pids = try processes(in: namespace)
        if pids.isEmpty { return [] }
        for pid in pids { killProcess(pid, in: namespace) }
        sleepMilliseconds(10)
    }
    return try processes(in: namespace)
}
