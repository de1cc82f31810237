// program.list, kill, attach: programs that netns.exec started.

public import IPRoute

/// A program of the caller's, running or ended and not asked about since.
public struct ProgramInfo: Codable, Sendable, Equatable {
    public let pid: Int32
    /// Where it was started. Absent: that namespace is gone.
    public let netns: NamespaceSelector?
    /// As it was started.
    public let argv: [String]
    /// It lives on without its client.
    public let detached: Bool
    /// Seconds since 1970.
    public let started: Int64
    public let running: Bool
    /// What it returned, 0 to 255.
    public let exitCode: Int32?
    /// The number of the signal that ended it (signal(7)).
    public let signal: Int32?

    public init(
        pid: Int32, netns: NamespaceSelector?, argv: [String], detached: Bool, started: Int64, running: Bool,
        exitCode: Int32? = nil, signal: Int32? = nil
    ) {
        self.pid = pid
        self.netns = netns
        self.argv = argv
        self.detached = detached
        self.started = started
        self.running = running
        self.exitCode = exitCode
        self.signal = signal
    }
}

public enum ProgramList: Method {
    public static let name = "program.list"

    public struct Params: Parameters {
        /// Those started in this namespace; without it, in all of the caller's.
        public let netns: NamespaceSelector?

        public init(netns: NamespaceSelector? = nil) {
            self.netns = netns
        }
    }

    /// In the order of their starts.
    public typealias Result = [ProgramInfo]
}

public enum ProgramKill: Method {
    public static let name = "program.kill"

    public struct Params: Parameters {
        public let target: Target
        /// signal(7); 15, SIGTERM, without.
        public let signal: SignalNumber?

        public enum Target: Sendable {
            /// One of the caller's programs, by `pid`.
            case program(Int32)
            /// All that were started in this namespace, `netns`.
            case namespace(NamespaceSelector)
        }

        public init(pid: Int32, signal: SignalNumber? = nil) {
            target = .program(pid)
            self.signal = signal
        }

        public init(netns: NamespaceSelector, signal: SignalNumber? = nil) {
            target = .namespace(netns)
            self.signal = signal
        }

        private enum CodingKeys: CodingKey { case pid, netns, signal }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let pid = try container.decodeIfPresent(Int32.self, forKey: .pid)
            let netns = try container.decodeIfPresent(NamespaceSelector.self, forKey: .netns)
            signal = try container.decodeIfPresent(SignalNumber.self, forKey: .signal)
            switch (pid, netns) {
            case (let pid?, nil): target = .program(pid)
            case (nil, let netns?): target = .namespace(netns)
            default:
                throw DecodingError.dataCorruptedError(
                    forKey: .pid, in: container, debugDescription: "must be given, or netns, and not both")
            }
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            switch target {
            case .program(let pid): try container.encode(pid, forKey: .pid)
            case .namespace(let netns): try container.encode(netns, forKey: .netns)
            }
            try container.encodeIfPresent(signal, forKey: .signal)
        }
    }

    public struct Result: Codable, Sendable, Equatable {
        /// Those that got the signal.
        public let pids: [Int32]

        public init(pids: [Int32]) {
            self.pids = pids
        }
    }
}

/// A signal that can be sent (signal(7)).
public struct SignalNumber: BoundedInteger {
    public static let range = 1...64
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
}

/// Takes a program over: from now on its end is told on this connection (`netns.exited`), and unless it is detached
/// it is hung up with it. One that has ended already is told at once and then forgotten.
public enum ProgramAttach: Method {
    public static let name = "program.attach"

    public struct Params: Parameters {
        public let pid: Int32

        public init(pid: Int32) {
            self.pid = pid
        }
    }

    public struct Result: Codable, Sendable {
        public let program: ProgramInfo
        /// Index into the reply's descriptors: a pidfd. Absent where the program has ended.
        public let pidFileDescriptor: Int?

        public init(program: ProgramInfo, pidFileDescriptor: Int?) {
            self.program = program
            self.pidFileDescriptor = pidFileDescriptor
        }
    }
}
