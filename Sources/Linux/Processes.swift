// Processes: who is in a namespace, and ending them without mistaking one for another.

import CLinux
public import Descriptors
import Glibc
import SystemPackage

/// The processes whose network namespace this is, by a look at each one's /proc/PID/ns/net (proc(5)).
public func processes(in namespace: NamespaceIdentity) throws(SystemError) -> [pid_t] {
    try filesInDirectory("/proc").compactMap { name in
        guard let pid = pid_t(name), networkNamespace(of: pid) == namespace else { return nil }
        return pid
    }
}

/// Which network namespace a process is in; nil where there is no such process.
public func networkNamespace(of pid: pid_t) -> NamespaceIdentity? {
    NamespaceIdentity(ofPath: "/proc/\(pid)/ns/net")
}

/// Ends a process with SIGKILL if it is in the namespace still. The pidfd (pidfd_open(2)) keeps its number from being
/// another's between the look and the signal.
public func killProcess(_ pid: pid_t, in namespace: NamespaceIdentity) {
    guard let process = try? Descriptor("pidfd_open", "", { clinux_pidfd_open(pid) }),
        networkNamespace(of: pid) == namespace
    else { return }  // it is gone or has left: nothing to end
    _ = clinux_pidfd_send_signal(process.raw, SIGKILL)
}

/// This boot's id: what was written down in another boot says nothing of this one (proc(5), random/boot_id).
public func bootId() throws(SystemError) -> String {
    try readSysctl(["kernel", "random", "boot_id"])
}

/// A pidfd (pidfd_open(2)).
public func openProcess(_ pid: pid_t) throws(SystemError) -> SharedDescriptor {
    SharedDescriptor(try Descriptor("pidfd_open", "") { clinux_pidfd_open(pid) })
}

/// Signals the process a pidfd is of; false where it is gone.
@discardableResult
public func sendSignal(_ signal: CInt, to process: SharedDescriptor) -> Bool {
    clinux_pidfd_send_signal(process.raw, signal) == 0
}

/// Signals the process group that the process leads; before Linux 6.9 the process alone.
public func sendSignal(_ signal: CInt, toGroupOf process: SharedDescriptor) {
    if clinux_pidfd_signal_group(process.raw, signal) != 0 { sendSignal(signal, to: process) }
}

/// How the process a pidfd is of ended, once somebody has waited for it (PIDFD_GET_INFO, Linux 6.15); nil where the
/// kernel does not say.
public func exitStatus(of process: SharedDescriptor) -> ProgramEnd? {
    var status: CInt = 0
    guard unsafe clinux_pidfd_exit_status(process.raw, &status) == 0 else { return nil }
    return ProgramEnd(waitStatus: status)
}
