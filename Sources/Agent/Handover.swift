// A namespace gets another owner: the record says so first, then the pin gets the new owner's name. What is in the
// namespace does not notice.

import Descriptors
import Linux
import Netlink
import SystemPackage
import Wire

extension Agent {
    /// - Returns: the namespace as it is now. Where it cannot be done, all is as it was.
    func handOver(_ namespace: Namespace, to owner: Owner) async throws -> Namespace {
        if owner == namespace.owner { return namespace }
        guard !namespace.isDelegated else {
            throw WireError(
                .unsupported,
                "\"\(namespace.name)\" is delegated: it belongs to a user namespace of its owner's for good")
        }
        guard namespace.state == .live, let identity = namespace.identity else {
            throw WireError(.busy, "\"\(namespace.name)\" is being made or deleted by another request; try again")
        }
        guard registry.namespace(of: owner, named: namespace.name) == nil else {
            throw WireError(.alreadyExists, "\(owner.text) has a network namespace \"\(namespace.name)\" already")
        }
        let isTaken = registry.namespace(pinnedAs: owner.pinName(of: namespace.name)) != nil
        let heir = Namespace(
            id: namespace.id, owner: owner, name: namespace.name,
            pinName: owner.pinName(of: namespace.name, besideAnother: isTaken), isDelegated: false,
            identity: identity, state: .live, usage: namespace.usage)
        heir.dns = namespace.dns
        namespace.state = .deleting
        registry.keepName(heir.name, for: owner, namespace)
        do {
            try await movePin(of: namespace, identity, to: heir)
        } catch {
            registry.giveUpName(heir.name, for: owner)
            if namespace.state == .deleting { namespace.state = .live }
            throw error
        }
        guard registry.namespace(withId: namespace.id) === namespace else {
            registry.giveUpName(heir.name, for: owner)
            throw WireError(.notFound, "the network namespace \"\(heir.name)\" has ended")
        }
        registry.remove(namespace)
        registry.add(heir)
        events.publish(.init(.deleted, .netns), of: namespace)
        events.publish(.init(.added, .netns), of: heir)
        registry.forgetIfIdle(namespace.owner)
        return heir
    }

    /// In the turn of the old owner, so that nothing that was asked before finds the old pin gone.
    private func movePin(of namespace: Namespace, _ identity: NamespaceIdentity, to heir: Namespace) async throws {
        let place = kernelPlace(of: namespace)
        let done = record(of: heir)
        let (old, new) = (Self.pinPath(namespace.pinName), Self.pinPath(heir.pinName))
        // The pin may still have another name.
        var moving = done
        moving.formerPin = namespace.pinName
        let intent = moving
        let undone = record(of: namespace, state: .live)
        do {
            try await workers.run(for: namespace.owner.uid) { [records] in
                _ = try place.open()
                let pids = try processes(in: identity)
                if !pids.isEmpty { throw WireError.namespaceBusy(heir.name, pids) }
                do {
                    try records.write(intent)
                    try NetworkNamespace.movePin(old, to: new)
                } catch {
                    try? records.write(undone)
                    throw error
                }
                try records.write(done)
            }
        } catch let error as SystemError where error.errno == .fileExists && error.subject == new {
            throw WireError(.alreadyExists, "\(new) is there already and is not the agent's; remove it first")
        }
    }
}
