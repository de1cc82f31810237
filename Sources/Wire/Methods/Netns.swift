// netns.add, list, get, delete: network namespaces.

/// A network namespace of the caller's; `name` and `id` are the keys of `ip -j netns`.
public struct NamespaceInfo: Codable, Sendable {
    /// As the caller names it: `server`, or for root `alice:server`.
    public let name: NamespaceSelector
    /// The host's id for it (ip-netns(8), `list-id`); no two of a boot share one.
    public let id: Int32
    public let uid: UInt32
    /// The owner's account name.
    public let user: String?
    /// `deleted`: its name is gone, but something still holds it, so it counts.
    public let state: State

    public enum State: String, Codable, Sendable, CaseIterable { case live, deleted }

    public init(name: NamespaceSelector, id: Int32, uid: UInt32, user: String?, state: State) {
        self.name = name
        self.id = id
        self.uid = uid
        self.user = user
        self.state = state
    }
}

public enum NetnsAdd: Method {
    public static let name = "netns.add"

    public struct Params: Parameters {
        public let name: NamespaceSelector
        /// Leave `lo` down; it is up otherwise.
        public let loopbackDown: Bool?

        public init(name: NamespaceSelector, loopbackDown: Bool? = nil) {
            self.name = name
            self.loopbackDown = loopbackDown
        }
    }

    public typealias Result = NamespaceInfo
}

public enum NetnsList: Method {
    public static let name = "netns.list"

    public struct Params: Parameters {
        /// Those of all users; root's alone to ask.
        public let allUsers: Bool?

        public init(allUsers: Bool? = nil) {
            self.allUsers = allUsers
        }
    }

    public typealias Result = [NamespaceInfo]
}

public enum NetnsGet: Method {
    public static let name = "netns.get"

    public struct Params: Parameters {
        public let name: NamespaceSelector

        public init(name: NamespaceSelector) {
            self.name = name
        }
    }

    public struct Result: Codable, Sendable {
        public let name: NamespaceSelector
        public let id: Int32
        public let uid: UInt32
        public let user: String?
        /// The number that `ls -l /proc/PID/ns/net` shows.
        public let inode: UInt64
        /// Processes in it.
        public let pids: [Int32]

        public init(name: NamespaceSelector, id: Int32, uid: UInt32, user: String?, inode: UInt64, pids: [Int32]) {
            self.name = name
            self.id = id
            self.uid = uid
            self.user = user
            self.inode = inode
            self.pids = pids
        }
    }
}

public enum NetnsDelete: Method {
    public static let name = "netns.delete"

    public struct Params: Parameters {
        public let name: NamespaceSelector
        /// Kill the programs that run in it (SIGKILL) instead of refusing.
        public let kill: Bool?

        public init(name: NamespaceSelector, kill: Bool? = nil) {
            self.name = name
            self.kill = kill
        }
    }

    public typealias Result = Nothing
}
