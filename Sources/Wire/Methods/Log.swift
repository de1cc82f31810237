// log.list: requests that change something, as the agent wrote them down.

public import IPRoute

/// A request that changes something, or how many of them were not written down. Texts have no control characters.
public struct LogEntry: Codable, Sendable, Equatable {
    public static let name = "log"

    /// Microseconds since 1970.
    public let time: Int64
    /// Who asked, as the kernel says.
    public let uid: UInt32
    public let user: String?
    /// Absent where `dropped` is there.
    public let method: String?
    /// The namespaces that it was about, each with its owner: `alice:server`.
    public let netns: [String]?
    /// What it was about in them: `eth0 10.0.0.1/24`.
    public let subject: String?
    /// `ok`, or the error's reason.
    public let outcome: String?
    /// How long it took.
    public let microseconds: Int64?
    /// So many of this user's were left out before this, because they came too fast.
    public let dropped: Int?

    public init(
        time: Int64, uid: UInt32, user: String?, method: String? = nil, netns: [String]? = nil, subject: String? = nil,
        outcome: String? = nil, microseconds: Int64? = nil, dropped: Int? = nil
    ) {
        self.time = time
        self.uid = uid
        self.user = user
        self.method = method
        self.netns = netns
        self.subject = subject
        self.outcome = outcome
        self.microseconds = microseconds
        self.dropped = dropped
    }
}

public enum LogList: Method {
    public static let name = "log.list"

    public struct Params: Parameters {
        /// The newest so many; without it, all that the agent remembers.
        public let lines: LineCount?
        /// Seconds since 1970: those from then on.
        public let since: Int64?
        /// Those of this user, by account name or uid. Without it: one's own, for root everybody's.
        public let user: String?
        /// Later ones come as notifications `log` on this connection.
        public let follow: Bool?

        public init(lines: LineCount? = nil, since: Int64? = nil, user: String? = nil, follow: Bool? = nil) {
            self.lines = lines
            self.since = since
            self.user = user
            self.follow = follow
        }
    }

    /// In the order in which they ended.
    public typealias Result = [LogEntry]
}

/// How many lines are wanted.
public struct LineCount: BoundedInteger {
    public static let range = 1...100_000
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
}
