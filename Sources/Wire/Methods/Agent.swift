// agent.info, agent.check, rpc.discover: what the agent is and what it can do here.

public import JSON

public enum AgentInfo: Method {
    public static let name = "agent.info"
    public typealias Params = Nothing

    public struct Result: Codable, Sendable {
        /// The program's version, `0.1.0`.
        public let version: String
        /// The protocol's; within one number there are only additions.
        public let protocolVersion: Int
        /// Words for what was added since: a client asks for a word, not for a version.
        public let features: [String]
        public let limits: Limits
        /// Who the agent says the caller is.
        public let uid: UInt32
        public let user: String?

        public struct Limits: Codable, Sendable {
            /// Bytes in a line, newline not counted.
            public let lineBytes: Int
            /// Levels of `{` and `[`.
            public let depth: Int
            /// How long one line may take to arrive.
            public let lineMilliseconds: Int

            public init(lineBytes: Int, depth: Int, lineMilliseconds: Int) {
                self.lineBytes = lineBytes
                self.depth = depth
                self.lineMilliseconds = lineMilliseconds
            }
        }

        public init(
            version: String, protocolVersion: Int, features: [String], limits: Limits, uid: UInt32, user: String?
        ) {
            self.version = version
            self.protocolVersion = protocolVersion
            self.features = features
            self.limits = limits
            self.uid = uid
            self.user = user
        }
    }
}

public enum AgentCheck: Method {
    public static let name = "agent.check"
    public typealias Params = Nothing

    public struct Result: Codable, Sendable {
        public let kernel: String
        public let checks: [Check]

        public init(kernel: String, checks: [Check]) {
            self.kernel = kernel
            self.checks = checks
        }
    }

    /// One thing that this host can or cannot do.
    public struct Check: Codable, Sendable {
        /// `link kind vxlan`, `RTM_DELNSID`, `ping without privileges`.
        public let what: String
        public let works: Bool
        /// The kernel's option that is missing, `CONFIG_VXLAN`.
        public let missing: String?
        /// What an administrator can do about it.
        public let remedy: String?

        public init(what: String, works: Bool, missing: String? = nil, remedy: String? = nil) {
            self.what = what
            self.works = works
            self.missing = missing
            self.remedy = remedy
        }
    }
}

public enum RpcDiscover: Method {
    public static let name = "rpc.discover"
    public typealias Params = Nothing
    /// The OpenRPC document.
    public typealias Result = JSONValue
}
