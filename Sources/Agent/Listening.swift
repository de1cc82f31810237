// The socket's path and the state directory belong to one agent at a time.

import CLinux
import Descriptors
import Glibc
import Linux
import SystemPackage

/// A listening socket at `path`. A socket file that nobody listens on is an earlier agent's and is replaced; one that
/// somebody answers at, or a file of another kind, is left alone.
func listenOnUnixSocket(_ path: String) throws -> Descriptor {
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
        try makeDirectories(String(path[..<slash]), mode: 0o755)
    }
    try removeAbandonedSocket(path)
    // Everybody may connect: what they may do is the policy's to say.
    return try Descriptor("bind", path) { unsafe clinux_unix_listen(path, 0o666, 128) }
}

private func removeAbandonedSocket(_ path: String) throws {
    guard exists(path) else { return }
    guard isSocket(path) else { throw StartProblem("\(path) is there and is not a socket; remove it") }
    guard try !somebodyListens(at: path) else { throw StartProblem("another agent listens at \(path)") }
    removeFile(path)
}

private func somebodyListens(at path: String) throws -> Bool {
    do {
        _ = try UnixSocket.connect(to: path)
        return true
    } catch  where error.errno == .connectionRefused {
        return false
    }
}

/// Takes the state directory for this process, as long as the descriptor is held (flock(2)).
func lockStateDirectory(_ directory: String) throws -> SharedDescriptor {
    try makeDirectories(directory, mode: 0o700)
    let path = directory + "/lock"
    let lock = SharedDescriptor(try openLock(path))
    guard try takeLock(lock) else { throw StartProblem("another agent uses \(directory)") }
    return lock
}

/// A file can be locked that cannot be written to (flock(2)): a state directory that has become read-only keeps no agent
/// from serving what there is.
private func openLock(_ path: String) throws(SystemError) -> Descriptor {
    do {
        return try Descriptor("open", path) { unsafe clinux_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
    } catch  where error.errno == .readOnlyFileSystem {
        return try Descriptor("open", path) { unsafe clinux_open(path, O_RDONLY | O_CLOEXEC, 0) }
    }
}

private func takeLock(_ lock: SharedDescriptor) throws(SystemError) -> Bool {
    do {
        try system("flock", "state directory") { clinux_lock_file(lock.raw) }
        return true
    } catch  where error.errno == .wouldBlock {
        return false
    }
}

/// As many descriptors as the system lets the agent have: each client takes one. Gives how many.
func raiseDescriptorLimit() -> Int {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    var raised = limit
    raised.rlim_cur = limit.rlim_max
    if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
    return Int(clamping: limit.rlim_cur)
}
