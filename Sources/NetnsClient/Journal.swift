// A program's output into the journal (sd_journal_stream_fd(3)): a stream socket, a heading of seven lines, then text.

public import Descriptors

/// Where journald takes streams (systemd-journald.service(8)).
public let standardJournalSocket = "/run/systemd/journal/stdout"

/// Opens a stream to the journal: each line written to it becomes an entry under `identifier`.
/// - Throws: ENOENT or ECONNREFUSED where no journald listens.
public func openJournalStream(
    identifier: String, socket path: String = standardJournalSocket
) throws -> Descriptor {
    let socket = try UnixSocket.connect(to: path)
    let name = identifier.filter { $0 != "\n" }
    // Identifier, unit, priority 6 (info), no level prefix in the lines, nothing forwarded.
    let heading = Array("\(name)\n\n6\n0\n0\n0\n0\n".utf8)
    _ = try unsafe heading.withUnsafeBytes { unsafe try socket.send($0) }
    return Descriptor(owning: socket.release())
}
