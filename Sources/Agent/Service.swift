// The agent as a service of systemd's: sockets passed in (sd_listen_fds(3)) and words passed out (sd_notify(3)).
// Both are a line of text each, so no library is linked for them.

import CLinux
import Descriptors
import Glibc
import Linux
import SystemPackage

enum Service {
    /// The first descriptor passed (SD_LISTEN_FDS_START).
    private static let firstPassed: CInt = 3

    /// The listening socket systemd passed, if it passed one; more than one is an error.
    static func passedSocket() throws -> CInt? {
        guard environment("LISTEN_PID").flatMap(pid_t.init) == getpid(),
            let count = environment("LISTEN_FDS").flatMap(Int.init), count > 0
        else { return nil }
        guard count == 1 else { throw StartProblem("\(count) sockets were passed (LISTEN_FDS); one is needed") }
        var type: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        try system("getsockopt", "LISTEN_FDS") {
            unsafe getsockopt(firstPassed, SOL_SOCKET, SO_ACCEPTCONN, &type, &size)
        }
        guard type == 1 else { throw StartProblem("the socket that was passed (LISTEN_FDS) does not listen") }
        let flags = try system("fcntl", "F_GETFL") { clinux_fcntl(firstPassed, F_GETFL, 0) }
        try system("fcntl", "F_SETFL") { clinux_fcntl(firstPassed, F_SETFL, Int(flags | O_NONBLOCK)) }
        try system("fcntl", "F_SETFD") { clinux_fcntl(firstPassed, F_SETFD, Int(FD_CLOEXEC)) }
        return firstPassed
    }

    /// Half of what the watchdog allows (sd_watchdog_enabled(3)), in milliseconds; nil where there is none.
    static let watchdogMilliseconds: Int? = {
        guard environment("WATCHDOG_PID").map({ pid_t($0) == getpid() }) ?? true,
            let microseconds = environment("WATCHDOG_USEC").flatMap(Int.init), microseconds > 0
        else { return nil }
        return max(1, microseconds / 2000)
    }()

    /// Tells the service manager: `READY=1`, `STOPPING=1`, `WATCHDOG=1`, `STATUS=…`. Nobody listening is no error.
    static func notify(_ words: String) {
        guard let path = environment("NOTIFY_SOCKET"), !path.isEmpty else { return }
        _ = unsafe clinux_notify(path, words)
    }
}

/// Why the agent cannot start.
struct StartProblem: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A variable of this process's environment.
func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
}
