// What the agent gives up of root's power once it has started the process that starts programs.

import CLinux
public import Descriptors
import SystemPackage

/// Keeps what the agent's work needs and gives up the rest, for this process and all its threads. Call while there is
/// one thread. What is given up is not given up for netnsd-spawn, which runs already.
///
/// | kept | for |
/// | --- | --- |
/// | CAP_SYS_ADMIN | setns(2), unshare(2), mount(2) |
/// | CAP_NET_ADMIN, CAP_NET_RAW | rtnetlink(7), packet(7) |
/// | CAP_NET_BROADCAST | NETLINK_LISTEN_ALL_NSID |
/// | CAP_SYS_PTRACE | /proc/PID/ns of other people's processes |
/// | CAP_CHOWN | sockets handed over are made the user's |
/// | CAP_KILL | signals to people's programs |
public func dropPrivileges() throws(SystemError) {
    let kept = [
        CLINUX_CAP_SYS_ADMIN, CLINUX_CAP_NET_ADMIN, CLINUX_CAP_NET_RAW, CLINUX_CAP_NET_BROADCAST,
        CLINUX_CAP_SYS_PTRACE, CLINUX_CAP_CHOWN, CLINUX_CAP_KILL,
    ]
    try system("capset") { clinux_limit_capabilities(kept.reduce(0) { $0 | 1 << UInt64($1) }) }
    try system("prctl", "PR_SET_NO_NEW_PRIVS") { clinux_no_new_privileges() }
    try system("prctl", "PR_SET_DUMPABLE") { clinux_not_dumpable() }
    do {
        try system("seccomp") { clinux_filter_system_calls() }
    } catch where error.errno == .noFunction || error.errno == .invalidArgument {
        // A kernel or an architecture without filters: the rest holds.
    }
}
