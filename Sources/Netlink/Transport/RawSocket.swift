// A netlink socket below any conversation: opening, options, whole datagrams out and in.

import CLinux
import CMnl
import Descriptors
import Glibc
import SystemPackage

/// An rtnetlink socket in the network namespace the calling thread was in when it was opened; it stays there.
struct RawSocket: ~Copyable, Sendable {
    let descriptor: Descriptor
    /// Our address, chosen by the kernel: a second socket of the process must not collide with the first.
    let port: UInt32

    /// SOL_NETLINK (linux/socket.h, not in the exported headers).
    private static let level: CInt = 270

    init(nonBlocking: Bool) throws(NetlinkError) {
        let type = SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue | (nonBlocking ? SOCK_NONBLOCK.rawValue : 0)
        do {
            let descriptor = try Descriptor("socket", "NETLINK_ROUTE") { socket(AF_NETLINK, CInt(type), NETLINK_ROUTE) }
            port = try Self.bind(descriptor.raw)
            self.descriptor = descriptor
        } catch {
            throw NetlinkError(error)
        }
    }

    private static func bind(_ fd: CInt) throws(SystemError) -> UInt32 {
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
        try unsafe withUnsafeMutablePointer(to: &address) { (address) throws(SystemError) in
            let generic = unsafe UnsafeMutableRawPointer(address).assumingMemoryBound(to: sockaddr.self)
            try system("bind", "NETLINK_ROUTE") { unsafe Glibc.bind(fd, generic, length) }
            try system("getsockname", "NETLINK_ROUTE") { unsafe getsockname(fd, generic, &length) }
        }
        return address.nl_pid
    }

    /// An option of netlink(7).
    func setOption(_ option: CInt, _ name: String, _ value: CInt) throws(NetlinkError) {
        try setOption(Self.level, option, name, value)
    }

    /// An option of socket(7).
    func setOption<Value: BitwiseCopyable>(
        _ level: CInt, _ option: CInt, _ name: String, _ value: Value
    ) throws(NetlinkError) {
        do {
            try system("setsockopt", name) {
                unsafe withUnsafeBytes(of: value) {
                    unsafe setsockopt(descriptor.raw, level, option, $0.baseAddress, socklen_t($0.count))
                }
            }
        } catch {
            throw NetlinkError(error)
        }
    }

    /// Room for what the kernel sends before we read it, in bytes. Beyond net.core.rmem_max where we may.
    func setReceiveBuffer(byteCount: CInt) throws(NetlinkError) {
        do {
            try setOption(SOL_SOCKET, SO_RCVBUFFORCE, "SO_RCVBUFFORCE", byteCount)
        } catch  where error.errno == .notPermitted {
            try setOption(SOL_SOCKET, SO_RCVBUF, "SO_RCVBUF", byteCount)
        }
    }

    func send(_ bytes: [UInt8]) throws(NetlinkError) {
        let sent: Int
        do {
            // An unconnected netlink socket sends to the kernel.
            sent = try system("send") { unsafe Glibc.send(descriptor.raw, bytes, bytes.count, 0) }
        } catch {
            throw NetlinkError(error)
        }
        guard sent == bytes.count else { throw NetlinkError(.messageTooLong, "send") }
    }

    /// A datagram from the kernel.
    struct Datagram {
        let bytes: [UInt8]
        /// Which namespace a notification is about (NETLINK_LISTEN_ALL_NSID); nil is the socket's own.
        let namespaceId: Int32?
    }

    /// The kernel packs a dump as tightly as the largest buffer it was offered, up to this (netlink_recvmsg()).
    private static let usualByteCount = 32768

    /// The next whole datagram, however long; one that did not come from the kernel is passed over.
    /// EAGAIN when there is none in time, ENOBUFS when the kernel had to drop some.
    func receive() throws(NetlinkError) -> Datagram {
        while true {
            var bytes: [UInt8] = []
            let length = try receive(into: &bytes, CInt(MSG_PEEK | MSG_TRUNC)).count
            bytes = [UInt8](repeating: 0, count: max(length, Self.usualByteCount))
            let (count, info) = try receive(into: &bytes, 0)
            guard info.senderPort == 0 else { continue }  // another process may write to our port; it is not heard
            guard !info.payloadTruncated else { throw NetlinkError(.messageTooLong, "recvmsg") }
            bytes.removeLast(bytes.count - count)
            return Datagram(bytes: bytes, namespaceId: info.namespaceId < 0 ? nil : info.namespaceId)
        }
    }

    private func receive(
        into bytes: inout [UInt8], _ flags: CInt
    ) throws(NetlinkError) -> (count: Int, info: clinux_received) {
        var info = clinux_received()
        do {
            let count = try system("recvmsg") {
                unsafe clinux_receive(descriptor.raw, &bytes, bytes.count, flags, &info)
            }
            return (count, info)
        } catch {
            throw NetlinkError(error)
        }
    }
}
