// netns.add, list, get, set, delete, enter: network namespaces.

public import IPRoute

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
    /// It belongs to a user namespace of the owner's, who enters it without the agent (`netns.enter`).
    public let delegated: Bool
    /// What the namespace that the request names calls this one (ip-netns(8), `list-id`), where it has an id for it.
    public let nsid: Int32?
    /// Its owner's account is not there any more, or has another uid: nobody's but root's to deal with. Only in root's
    /// list of all.
    public let setAside: Bool?

    public enum State: String, Codable, Sendable, CaseIterable { case live, deleted }

    public init(
        name: NamespaceSelector, id: Int32, uid: UInt32, user: String?, state: State, delegated: Bool,
        nsid: Int32? = nil, setAside: Bool? = nil
    ) {
        self.setAside = setAside
        self.name = name
        self.id = id
        self.uid = uid
        self.user = user
        self.state = state
        self.delegated = delegated
        self.nsid = nsid
    }
}

public enum NetnsAdd: Method {
    public static let name = "netns.add"

    public struct Params: Parameters {
        public let name: NamespaceSelector
        /// Leave `lo` down; it is up otherwise.
        public let loopbackDown: Bool?
        /// Give the caller the capabilities over it, where the policy allows that.
        public let delegate: Bool?

        public init(name: NamespaceSelector, loopbackDown: Bool? = nil, delegate: Bool? = nil) {
            self.name = name
            self.loopbackDown = loopbackDown
            self.delegate = delegate
        }
    }

    public typealias Result = NamespaceInfo
}

public enum NetnsList: Method {
    public static let name = "netns.list"

    public struct Params: Parameters {
        /// Those of all users; root's alone to ask.
        public let allUsers: Bool?
        /// Of those of all users, only what is set aside.
        public let setAside: Bool?
        /// Give the ids that this namespace has for them.
        public let place: Place?

        private enum CodingKeys: CodingKey { case allUsers, setAside, netns, netnsFileDescriptor }

        public init(allUsers: Bool? = nil, setAside: Bool? = nil, seenFrom place: Place? = nil) {
            self.allUsers = allUsers
            self.setAside = setAside
            self.place = place
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            allUsers = try container.decodeIfPresent(Bool.self, forKey: .allUsers)
            setAside = try container.decodeIfPresent(Bool.self, forKey: .setAside)
            let place = try Place(from: decoder)
            self.place = place == Place(nil) ? nil : place
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeIfPresent(allUsers, forKey: .allUsers)
            try container.encodeIfPresent(setAside, forKey: .setAside)
            try place?.encode(to: encoder)
        }

        public var descriptorIndices: [DescriptorIndex] { place?.descriptorIndices ?? [] }
    }

    public typealias Result = [NamespaceInfo]
}

/// A number by which one namespace calls another (ip-netns(8), `set`).
public struct NamespaceNumber: BoundedInteger {
    public static let range = 0...0x7FFF_FFFF
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
}

public enum NetnsSet: Method {
    public static let name = "netns.set"

    public struct Params: Parameters {
        /// Whose name it is for.
        public let place: Place
        /// Which namespace is to be called so.
        public let name: NamespaceSelector
        /// Without it the kernel takes the first free.
        public let nsid: NamespaceNumber?

        private enum CodingKeys: CodingKey { case name, nsid }

        public init(_ place: Place, name: NamespaceSelector, nsid: NamespaceNumber? = nil) {
            self.place = place
            self.name = name
            self.nsid = nsid
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            place = try Place(from: decoder)
            name = try container.decode(NamespaceSelector.self, forKey: .name)
            nsid = try container.decodeIfPresent(NamespaceNumber.self, forKey: .nsid)
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try place.encode(to: encoder)
            try container.encode(name, forKey: .name)
            try container.encodeIfPresent(nsid, forKey: .nsid)
        }

        public var descriptorIndices: [DescriptorIndex] { place.descriptorIndices }
    }

    public typealias Result = Nothing
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
        /// Take its name away and let them run on, as `ip netns delete` does: it ends, and stops counting, with them.
        public let leaveRunning: Bool?

        private enum CodingKeys: CodingKey { case name, kill, leaveRunning }

        public init(name: NamespaceSelector, kill: Bool? = nil, leaveRunning: Bool? = nil) {
            self.name = name
            self.kill = kill
            self.leaveRunning = leaveRunning
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            name = try container.decode(NamespaceSelector.self, forKey: .name)
            kill = try container.decodeIfPresent(Bool.self, forKey: .kill)
            leaveRunning = try container.decodeIfPresent(Bool.self, forKey: .leaveRunning)
            if kill != nil && leaveRunning != nil {
                throw DecodingError.dataCorruptedError(
                    forKey: .leaveRunning, in: container, debugDescription: "excludes kill")
            }
        }
    }

    public typealias Result = Nothing
}

/// Gives a namespace to another owner, as chown(1) does a file: root's alone to ask.
public enum NetnsChown: Method {
    public static let name = "netns.chown"

    public struct Params: Parameters {
        public let name: NamespaceSelector
        /// An account's name or a uid.
        public let user: String

        public init(name: NamespaceSelector, user: String) {
            self.name = name
            self.user = user
        }
    }

    /// As it is now.
    public typealias Result = NamespaceInfo
}

/// What it takes to enter a delegated namespace of one's own: setns(2) to the user namespace, then to the network
/// namespace, from a process with one thread.
public enum NetnsEnter: Method {
    public static let name = "netns.enter"

    public struct Params: Parameters {
        public let netns: NamespaceSelector
        /// In the namespace's /etc/hosts stand the addresses of the caller's namespaces under their names.
        public let hostNames: Bool?

        public init(netns: NamespaceSelector, hostNames: Bool? = nil) {
            self.netns = netns
            self.hostNames = hostNames
        }
    }

    public struct Result: Codable, Sendable {
        /// Indices into the reply's descriptors.
        public let netnsFileDescriptor: Int
        public let userNamespaceFileDescriptor: Int
        /// What is to cover files of the host's /etc.
        public let files: [File]

        public init(netnsFileDescriptor: Int, userNamespaceFileDescriptor: Int, files: [File]) {
            self.netnsFileDescriptor = netnsFileDescriptor
            self.userNamespaceFileDescriptor = userNamespaceFileDescriptor
            self.files = files
        }
    }

    public struct File: Codable, Sendable {
        /// `/etc/resolv.conf`, `/etc/hosts`, …
        public let path: String
        /// Index into the reply's descriptors: a file, open for reading, whose content belongs there.
        public let contentFileDescriptor: Int

        public init(path: String, contentFileDescriptor: Int) {
            self.path = path
            self.contentFileDescriptor = contentFileDescriptor
        }
    }
}
