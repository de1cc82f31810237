// ip netns: network namespaces made, deleted, listed, named, and programs run in them.

import CLinux
import Glibc
import NetnsClient

extension IP {
    func netns(_ given: Words) throws {
        var words = given
        guard let command = words.next() else { return try listNamespaces(words) }
        if !all, let name = words.first, isInvalid(name) { throw Failure("Invalid netns name \"\(name)\"", code: 255) }
        if command.begins("list", "show") || command == "lst" {
            try listNamespaces(words)
        } else if command.begins("list-id") {
            try listIds(words)
        } else if command.begins("help") {
            throw Failure.netnsUsage
        } else if command.begins("add") {
            try addNamespace(words)
        } else if command.begins("set") {
            try setId(words)
        } else if command.begins("delete") {
            try deleteNamespaces(words)
        } else if command.begins("identify") {
            try identify(words)
        } else if command.begins("pids") {
            try listProcesses(words)
        } else if command.begins("exec") {
            try execute(words)
        } else if command.begins("monitor") {
            try monitorNamespaces()
        } else if command.begins("attach") {
            try attach(words)
        } else {
            throw Failure.unknownCommand(command, of: "netns")
        }
    }

    /// What iproute2 takes for no file name.
    private func isInvalid(_ name: String) -> Bool {
        name.isEmpty || name.contains("/") || name.utf8.count > 255 || name == "." || name == ".."
    }

    private func selector(_ name: String) throws -> NamespaceSelector {
        guard let selector = NamespaceSelector(name) else { throw Failure("Invalid netns name \"\(name)\"", code: 255) }
        return selector
    }

    // MARK: Listing

    /// The caller's, the newest first as in the directory that iproute2 reads. `default` is left out: it is to the
    /// caller what the host is to root.
    func namespaces() throws -> [NamespaceInfo] {
        try namespacesSeenFromHere().filter { $0.state == .live && $0.name.name != .standard }.sorted { $0.id > $1.id }
    }

    /// All of the caller's, with what the namespace where this command acts calls them.
    func namespacesSeenFromHere() throws -> [NamespaceInfo] {
        let (place, descriptors) = try standing.place()
        return try standing.agent().call(NetnsList.self, .init(seenFrom: place), descriptors: descriptors)
    }

    private func listNamespaces(_ words: Words) throws {
        let namespaces = try namespaces()
        show { printer in
            for namespace in namespaces {
                printer.openObject()
                printer.string("name", "\(namespace.name)", "", "")
                if let id = namespace.nsid { printer.number("id", id, " (id: ", ")") }
                printer.text("\n")
                printer.closeObject()
            }
        }
    }

    // MARK: Making and deleting

    private func addNamespace(_ given: Words) throws {
        var words = given
        guard let name = words.next() else { throw Failure("No netns name specified", code: 1) }
        do {
            // `lo` is down in a namespace that `ip netns add` makes.
            try standing.agent().call(NetnsAdd.self, .init(name: selector(name), loopbackDown: true))
        } catch let refusal as WireError {
            let cause = refusal.reason == .alreadyExists ? errnoText(EEXIST) : refusal.cause
            throw Failure("Cannot create namespace file \"/run/netns/\(name)\": \(cause)", code: 1)
        }
    }

    private func deleteNamespaces(_ given: Words) throws {
        if all {
            for namespace in try namespaces() { try delete(namespace.name) }
            return
        }
        var words = given
        guard let name = words.next() else { throw Failure("No netns name specified", code: 1) }
        try delete(selector(name))
    }

    /// Programs that run in it go on, as with `ip netns delete`; it is gone when they are.
    private func delete(_ name: NamespaceSelector) throws {
        do {
            try standing.agent().call(NetnsDelete.self, .init(name: name, leaveRunning: true))
        } catch let refusal as WireError {
            let cause = refusal.isNoNamespace ? errnoText(ENOENT) : refusal.cause
            throw Failure("Cannot remove namespace file \"/run/netns/\(name)\": \(cause)", code: 1)
        }
    }

    // MARK: Processes

    private func identify(_ given: Words) throws {
        var words = given
        let word = words.next() ?? "self"
        guard word == "self" || number(word) != nil else {
            throw Failure("Specified string '\(word)' is not a pid", code: 1)
        }
        let name = try namespace(ofProcess: number(word), among: namespaces())
        console.write((name.map { "\($0)" } ?? "") + "\n")
    }

    /// Which of these namespaces a process is in; nil is this process. Another user's process cannot be looked at.
    func namespace(ofProcess pid: Int?, among known: [NamespaceInfo]) throws -> NamespaceSelector? {
        let path = "/proc/\(pid.map(String.init) ?? "self")/ns/net"
        guard let target = link(at: path) else {
            // The first process is on the host, which for the caller is `default`.
            return pid == 1 ? NamespaceSelector(.standard) : nil
        }
        let agent = try standing.agent()
        let pending = try known.map { try agent.send(NetnsGet.self, .init(name: $0.name)) }
        let found = pending.compactMap { try? agent.receive($0).result }
        return found.first { target == "net:[\($0.inode)]" }?.name
    }

    private func link(at path: String) -> String? {
        var room = [CChar](repeating: 0, count: 256)
        let count = unsafe room.withUnsafeMutableBufferPointer { unsafe readlink(path, $0.baseAddress!, $0.count) }
        return count > 0 ? String(decoding: room[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }

    private func listProcesses(_ given: Words) throws {
        var words = given
        guard let name = words.next() else { throw Failure("No netns name specified", code: 1) }
        do {
            for pid in try standing.agent().call(NetnsGet.self, .init(name: selector(name))).pids {
                console.write("\(pid)\n")
            }
        } catch let refusal as WireError where refusal.isNoNamespace {
            throw Failure("Cannot open network namespace: No such file or directory", code: 1)
        }
    }

    // MARK: Running

    private func execute(_ given: Words) throws {
        var words = given
        if all {
            if words.isEmpty { throw Failure("No command specified", code: 1) }
            for namespace in try namespaces() {
                console.write("\nnetns: \(namespace.name)\n")
                console.flush()
                _ = try run(words.all, in: namespace.name)
            }
            return
        }
        guard let name = words.next() else { throw Failure("No netns name specified", code: 1) }
        if words.isEmpty { throw Failure("No command specified", code: 1) }
        console.flush()
        switch try run(words.all, in: selector(name)) {
        case .exited(0): return
        case .exited(let code): throw Failure(nil, code: code)
        // In a shell `ip netns exec` is the program itself: it ends by the signal.
        case .signalled(let number): clinux_die_of(number)
        }
    }

    private func run(_ command: [String], in name: NamespaceSelector) throws -> ProgramEnd {
        do {
            return try standing.agent().run(command, in: name).end
        } catch let refusal as WireError {
            if refusal.isNoNamespace { throw Failure.noNamespace("\(name)") }
            guard refusal.details.operation == "execve" else { throw refusal }
            throw Failure("exec of \"\(command[0])\" failed: \(refusal.cause)", code: 1)
        }
    }
}

extension Failure {
    static let netnsUsage = Failure(
        """
        Usage: ip netns [ list ]
               ip netns list-id [ target-nsid NUMBER ] [ nsid NUMBER ]
               ip netns monitor
               ip netns add NAME
               ip netns set NAME { auto | NUMBER }
               ip [-all] netns delete [ NAME ]
               ip netns identify [ PID ]
               ip netns pids NAME
               ip [-all] netns exec [ NAME ] COMMAND…
        """, code: 255)
}
