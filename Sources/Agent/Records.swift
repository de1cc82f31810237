// The agent's memory across a restart: one small file a namespace, written before the kernel is asked and again after.
//
// Each file is replaced atomically and named by the namespace's id, which no other namespace of this boot has. What is
// inside a namespace is not written down: the kernel knows it.

import Descriptors
import JSON
import Linux
import SystemPackage
import Wire

/// A namespace as it is written down.
struct Record: Codable, Hashable, Sendable {
    let version: Version
    /// The boot it belongs to; no namespace outlives one.
    let boot: String
    let id: Int32
    let owner: Owner
    let name: NamespaceName
    /// What its pin is called; nil: as is usual for the owner and the name.
    let pin: String?
    /// What its pin was called until it was handed over: it may be there still.
    var formerPin: String?
    private(set) var state: Namespace.State
    /// Unknown while it is being made.
    private(set) var identity: NamespaceIdentity?
    let dns: DNSSettings?
    /// nil: no.
    let delegated: Bool?

    /// A newer agent's record is not guessed at.
    struct Version: Codable, Hashable, Sendable {
        static let current = 1

        init() {}

        init(from decoder: any Decoder) throws {
            let version = try decoder.singleValueContainer().decode(Int.self)
            guard version == Self.current else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "must be \(Self.current), not \(version)"))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(Self.current)
        }
    }

    init(
        boot: String, id: Int32, owner: Owner, name: NamespaceName, pin: String, state: Namespace.State,
        identity: NamespaceIdentity?, dns: DNSSettings? = nil, delegated: Bool
    ) {
        version = Version()
        self.boot = boot
        self.id = id
        self.owner = owner
        self.name = name
        self.pin = pin == owner.pinName(of: name) ? nil : pin
        self.state = state
        self.identity = identity
        self.dns = dns
        self.delegated = delegated ? true : nil
    }

    var pinName: String { pin ?? owner.pinName(of: name) }

    /// The same, settled.
    func with(_ state: Namespace.State, _ identity: NamespaceIdentity?) -> Record {
        var settled = self
        (settled.state, settled.identity, settled.formerPin) = (state, identity, nil)
        return settled
    }
}

/// The directory the records are in. Used from the worker threads: a file belongs to one namespace, and a namespace to
/// one user's queue.
struct Records: Sendable {
    let directory: String
    let boot: String

    /// Makes no directory.
    init(lookingAt directory: String) throws(SystemError) {
        self.directory = directory
        boot = try bootId()
    }

    /// Makes the directory where it is missing.
    init(directory: String) throws(SystemError) {
        try self.init(lookingAt: directory)
        try makeDirectories(directory, mode: 0o700)
    }

    private func path(_ id: Int32) -> String { "\(directory)/\(id).json" }

    func write(_ record: Record) throws {
        try writeFileAtomically(path(record.id), JSONValue(encoding: record).serialized())
    }

    func remove(_ id: Int32) {
        removeFile(path(id))
    }

    /// Every record of this boot that can be read, and what is the matter with the other files. Nothing is changed.
    func contents() throws -> (records: [Record], disagreements: [Disagreement]) {
        var records: [Record] = []
        var disagreements: [Disagreement] = []
        func add(_ kind: Disagreement.Kind, _ file: String, _ what: String, _ step: MendingStep) {
            disagreements.append(Disagreement(kind: kind, subject: file, what: what, steps: [step]))
        }
        for file in try filesInDirectory(directory, withSuffix: ".json.new") {
            // An agent that was killed while it wrote: what it meant to say was not said.
            let path = "\(directory)/\(file)"
            add(.unfinishedWrite, path, "writing it was not finished", .removeFile(path))
        }
        for file in try filesInDirectory(directory, withSuffix: ".json") {
            let path = "\(directory)/\(file)"
            do {
                let record = try JSONValue.parse((readFile(path) ?? [])[...]).decode(Record.self)
                guard file == "\(record.id).json" else {
                    throw JSONError(place: "id", message: "is \(record.id), not that of the file's name")
                }
                if record.boot == boot {
                    records.append(record)
                } else {
                    add(.earlierBoot, path, "its namespace ended with an earlier boot", .removeFile(path))
                }
            } catch let error as JSONError {
                add(.unreadableRecord, path, "the record cannot be read: \(error)", .setAside(file: path))
            }
        }
        return (records, disagreements)
    }
}
