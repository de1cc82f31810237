// netns.exec: a program in a namespace, on descriptors the caller passes.

public enum NetnsExec: Method {
    public static let name = "netns.exec"

    public struct Params: Parameters {
        /// Without it, `default`.
        public let netns: NamespaceSelector?
        /// The program and its arguments; a name without `/` is looked for in the PATH of `environment`.
        public let argv: [String]
        /// `NAME=value`, and nothing else, is the program's environment.
        public let environment: [String]
        /// Indices into the line's descriptors.
        public let stdinFileDescriptor: Int
        public let stdoutFileDescriptor: Int
        public let stderrFileDescriptor: Int
        public let workingDirectoryFileDescriptor: Int
        /// File mode creation mask, 0 to 511; 18 (022) without.
        public let umask: UInt32?

        public init(
            netns: NamespaceSelector?, argv: [String], environment: [String], stdinFileDescriptor: Int,
            stdoutFileDescriptor: Int, stderrFileDescriptor: Int, workingDirectoryFileDescriptor: Int, umask: UInt32?
        ) {
            self.netns = netns
            self.argv = argv
            self.environment = environment
            self.stdinFileDescriptor = stdinFileDescriptor
            self.stdoutFileDescriptor = stdoutFileDescriptor
            self.stderrFileDescriptor = stderrFileDescriptor
            self.workingDirectoryFileDescriptor = workingDirectoryFileDescriptor
            self.umask = umask
        }

        public var descriptorIndices: [Int] {
            [stdinFileDescriptor, stdoutFileDescriptor, stderrFileDescriptor, workingDirectoryFileDescriptor]
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

/// Notification on the connection that started a program: it has ended.
public struct NetnsExited: Codable, Sendable {
    public static let name = "netns.exited"
    public let pid: Int32
    /// What it returned, 0 to 255; absent where a signal ended it.
    public let exitCode: Int32?
    /// The signal's number (signal(7)).
    public let signal: Int32?

    public init(pid: Int32, exitCode: Int32?, signal: Int32?) {
        self.pid = pid
        self.exitCode = exitCode
        self.signal = signal
    }
}
