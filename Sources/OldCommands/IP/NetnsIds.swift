// ip netns: the numbers by which one namespace calls another, and what comes and goes.

import NetnsClient

extension IP {
    // MARK: Ids

    func setId(_ given: Words) throws {
        var words = given
        guard let name = words.next() else { throw Failure("No netns name specified", code: 1) }
        guard let word = words.next() else { throw Failure("No nsid specified", code: 1) }
        var id: NamespaceNumber?
        if word != "auto" {
            id = number(word).flatMap(NamespaceNumber.init)
            if id == nil { throw Failure.invalid(word, "Invalid \"netnsid\" value") }
        }
        let absent = Failure("Cannot open network namespace \"\(name)\": No such file or directory", code: 1)
        guard let selector = NamespaceSelector(name) else { throw absent }
        let (place, descriptors) = try standing.place()
        do {
            try standing.agent().call(NetnsSet.self, .init(place, name: selector, nsid: id), descriptors: descriptors)
        } catch let refusal as WireError where refusal.isNoNamespace && refusal.quoted == name {
            throw absent
        }
    }

    func listIds(_ given: Words) throws {
        var words = given
        var (target, only): (Int32?, Int32?)
        while let word = words.next() {
            switch word {
            case "target-nsid": target = try namespaceId(words.value(), "target-nsid")
            case "nsid": only = try namespaceId(words.value(), "nsid")
            default: throw Failure.netnsUsage
            }
        }
        let here = try namespacesSeenFromHere()
        var listed = here.compactMap { info in info.nsid.map { (id: $0, current: Int32?.none, name: info.name) } }
        if let target {
            guard let there = here.first(where: { $0.nsid == target }) else {
                throw Failure("Error: Invalid target network namespace id.\nDump terminated", code: 1)
            }
            listed = try seen(from: there.name, here)
        }
        if let only {
            listed.removeAll { $0.id != only }
            if listed.isEmpty { throw Failure("Error: Peer netns reference is invalid.", code: 2) }
        }
        show { printer in
            for entry in listed.sorted(by: { $0.id < $1.id }) {
                printer.openObject()
                printer.number("nsid", entry.id, "nsid ")
                if target != nil { printer.currentId(entry.current) }
                // What has no id here has no name either, to iproute2.
                let isNamed = target == nil || entry.current != nil
                if isNamed, entry.name.name != .standard { printer.namespaceName(entry.name) }
                printer.text("\n")
                printer.closeObject()
            }
        }
    }

    /// What another namespace calls the others, and what this one calls the same.
    private func seen(
        from other: NamespaceSelector, _ here: [NamespaceInfo]
    ) throws -> [(id: Int32, current: Int32?, name: NamespaceSelector)] {
        let there = try standing.agent().call(NetnsList.self, .init(seenFrom: Place(other)))
        return there.compactMap { info in
            info.nsid.map { id in (id, here.first { $0.name == info.name }?.nsid, info.name) }
        }
    }

    private func namespaceId(_ word: String, _ keyword: String) throws -> Int32 {
        guard let id = number(word).flatMap(Int32.init(exactly:)) else {
            throw Failure.invalid(word, "\"\(keyword)\" value is invalid")
        }
        return id
    }

    // MARK: Coming and going

    func monitorNamespaces() throws {
        let agent = try standing.agent()
        try agent.call(EventSubscribe.self, .init(subjects: [.netns]))
        while true {
            let event = try agent.nextEvent()
            guard let name = event.netns, name.name != .standard else { continue }
            console.write("\(event.action == .deleted ? "delete" : "add") \(name)\n")
            console.flush()
        }
    }

    /// A namespace that netnsd did not make is nobody's here, and one that it made has its name.
    func attach(_ given: Words) throws {
        var words = given
        guard let name = words.next(), let pid = words.next() else {
            throw Failure("No netns name and PID specified", code: 1)
        }
        guard number(pid) != nil else { throw Failure("Invalid PID: \(pid)", code: 1) }
        if try namespaces().contains(where: { "\($0.name)" == name }) {
            throw Failure("Cannot create namespace file \"/run/netns/\(name)\": File exists", code: 1)
        }
        throw Failure(
            "Error: netnsd gives names to namespaces that it makes, not to that of process \(pid);"
                + " make one with ip netns add \(name).", code: 1)
    }
}

extension Printer {
    fileprivate func currentId(_ id: Int32?) {
        if let id {
            number("current-nsid", id, "current-nsid ")
        } else {
            text("current-nsid unassigned ")
        }
    }

    func namespaceName(_ name: NamespaceSelector) { string("name", "\(name)", "(iproute2 netns name: ", ")") }
}
