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

        private enum CodingKeys: CodingKey {
            case netns, argv, environment, stdinFileDescriptor, stdoutFileDescriptor, stderrFileDescriptor
            case workingDirectoryFileDescriptor, umask
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            func fail(_ key: CodingKeys, _ text: String) -> DecodingError {
                .dataCorruptedError(forKey: key, in: container, debugDescription: text)
            }
            netns = try container.decodeIfPresent(NamespaceSelector.self, forKey: .netns)
            argv = try container.decode([String].self, forKey: .argv)
            environment = try container.decode([String].self, forKey: .environment)
            stdinFileDescriptor = try container.decodeDescriptorIndex(forKey: .stdinFileDescriptor)
            stdoutFileDescriptor = try container.decodeDescriptorIndex(forKey: .stdoutFileDescriptor)
            stderrFileDescriptor = try container.decodeDescriptorIndex(forKey: .stderrFileDescriptor)
            workingDirectoryFileDescriptor = try container.decodeDescriptorIndex(
                forKey: .workingDirectoryFileDescriptor)
            umask = try container.decodeIfPresent(UInt32.self, forKey: .umask)

            if argv.isEmpty { throw fail(.argv, "must name a program") }
            // A variable may begin with anything but its `=` (environ(7)).
            if !environment.allSatisfy({ $0.utf8.dropFirst().contains(UInt8(ascii: "=")) && $0.utf8.first != 0x3D }) {
                throw fail(.environment, "must be of NAME=value each")
            }
            if let umask, umask > 0o777 { throw fail(.umask, "must be an integer from 0 to 511") }
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
