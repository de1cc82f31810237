// What netnsd-spawn is asked to start or to make, and the form in which it gets there.

import CLinux
public import Descriptors
import Glibc
import SystemPackage

/// One of setrlimit(2)'s limits, in the units given there; `UInt64.max` is RLIM_INFINITY.
public struct ResourceLimit: Hashable, Sendable {
    /// The numbers of asm-generic/resource.h.
    public enum Resource: UInt32, CaseIterable, Sendable {
        case cpuTime, fileSize, data, stack, core, residentSet, processes, openFiles
        case lockedMemory, addressSpace, fileLocks, pendingSignals, messageQueues, nice, realtimePriority, realtimeTime
    }

    public var resource: Resource
    public var soft: UInt64
    public var hard: UInt64

    public init(_ resource: Resource, soft: UInt64, hard: UInt64) {
        self.resource = resource
        self.soft = soft
        self.hard = hard
    }

    /// The limit a process has (prlimit(2)).
    public init(_ resource: Resource, of pid: pid_t) throws(SystemError) {
        var values: [UInt64] = [0, 0]
        try system("prlimit") { unsafe clinux_prlimit(pid, resource.rawValue, nil, &values) }
        self.init(resource, soft: values[0], hard: values[1])
    }
}

/// A set of signals, bit n-1 for signal n: the form of `SigIgn` in proc_pid_status(5).
public struct SignalSet: OptionSet, Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public init(signal: CInt) { self.init(rawValue: 1 << UInt64(signal - 1)) }
}

/// A program to be started. What is left out is as netnsd-spawn has it: root's defaults.
public struct SpawnRequest: Sendable {
    /// Whose program it is. The ids are the kernel's word about the peer, never the peer's.
    public struct Owner: Hashable, Sendable {
        public var uid: uid_t
        public var gid: gid_t
        /// Supplementary groups, NGROUPS_MAX (65536) at the most.
        public var groups: [gid_t]

        public init(uid: uid_t, gid: gid_t, groups: [gid_t]) {
            self.uid = uid
            self.gid = gid
            self.groups = groups
        }
    }

    /// sched(7); `priority` is 0 but for the real-time policies.
    public struct Scheduling: Hashable, Sendable {
        public var policy: CInt
        public var priority: CInt

        public init(policy: CInt, priority: CInt) {
            self.policy = policy
            self.priority = priority
        }
    }

    /// A file or directory that covers another in the program's mount namespace. Both paths are absolute and root's; a
    /// target that is a symbolic link is covered itself, so it may point nowhere.
    public struct Bind: Hashable, Sendable {
        public var source: String
        public var target: String

        public init(source: String, target: String) {
            self.source = source
            self.target = target
        }
    }

    /// Comes back in the events about this request; unique while the request is open.
    public var id: UInt64
    public var owner: Owner
    /// The file, where it is not `arguments[0]`. With a `/` it is a path; else the environment's PATH is searched.
    public var program: String?
    /// One at the least, bytes without NUL.
    public var arguments: [[UInt8]]
    /// `NAME=value`, bytes without NUL.
    public var environment: [[UInt8]]
    public var networkNamespace: SharedDescriptor
    /// The mount namespace that the program gets a copy of; nil: the spawner's. The agent may be in another one than
    /// people are (ProtectSystem= and its kin). It must belong to the initial user namespace: root works in it.
    public var mountNamespace: SharedDescriptor?
    /// The working directory, in that mount namespace (else EXDEV). It is entered with the owner's permissions.
    public var directory: SharedDescriptor
    /// nil: closed in the program.
    public var standardInput: SharedDescriptor?
    public var standardOutput: SharedDescriptor?
    public var standardError: SharedDescriptor?
    /// A cgroup v2 directory.
    public var cgroup: SharedDescriptor?
    public var binds: [Bind] = []
    /// `/sys` shows the devices of `networkNamespace`.
    public var hasOwnSysfs = true
    /// Standard input becomes the controlling terminal of the program's session.
    public var hasControllingTerminal = false
    /// A pipe's writing end, with `hasControllingTerminal`: the program gets a process group of its own under a keeper
    /// that leads the session, so that it can be stopped (SIGTSTP); each status that wait(2) gives of it, a native
    /// 32-bit integer, is written here. The pid in the events is the keeper's, which passes signals on and ends as the
    /// program does.
    public var waitStatuses: SharedDescriptor?
    public var umask: mode_t = 0o022
    public var limits: [ResourceLimit] = []
    public var nice: CInt?
    public var scheduling: Scheduling?
    /// proc_pid_oom_score_adj(5): -1000 to 1000.
    public var outOfMemoryScoreAdjustment: CInt?
    /// The audit login uid; ignored where the kernel has none.
    public var loginUID: uid_t?
    public var ignoredSignals: SignalSet = []
    /// Builds with NETNSD_FAULTS: the step that fails.
    var fault: SpawnStep?

    /// A request with the three standard descriptors closed.
    public init(
        id: UInt64, owner: Owner, arguments: [String], environment: [String], networkNamespace: SharedDescriptor,
        directory: SharedDescriptor
    ) {
        self.id = id
        self.owner = owner
        self.arguments = arguments.map { Array($0.utf8) }
        self.environment = environment.map { Array($0.utf8) }
        self.networkNamespace = networkNamespace
        self.directory = directory
    }
}

/// A network namespace to be made that belongs to a user namespace of its owner's (spawn_delegate.c).
public struct DelegateRequest: Sendable {
    /// Comes back in the event about this request; unique while the request is open.
    public var id: UInt64
    public var owner: SpawnRequest.Owner
    /// Those that the owner has; of a new user namespace, what is counted in it is held to the hard ones.
    public var limits: [ResourceLimit]
    /// The user namespace it is to belong to, the owner's; nil: a new one.
    public var userNamespace: SharedDescriptor?
    /// Builds with NETNSD_FAULTS: the step that fails.
    var fault: SpawnStep?

    /// The limits that the kernel takes over into a user namespace (user_namespaces(7), RLIMIT_* in ucounts).
    private static let counted: Set<ResourceLimit.Resource> = [
        .processes, .lockedMemory, .pendingSignals, .messageQueues,
    ]

    public init(
        id: UInt64, owner: SpawnRequest.Owner, limits: [ResourceLimit], userNamespace: SharedDescriptor?
    ) {
        self.id = id
        self.owner = owner
        self.limits = limits.filter { Self.counted.contains($0.resource) }
        self.userNamespace = userNamespace
    }

    func body() -> [UInt8] {
        var body = clinux_spawn_body()
        body.version = CLINUX_SPAWN_VERSION
        body.size = UInt32(MemoryLayout<clinux_spawn_body>.size)
        body.id = id
        body.uid = owner.uid
        body.gid = owner.gid
        body.fault = fault?.rawValue ?? 0
        var bytes = [UInt8](repeating: 0, count: MemoryLayout<clinux_spawn_body>.size)
        body.groups = bytes.appendRegion(owner.groups)
        body.limits = bytes.appendRegion(limits.map(\.forSpawner))
        unsafe withUnsafeBytes(of: body) { unsafe bytes.replaceSubrange(0..<$0.count, with: $0) }
        return bytes
    }
}

extension ResourceLimit {
    fileprivate var forSpawner: clinux_spawn_limit {
        clinux_spawn_limit(resource: resource.rawValue, reserved: 0, soft: soft, hard: hard)
    }
}

extension SpawnRequest {
    /// The descriptors that are there, after the body's, and a bit for each (clinux_spawn_datagram).
    var roles: (descriptors: [SharedDescriptor], bits: UInt32) {
        let all: [(Int, SharedDescriptor?)] = [
            (CLINUX_SPAWN_NETNS, networkNamespace), (CLINUX_SPAWN_DIRECTORY, directory),
            (CLINUX_SPAWN_STDIN, standardInput), (CLINUX_SPAWN_STDOUT, standardOutput),
            (CLINUX_SPAWN_STDERR, standardError), (CLINUX_SPAWN_CGROUP, cgroup),
            (CLINUX_SPAWN_MOUNTS, mountNamespace), (CLINUX_SPAWN_STATUSES, waitStatuses),
        ]
        let present = all.filter { $0.1 != nil }
        return (present.compactMap(\.1), present.reduce(1 << UInt32(CLINUX_SPAWN_BODY)) { $0 | 1 << UInt32($1.0) })
    }

    /// The body: a clinux_spawn_body and what its regions refer to. EINVAL for what has no form there: a NUL in a
    /// string, no argument; E2BIG for more than execve(2) could take.
    func body() throws(SystemError) -> [UInt8] {
        guard !arguments.isEmpty else { throw SystemError(.invalidArgument, "spawn", "no argument 0") }
        var body = fixedPart()
        var bytes = [UInt8](repeating: 0, count: MemoryLayout<clinux_spawn_body>.size)
        body.groups = bytes.appendRegion(owner.groups)
        body.limits = bytes.appendRegion(limits.map(\.forSpawner))
        body.program = try bytes.appendRegion(strings: program.map { [Array($0.utf8)] } ?? [], "program")
        body.arguments = try bytes.appendRegion(strings: arguments, "arguments")
        body.environment = try bytes.appendRegion(strings: environment, "environment")
        let paths = binds.flatMap { [Array($0.source.utf8), Array($0.target.utf8)] }
        body.binds = try bytes.appendRegion(strings: paths, "binds")
        guard bytes.count <= Int(CLINUX_SPAWN_MAX_BODY) else {
            throw SystemError(Errno(rawValue: E2BIG), "spawn", "arguments and environment")
        }
        unsafe withUnsafeBytes(of: body) { unsafe bytes.replaceSubrange(0..<$0.count, with: $0) }
        return bytes
    }

    private func fixedPart() -> clinux_spawn_body {
        var body = clinux_spawn_body()
        body.version = CLINUX_SPAWN_VERSION
        body.size = UInt32(MemoryLayout<clinux_spawn_body>.size)
        body.id = id
        body.uid = owner.uid
        body.gid = owner.gid
        body.umask = umask
        body.ignoredSignals = ignoredSignals.rawValue
        body.fault = fault?.rawValue ?? 0
        func flag(_ flag: Int, _ isSet: Bool) { if isSet { body.flags |= UInt32(flag) } }
        flag(CLINUX_SPAWN_SYSFS, hasOwnSysfs)
        flag(CLINUX_SPAWN_TERMINAL, hasControllingTerminal)
        flag(CLINUX_SPAWN_NICE, nice != nil)
        body.nice = nice ?? 0
        flag(CLINUX_SPAWN_SCHEDULER, scheduling != nil)
        body.policy = scheduling?.policy ?? 0
        body.priority = scheduling?.priority ?? 0
        flag(CLINUX_SPAWN_OOM, outOfMemoryScoreAdjustment != nil)
        body.oomScoreAdjustment = outOfMemoryScoreAdjustment ?? 0
        flag(CLINUX_SPAWN_LOGINUID, loginUID != nil)
        body.loginuid = loginUID ?? 0
        return body
    }
}

extension [UInt8] {
    /// Appends a region (clinux_spawn_region) of fixed-size entries.
    fileprivate mutating func appendRegion<Entry: BitwiseCopyable>(_ entries: [Entry]) -> clinux_spawn_region {
        let offset = alignedEnd()
        unsafe entries.withUnsafeBytes { unsafe append(contentsOf: $0) }
        return region(from: offset, entries.count)
    }

    /// Appends a region of NUL-terminated strings.
    fileprivate mutating func appendRegion(
        strings: [[UInt8]], _ subject: String
    ) throws(SystemError) -> clinux_spawn_region {
        let offset = alignedEnd()
        for (index, string) in strings.enumerated() {
            guard !string.contains(0) else {
                throw SystemError(.invalidArgument, "spawn", "\(subject)[\(index)] has a NUL in it")
            }
            append(contentsOf: string)
            append(0)
        }
        return region(from: offset, strings.count)
    }

    private mutating func alignedEnd() -> Int {
        append(contentsOf: repeatElement(0, count: (8 - count % 8) % 8))
        return count
    }

    private func region(from offset: Int, _ entries: Int) -> clinux_spawn_region {
        clinux_spawn_region(offset: UInt32(offset), length: UInt32(count - offset), count: UInt32(entries))
    }
}
