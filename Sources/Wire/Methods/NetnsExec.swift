// netns.exec: a program in a namespace, on descriptors the caller passes.

public import IPRoute

public enum NetnsExec: Method {
    public static let name = "netns.exec"

    public struct Params: Parameters {
        /// Without it, `default`.
        public var netns: NamespaceSelector?
        public var argv: ProgramArguments
        /// It, and NETNSD_NAMESPACE, the namespace's name, is the program's environment.
        public var environment: [EnvironmentVariable]
        /// Indices into the line's descriptors. What is left out is closed in the program.
        public var stdinFileDescriptor: DescriptorIndex?
        public var stdoutFileDescriptor: DescriptorIndex?
        public var stderrFileDescriptor: DescriptorIndex?
        public var workingDirectoryFileDescriptor: DescriptorIndex
        /// 18 (022) without.
        public var umask: FileModeMask?
        /// Standard input is a terminal that no session has yet (the far end of a pty): it becomes the program's
        /// controlling terminal.
        public var controllingTerminal: Bool?
        /// A pipe's writing end, with `controllingTerminal`: the program gets a process group of its own, so that it
        /// can be stopped (SIGTSTP), and each status that wait(2) gives of it, a native 32-bit integer, is written
        /// here. The pid in the result is that of its keeper, which leads the session, passes signals on and ends as
        /// the program does. Without it the program leads the session and the kernel discards SIGTSTP.
        public var waitStatusFileDescriptor: DescriptorIndex?
        /// The program lives on when the connection ends; otherwise it is hung up (SIGHUP, SIGTERM, SIGKILL).
        public var detach: Bool?
        /// In the program's /etc/hosts stand the addresses of the caller's namespaces under their names.
        public var hostNames: Bool?

        public init(
            netns: NamespaceSelector?, argv: ProgramArguments, environment: [EnvironmentVariable],
            workingDirectoryFileDescriptor: DescriptorIndex
        ) {
            self.netns = netns
            self.argv = argv
            self.environment = environment
            self.workingDirectoryFileDescriptor = workingDirectoryFileDescriptor
        }

        public var descriptorIndices: [DescriptorIndex] {
            [stdinFileDescriptor, stdoutFileDescriptor, stderrFileDescriptor, waitStatusFileDescriptor].compactMap {
                $0
            }
                + [workingDirectoryFileDescriptor]
        }
    }

    public struct Result: Codable, Sendable {
        public let pid: Int32
        /// Index into the reply's descriptors: a pidfd (pidfd_open(2)), for signals and for waiting.
        public let pidFileDescriptor: Int

        public init(pid: Int32, pidFileDescriptor: Int) {
            self.pid = pid
            self.pidFileDescriptor = pidFileDescriptor
        }
    }
}

/// A program and its arguments: one word at least, and that not empty. A program without `/` is looked for in the
/// PATH of its environment.
public struct ProgramArguments: Hashable, Sendable, Codable {
    public let words: [String]

    public init?(_ words: [String]) {
        guard words.first?.isEmpty == false else { return nil }
        self.words = words
    }

    public init(from decoder: any Decoder) throws {
        guard let value = ProgramArguments(try decoder.singleValueContainer().decode([String].self)) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "must name a program"))
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(words)
    }
}

/// `NAME=value` (environ(7)).
public struct EnvironmentVariable: TextValue {
    public let text: String
    public var description: String { text }
    public static let rule = "must be NAME=value"

    public init?(_ text: String) {
        // A name may begin with anything but the `=`.
        guard text.utf8.first != UInt8(ascii: "="), text.utf8.dropFirst().contains(UInt8(ascii: "=")) else {
            return nil
        }
        self.text = text
    }
}

/// umask(2): the permission bits that new files do not get.
public struct FileModeMask: BoundedInteger {
    public static let range = 0...0o777
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
}

/// Notification on the connection that started a program: it has ended.
public struct NetnsExited: Codable, Sendable {
    public static let name = "netns.exited"
    public let pid: Int32
    /// What it returned, 0 to 255. Neither this nor `signal`: it ended unseen, while no agent ran.
    public let exitCode: Int32?
    /// The number of the signal that ended it (signal(7)).
    public let signal: Int32?

    public init(pid: Int32, exitCode: Int32?, signal: Int32?) {
        self.pid = pid
        self.exitCode = exitCode
        self.signal = signal
    }
}
