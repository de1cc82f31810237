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
    func listen() throws(SystemError) -> Descriptor {
        // Everybody may connect: what they may do is the policy's to say.
        try Descriptor("bind", path) { unsafe clinux_unix_listen(path, 0o666, 128) }
    }
    do {
        return try listen()
    } catch where error.errno == .addressInUse {
        guard isSocket(path) else { throw StartProblem("\(path) is there and is not a socket; remove it") }
        do {
            _ = try UnixSocket.connect(to: path)
            throw StartProblem("another agent listens at \(path)")
        } catch let error as SystemError where error.errno == .connectionRefused {
            removeFile(path)
            return try listen()
        }
    }
}

/// Held as long as the agent runs (flock(2)).
struct StateLock: ~Copyable {
    private let file: Descriptor

    init(_ directory: String) throws {
        try makeDirectories(directory, mode: 0o700)
        let path = directory + "/lock"
        file = try Descriptor("open", path) { unsafe clinux_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
        do {
            let raw = file.raw
            try system("flock", path) { flock(raw, LOCK_EX | LOCK_NB) }
        } catch where error.errno == .wouldBlock {
            throw StartProblem("another agent uses \(directory)")
        }
    }
}

/// As many descriptors as the system lets the agent have: each client takes one.
func raiseDescriptorLimit() {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
