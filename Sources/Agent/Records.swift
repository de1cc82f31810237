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
    let state: Namespace.State
    /// Unknown while it is being made.
    let identity: NamespaceIdentity?
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
        boot: String, id: Int32, owner: Owner, name: NamespaceName, state: Namespace.State,
        identity: NamespaceIdentity?, dns: DNSSettings? = nil, delegated: Bool
    ) {
        version = Version()
        self.boot = boot
        self.id = id
        self.owner = owner
        self.name = name
        self.state = state
        self.identity = identity
        self.dns = dns
        self.delegated = delegated ? true : nil
    }
}

/// The directory the records are in. Used from the worker threads: a file belongs to one namespace, and a namespace to
/// one user's queue.
struct Records: Sendable {
    let directory: String
    let boot: String

    /// Makes the directory where it is missing.
    init(directory: String) throws(SystemError) {
        self.directory = directory
        boot = try bootId()
        try makeDirectories(directory, mode: 0o700)
    }

    private func path(_ id: Int32) -> String { "\(directory)/\(id).json" }

    func write(_ record: Record) throws {
        try writeFileAtomically(path(record.id), JSONValue(encoding: record).serialized())
    }

    func remove(_ id: Int32) {
        removeFile(path(id))
    }

    /// Every record that can be read; those that cannot are put aside under another name and told to `setAside`.
    /// Those of an earlier boot are removed: their namespaces ended with it.
    func readAll(setAside: (_ path: String, _ why: String) -> Void) throws -> [Record] {
        var records: [Record] = []
        // An agent that was killed while it wrote: what it meant to say was not said.
        for file in try filesInDirectory(directory, withSuffix: ".json.new") { removeFile("\(directory)/\(file)") }
        for file in try filesInDirectory(directory, withSuffix: ".json") {
            let path = "\(directory)/\(file)"
            do {
                let bytes = try readFile(path) ?? []
                let record = try JSONValue.parse(bytes[...]).decode(Record.self)
                guard file == "\(record.id).json" else {
                    throw JSONError(place: "id", message: "is \(record.id), not that of the file's name")
                }
                if record.boot == boot { records.append(record) } else { removeFile(path) }
            } catch let error as JSONError {
                setAside(path, error.description)
                try renameFile(path, to: path + ".bad")
            }
        }
        return records
    }
}
