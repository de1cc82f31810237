// What a program inherits where it is started in the usual way, read off the process that asks for it (proc(5)), and
// whether that process is confined in a way that a program started by somebody else would escape.

import CLinux
public import Descriptors
import Glibc
import SystemPackage

/// What of a process a program of its starting would have.
public struct ProcessTraits: Sendable {
    public var limits: [ResourceLimit] = []
    public var nice: CInt
    /// nil: the usual policy, or one that cannot be given to another process (SCHED_DEADLINE).
    public var scheduling: SpawnRequest.Scheduling?
    public var outOfMemoryScoreAdjustment: CInt?
    public var ignoredSignals: SignalSet
    public var loginUID: uid_t?
    /// Its cgroup's directory, where there is the one hierarchy of cgroups(7) version 2.
    public var cgroup: SharedDescriptor?
}

/// How a process is confined, in words for its user.
public struct Confinement: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}

extension ProcessTraits {
    /// Reads a process. What is read is its own as long as `process`, a pidfd of it, says that it lives.
    /// - Parameters:
    ///   - mountNamespaces: others than the reader's that are no confinement.
    ///   - userNamespace: one besides the reader's that is none, whatever mounts the process sees from there.
    public init(
        of pid: pid_t, _ process: SharedDescriptor, mountNamespaces: Set<NamespaceIdentity> = [],
        userNamespace: NamespaceIdentity? = nil
    ) throws {
        let status = try StatusFile(pid)
        try Self.refuseConfinement(pid, status, mountNamespaces, userNamespace)
        limits = try resourceLimits(of: pid)
        nice = try niceValue(of: pid)
        scheduling = try schedulingPolicy(of: pid)
        outOfMemoryScoreAdjustment = try firstLine("/proc/\(pid)/oom_score_adj").flatMap { CInt($0) }
        ignoredSignals = SignalSet(rawValue: UInt64(status["SigIgn"] ?? "", radix: 16) ?? 0)
        loginUID = try firstLine("/proc/\(pid)/loginuid").flatMap { uid_t($0) }
        cgroup = try cgroupDirectory(of: pid)
        try system("pidfd_send_signal", "pid \(pid)") { clinux_pidfd_send_signal(process.raw, 0) }
    }

    private static func refuseConfinement(
        _ pid: pid_t, _ status: StatusFile, _ mountNamespaces: Set<NamespaceIdentity>,
        _ userNamespace: NamespaceIdentity?
    ) throws {
        guard let seccomp = status["Seccomp"] else { throw Confinement(description: "its state cannot be read") }
        if seccomp != "0" { throw Confinement(description: "a system-call filter (seccomp) holds it") }
        let isInside =
            userNamespace != nil && NamespaceIdentity(ofPath: "/proc/\(pid)/ns/user") == userNamespace
        for (kind, words) in [("user", "a user namespace"), ("pid", "a pid namespace")]
        where !(isInside && kind == "user")
            && NamespaceIdentity(ofPath: "/proc/\(pid)/ns/\(kind)")
                != NamespaceIdentity(ofPath: "/proc/self/ns/\(kind)")
        {
            throw Confinement(description: "it is in \(words) of its own")
        }
        if isInside { return }
        let mounts = NamespaceIdentity(ofPath: "/proc/\(pid)/ns/mnt")
        let isOurs = mounts == NamespaceIdentity(ofPath: "/proc/self/ns/mnt")
        guard isOurs || mounts.map(mountNamespaces.contains) == true else {
            throw Confinement(description: "it is in a mount namespace of its own")
        }
        if isOurs && NamespaceIdentity(ofPath: "/proc/\(pid)/root") != NamespaceIdentity(ofPath: "/proc/self/root") {
            throw Confinement(description: "its root directory is not the system's (chroot)")
        }
    }
}

/// /proc/PID/status, a `Name:\tvalue` a line.
private struct StatusFile {
    private let fields: [Substring: Substring]

    init(_ pid: pid_t) throws(SystemError) {
        let text = String(decoding: try readFile("/proc/\(pid)/status") ?? [], as: UTF8.self)
        fields = Dictionary(
            text.split(separator: "\n").compactMap { line in
                line.firstIndex(of: ":").map { (line[..<$0], line[line.index(after: $0)...].drop { $0 == "\t" }) }
            }, uniquingKeysWith: { first, _ in first })
    }

    subscript(name: String) -> String? { fields[Substring(name)].map(String.init) }
}

/// /proc/PID/limits, which needs no capability where prlimit(2) of another's process does: a heading, then a line a
/// limit in the order of their numbers, its name in 26 columns, soft and hard in 21 each.
private func resourceLimits(of pid: pid_t) throws(SystemError) -> [ResourceLimit] {
    let text = String(decoding: try readFile("/proc/\(pid)/limits") ?? [], as: UTF8.self)
    let lines = text.split(separator: "\n").dropFirst()
    return zip(ResourceLimit.Resource.allCases, lines).compactMap { resource, line in
        let values = line.dropFirst(26).split(separator: " ").prefix(2).map { $0 == "unlimited" ? .max : UInt64($0) }
        guard values.count == 2, let soft = values[0], let hard = values[1] else { return nil }
        return ResourceLimit(resource, soft: soft, hard: hard)
    }
}

private func firstLine(_ path: String) throws(SystemError) -> String? {
    guard let bytes = try readFile(path, missingIsNil: true) else { return nil }
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
}

/// Field 19 of /proc/PID/stat; the second, the program's name, may hold anything, but the last `)` ends it.
private func niceValue(of pid: pid_t) throws(SystemError) -> CInt {
    statField(19, of: try firstLine("/proc/\(pid)/stat") ?? "").flatMap { CInt($0) } ?? 0
}

/// Fields 41 and 40, the policy's number and the real-time priority (sched(7)).
private func schedulingPolicy(of pid: pid_t) throws(SystemError) -> SpawnRequest.Scheduling? {
    let line = try firstLine("/proc/\(pid)/stat") ?? ""
    guard let policy = statField(41, of: line).flatMap({ CInt($0) }),
        let priority = statField(40, of: line).flatMap({ CInt($0) }),
        [1, 2, 3, 5].contains(policy)  // SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE (linux/sched.h)
    else { return nil }
    return SpawnRequest.Scheduling(policy: policy, priority: priority)
}

/// When a process started, in clock ticks after boot: with its pid it tells one process of a boot from all others. nil
/// where there is no such process.
public func startTime(of pid: pid_t) throws(SystemError) -> UInt64? {
    let line: String?
    do {
        line = try firstLine("/proc/\(pid)/stat")
    } catch  where error.errno == .noSuchProcess {  // it ended while it was read
        return nil
    }
    return line.flatMap { statField(22, of: $0) }.flatMap { UInt64($0) }
}

private func statField(_ number: Int, of line: String) -> Substring? {
    guard let end = line.lastIndex(of: ")") else { return nil }
    let fields = line[line.index(after: end)...].split(separator: " ")
    return fields.count > number - 3 ? fields[number - 3] : nil
}

private func cgroupDirectory(of pid: pid_t) throws(SystemError) -> SharedDescriptor? {
    // `0::/path` is version 2's line (cgroups(7)); its tree is at one of two places (systemd's hybrid layout).
    let text = String(decoding: try readFile("/proc/\(pid)/cgroup") ?? [], as: UTF8.self)
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return nil }
    let root = exists("/sys/fs/cgroup/cgroup.procs") ? "/sys/fs/cgroup" : "/sys/fs/cgroup/unified"
    let path = root + line.dropFirst(3)
    guard
        let directory = try? Descriptor(
            "open", path, { unsafe clinux_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) })
    else { return nil }
    return SharedDescriptor(directory)
}
