// The audit trail: one line for each request that changes something, whoever asked and whatever came of it.
//
// A line goes out (AuditOutput) and into the book of the user who asked, for log.list. Each user has an allowance of
// lines, so that one who floods neither fills the disk nor pushes out what others did; how many were left out is a
// line too. Books are bounded in lines and in number.

import Glibc
import JSON
import Linux
import Logging
import Wire

@EventLoop
final class Audit {
    /// Lines that may come at once, and that come back each second.
    static let burst = 1000
    static let perSecond = 2
    /// Lines remembered of a user, and users remembered.
    nonisolated static let mostLines = 500
    static let mostBooks = 256
    /// How long what was dropped may wait to be said.
    private static let dropMilliseconds = 10_000

    /// One user's. What is too much is dropped only now and then, so that a line costs the same whenever it comes.
    private final class Book {
        private var entries: [LogEntry] = []
        var allowance = TokenBucket()
        var dropped = 0
        var lastTime: Int64 { entries.last?.time ?? 0 }

        func append(_ entry: LogEntry) {
            entries.append(entry)
            if entries.count >= 2 * Audit.mostLines { entries = Array(newest) }
        }

        var newest: ArraySlice<LogEntry> { entries.suffix(Audit.mostLines) }
    }

    private struct Follower {
        let connection: Connection
        /// nil: everybody's.
        let filter: Filter
    }

    /// Whose lines are wanted.
    enum Filter {
        case everybody
        case owner(Owner)
        /// By account name or uid.
        case named(String)

        func takes(_ owner: Owner) -> Bool {
            switch self {
            case .everybody: true
            case .owner(let wanted): wanted == owner
            case .named(let text): owner.text == text || String(owner.uid) == text
            }
        }
    }

    private let output: AuditOutput
    private let file: String
    private let log: Logger
    private var books: [Owner: Book] = [:]
    private var followers: [ObjectIdentifier: Follower] = [:]

    /// - Parameter file: where the books are kept from one agent to the next.
    init(_ output: AuditOutput, keptIn file: String, _ log: Logger) {
        self.output = output
        self.file = file
        self.log = log
        readBooks()
    }

    /// Writes a request down once it has ended.
    func note(_ entry: LogEntry, of owner: Owner) {
        let book = book(of: owner)
        let now = monotonicMilliseconds()
        guard book.allowance.take(perSecond: Self.perSecond, burst: Self.burst, nowMilliseconds: now) == nil else {
            book.dropped += 1
            if book.dropped == 1 {
                Timer(afterMilliseconds: Self.dropMilliseconds) { [weak self] in self?.tellDropped(of: owner) }
            }
            return
        }
        write(entry, in: book, of: owner)
    }

    /// What was left out since it was last said.
    private func tellDropped(of owner: Owner) {
        guard let book = books[owner], book.dropped > 0 else { return }
        let entry = LogEntry(
            time: Int64(microseconds(CLOCK_REALTIME)), uid: owner.uid, user: owner.user, dropped: book.dropped)
        book.dropped = 0
        write(entry, in: book, of: owner)
    }

    private func write(_ entry: LogEntry, in book: Book, of owner: Owner) {
        output.write(entry)
        book.append(entry)
        for (key, follower) in followers where follower.filter.takes(owner) {
            guard let answer = try? Answer(LogEntry.name, entry) else { continue }
            if follower.connection.notify(answer) { continue }
            followers[key] = nil
            follower.connection.close()  // it does not read
        }
    }

    /// A user's, in place of whoever did nothing for the longest time where there are too many.
    private func book(of owner: Owner) -> Book {
        if let book = books[owner] { return book }
        if books.count >= Self.mostBooks, let quiet = books.min(by: { $0.value.lastTime < $1.value.lastTime }) {
            books[quiet.key] = nil
        }
        let book = Book()
        books[owner] = book
        return book
    }

    // MARK: Who reads

    /// In the order of time.
    func entries(_ filter: Filter) -> [LogEntry] {
        let wanted = books.filter { filter.takes($0.key) }.flatMap(\.value.newest)
        return wanted.sorted { $0.time < $1.time }
    }

    func follow(_ connection: Connection, _ filter: Filter) {
        followers[ObjectIdentifier(connection)] = Follower(connection: connection, filter: filter)
    }

    func unfollow(_ connection: Connection) {
        followers[ObjectIdentifier(connection)] = nil
    }

    // MARK: From one agent to the next

    /// Opens the output anew, for who has moved a file away.
    func reopen() { output.reopen() }

    /// What an agent that is killed had in its books is in the output alone.
    func end() {
        for owner in books.keys { tellDropped(of: owner) }
        do {
            let lines = try entries(.everybody).map { try JSONValue(encoding: $0).serialized() }
            try writeFileAtomically(file, Array(lines.joined(separator: [UInt8(ascii: "\n")])))
        } catch {
            log.warning("the log's latest lines are not kept for log.list", metadata: ["error": "\(error)"])
        }
    }

    private func readBooks() {
        guard let bytes = try? readFile(file, missingIsNil: true) else { return }
        removeFile(file)
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let entry = try? JSONValue.parse(line).decode(LogEntry.self) else { continue }
            book(of: Owner(uid: entry.uid, user: entry.user)).append(entry)
        }
    }
}
