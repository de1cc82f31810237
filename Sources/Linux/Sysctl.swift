// Kernel parameters of the calling thread's network namespace: files below /proc/sys/net (proc(5)).

import CLinux
public import Descriptors
import Glibc
import SystemPackage

/// A parameter's value, without its last newline. `path` is below /proc/sys: `["net", "ipv4", "ip_forward"]`.
/// Each element is one directory's entry; links and `..` lead nowhere (openat2(2), RESOLVE_BENEATH).
public func readSysctl(_ path: [String]) throws(SystemError) -> String {
    let file = try openSysctl(path, O_RDONLY)
    var bytes = try read(file, path.joined(separator: "."))
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
}

/// The running kernel's version, `6.1.0-18-amd64` (uname(2)).
public func kernelRelease() throws(SystemError) -> String { try readSysctl(["kernel", "osrelease"]) }

/// Sets a parameter in one write(2), which is how the kernel takes it. The newline makes an empty value one too.
public func writeSysctl(_ path: [String], _ value: String) throws(SystemError) {
    let file = try openSysctl(path, O_WRONLY)
    try write(Array((value + "\n").utf8), to: file, path.joined(separator: "."))
}

/// What is directly below a level (`["net", "ipv4"]`), in the kernel's order.
public func sysctlEntries(_ path: [String]) throws(SystemError) -> [(name: String, isLevel: Bool)] {
    let level = try openSysctl(path, O_RDONLY | O_DIRECTORY)
    return try directoryEntries(level, path.joined(separator: ".")).map { ($0.name, $0.isDirectory) }
}

private func openSysctl(_ path: [String], _ flags: CInt) throws(SystemError) -> Descriptor {
    let root = try Descriptor("open", "/proc/sys") {
        unsafe clinux_open("/proc/sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    }
    let name = path.joined(separator: "/")
    return try Descriptor("open", name) { unsafe clinux_open_beneath(root.raw, name, flags | O_CLOEXEC) }
}
