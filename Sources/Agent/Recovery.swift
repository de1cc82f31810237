// After a start: what is written down, what is pinned and what the kernel knows are brought together.
//
// | written down  | pinned, same id | not pinned, id lives      | gone   |
// | creating      | undone          | undone (nothing holds it) | undone |
// | live          | live            | deleted: counts on        | forgotten |
// | deleting      | finished        | deleted                   | forgotten |
// | deleted       | finished        | deleted                   | forgotten |
// | nothing       | live: its id is of the agent's range, its pin names the owner (the record was lost)

import Descriptors
import Glibc
import Linux
import Logging
import Netlink
import SystemPackage
import Wire

extension Agent {
    /// Runs before anything else is served.
    func recover() throws {
        let living = try namespaceWatch.livingIds()
        registry.skipIds(living)
        var pins = try pinnedNamespaces()
        let recorded = try records.readAll { path, why in
            log.error("a record cannot be read and is set aside", metadata: ["file": "\(path).bad", "why": "\(why)"])
        }
        for record in recorded {
            let namespace = Namespace(
                id: record.id, owner: record.owner, name: record.name, isDelegated: record.delegated == true,
                identity: record.identity, state: record.state, usage: nil)
            namespace.dns = record.dns
            let pin = pins[namespace.pinName].flatMap { $0.id == record.id ? $0 : nil }
            if pin != nil { pins[namespace.pinName] = nil }
            try settle(namespace, pin, isLiving: living.contains(record.id))
        }
        for (name, pin) in pins where pin.id >= Registry.firstId && registry.namespace(withId: pin.id) == nil {
            try adopt(name, pin)
        }
        log.info("ready", metadata: ["namespaces": "\(registry.all.count)"])
    }

    private struct Pin {
        let id: Int32
        let identity: NamespaceIdentity
        let isDelegated: Bool
    }

    /// What is pinned and has an id of the agent's, by the pin's name.
    private func pinnedNamespaces() throws -> [String: Pin] {
        let host = try NetlinkSocket()
        var pins: [String: Pin] = [:]
        for name in try filesInDirectory(Self.pinDirectory) {
            // Whatever is no namespace is somebody else's.
            guard let namespace = try? NetworkNamespace.open(Self.pinPath(name)),
                let id = try host.namespaceId(of: namespace.descriptor.raw), id >= Registry.firstId
            else { continue }
            let isDelegated = try UserNamespace(owning: namespace).identity() != UserNamespace.own
            pins[name] = Pin(id: id, identity: try namespace.identity(), isDelegated: isDelegated)
        }
        return pins
    }

    private func settle(_ namespace: Namespace, _ pin: Pin?, isLiving: Bool) throws {
        let path = Self.pinPath(namespace.pinName)
        switch (namespace.state, pin) {
        case (.live, let pin?):
            namespace.identity = pin.identity
            registry.add(namespace)
            return
        case (_, .some):
            try NetworkNamespace.unpin(path)
        case (_, nil):
            removeLeftoverPin(namespace.pinName)
        }
        if namespace.state == .creating || !isLiving {
            log.notice("a namespace is gone", metadata: ["netns": "\(namespace.pinName)", "was": "\(namespace.state)"])
            records.remove(namespace.id)
        } else {
            namespace.state = .deleted
            registry.add(namespace)
            try records.write(record(of: namespace))
        }
    }

    /// A namespace of the agent's whose record is lost: its pin says whose it is.
    private func adopt(_ pinName: String, _ pin: Pin) throws {
        guard let selector = NamespaceSelector(pinName) else { return }
        let owner: Owner
        if let text = selector.owner {
            guard let uid = account(named: text)?.uid ?? uid_t(text) else {
                log.error("nobody owns a namespace any more", metadata: ["netns": "\(pinName)"])
                return
            }
            owner = Owner(uid: uid, user: uid_t(text) == nil ? text : nil)
        } else {
            owner = .root
        }
        let namespace = Namespace(
            id: pin.id, owner: owner, name: selector.name, isDelegated: pin.isDelegated, identity: pin.identity,
            state: .live, usage: nil)
        registry.add(namespace)
        try records.write(record(of: namespace))
        log.notice("a namespace without a record is taken back", metadata: ["netns": "\(pinName)"])
    }
}
