// The groups of the link layer that links listen to (packet(7), netdevice(7), proc(5)).

import CLinux
public import Descriptors
import Glibc
import SystemPackage

/// A file of /proc/net for the calling thread's network namespace; empty where the kernel has no such file.
public func networkFile(_ name: String) throws(SystemError) -> String {
    String(decoding: try readFile("/proc/thread-self/net/\(name)", missingIsNil: true) ?? [], as: UTF8.self)
}

/// A link of the calling thread's network namespace listens to a group of six bytes (SIOCADDMULTI), until it is told
/// to leave it as often. ENODEV where there is no such link.
public func joinGroup(_ address: [UInt8], on link: String) throws(SystemError) {
    try change(SIOCADDMULTI, "SIOCADDMULTI", address, link)
}

/// ENOENT where it was not told to listen to that group.
public func leaveGroup(_ address: [UInt8], on link: String) throws(SystemError) {
    try change(SIOCDELMULTI, "SIOCDELMULTI", address, link)
}

private func change(_ request: CInt, _ name: String, _ address: [UInt8], _ link: String) throws(SystemError) {
    precondition(address.count == 6)
    let type = CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
    let socket = try Descriptor("socket", link) { Glibc.socket(AF_INET, type, 0) }
    let raw = socket.raw
    try system(name, link) { unsafe clinux_multicast_address(raw, UInt(request), link, address) }
}
