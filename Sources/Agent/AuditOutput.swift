// Where audit lines go: a file, the journal, or the agent's own log.
//
// `--audit PATH` is a file of JSON lines. It is never more than two times `mostBytes` on the disk: a full one becomes
// PATH.1 in place of the one before. SIGHUP opens it anew, for logrotate(8). Without it the lines go to the journal,
// where the service's output goes there (JOURNAL_STREAM), in fields of their own (systemd.journal-fields(7)); and
// else among the agent's other lines. It is an option and no key of the policy: like the socket's path it is about the
// agent, and not about what people may do.

import CLinux
import Descriptors
import Glibc
import JSON
import Linux
import Logging
import SystemPackage
import Wire

@EventLoop
final class AuditOutput {
    /// Where journald takes datagrams (systemd's "Native Journal Protocol").
    private static let journalSocket = "/run/systemd/journal/socket"
    static let mostBytes = 16 << 20

    private enum Way {
        case file(AuditFile)
        case journal
        case log
    }

    private let way: Way
    private let log: Logger
    private var isFailing = false

    /// - Throws: where the file cannot be opened.
    init(file: String?, _ log: Logger) throws {
        self.log = log
        if let file {
            way = .file(try AuditFile(file))
        } else if environment("JOURNAL_STREAM") != nil && isSocket(Self.journalSocket) {
            way = .journal
        } else {
            way = .log
        }
    }

    /// What cannot be written is said once, until it works again: a full disk stops nobody's work.
    func write(_ entry: LogEntry) {
        do {
            switch way {
            case .file(let file): try file.append(JSONValue(encoding: entry).serialized())
            case .journal:
                let sent = unsafe clinux_notify(Self.journalSocket, entry.journalFields)
                try system("sendto", Self.journalSocket) { sent }
            case .log: log.notice("audit", metadata: entry.metadata)
            }
            isFailing = false
        } catch {
            if !isFailing { log.error("audit lines cannot be written", metadata: ["error": "\(error)"]) }
            isFailing = true
        }
    }

    func reopen() {
        guard case .file(let file) = way else { return }
        do {
            try file.reopen()
        } catch {
            log.error("the audit file cannot be opened anew; the old one is used", metadata: ["error": "\(error)"])
        }
    }
}

/// A file that lines are added to.
@EventLoop
private final class AuditFile {
    private let path: String
    private var descriptor: SharedDescriptor
    private var size: Int

    init(_ path: String) throws {
        self.path = path
        (descriptor, size) = try Self.open(path)
    }

    func append(_ line: [UInt8]) throws {
        if size + line.count >= AuditOutput.mostBytes {
            try renameFile(path, to: path + ".1")
            try reopen()
        }
        // One write(2): the line is there whole or not at all, but for a disk that is full.
        try Linux.write(line + [UInt8(ascii: "\n")], to: descriptor, path)
        size += line.count + 1
    }

    func reopen() throws {
        (descriptor, size) = try Self.open(path)
    }

    private static func open(_ path: String) throws -> (SharedDescriptor, size: Int) {
        let file = try Descriptor("open", path) {
            unsafe clinux_open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o640)
        }
        let raw = file.raw
        var status = stat()
        try system("fstat", path) { unsafe fstat(raw, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw StartProblem("\(path) is no regular file") }
        return (SharedDescriptor(file), Int(status.st_size))
    }
}

extension LogEntry {
    /// Name and value of all there is.
    private var parts: [(name: String, value: String)] {
        let all: [(String, String?)] = [
            ("uid", "\(uid)"), ("user", user), ("method", method), ("netns", netns?.joined(separator: " ")),
            ("subject", subject), ("outcome", outcome), ("microseconds", microseconds.map { "\($0)" }),
            ("dropped", dropped.map { "\($0)" }),
        ]
        return all.compactMap { name, value in value.map { (name, $0) } }
    }

    fileprivate var metadata: Logger.Metadata {
        Dictionary(uniqueKeysWithValues: parts.map { ($0.name, "\($0.value)") })
    }

    /// Lines `NAME=value`; no value has a newline. Priority 5 is notice (syslog(3)).
    var journalFields: String {
        let sentence =
            dropped.map { "audit: \($0) lines of \(user ?? "uid \(uid)") left out" }
            ?? "audit: "
            + parts.filter { $0.name != "uid" || user == nil }.map(\.value).joined(separator: " ") + " µs"
        return "MESSAGE=\(sentence)\nPRIORITY=5\nSYSLOG_IDENTIFIER=netnsd\n"
            + parts.map { "NETNSD_\($0.name.uppercased())=\($0.value)\n" }.joined()
    }
}
