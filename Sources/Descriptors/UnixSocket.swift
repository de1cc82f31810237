// Unix stream sockets: bytes, descriptors (SCM_RIGHTS) and what the kernel says about the peer.

import CLinux
import Glibc
import SystemPackage

/// What one recvmsg(2) brought.
public struct Received: Sendable {
    /// How many bytes were read; 0 is the end of the stream.
    public let count: Int
    /// Descriptors that came with the bytes, close-on-exec, in the order sent.
    public let descriptors: [SharedDescriptor]
    /// More descriptors were sent than are taken; the rest is closed already.
    public let descriptorsTruncated: Bool
}

/// Who is at the other end, as of its connect(2).
public struct PeerCredentials: Hashable, Sendable {
    public let pid: pid_t
    public let uid: uid_t
    public let gid: gid_t
    /// Supplementary groups (SO_PEERGROUPS).
    public let groups: [gid_t]
}

/// A connected Unix stream socket (unix(7)).
public struct UnixSocket: ~Copyable, Sendable {
    public let descriptor: Descriptor

    public init(_ descriptor: consuming Descriptor) {
        self.descriptor = descriptor
    }

    /// Gives the descriptor away without closing it.
    public consuming func release() -> CInt { descriptor.release() }

    /// Connects to a listening socket at `path`.
    public static func connect(to path: String) throws(SystemError) -> UnixSocket {
        UnixSocket(try Descriptor("connect", path) { unsafe clinux_unix_connect(path) })
    }

    /// Reads once into `bytes`; nil where a non-blocking socket has nothing.
    /// - Parameter closing: how descriptors that come are closed in the end.
    public func receive(
        into bytes: UnsafeMutableRawBufferPointer,
        closing: @escaping @Sendable (CInt) -> Void = { _ = Glibc.close($0) }
    ) throws(SystemError) -> Received? {
        var out = clinux_received()
        let count: Int
        do {
            count = try system("recvmsg") {
                unsafe clinux_receive(descriptor.raw, bytes.baseAddress, bytes.count, 0, &out)
            }
        } catch  where error.errno == .wouldBlock {
            return nil
        }
        var descriptors: [SharedDescriptor] = []
        for index in 0..<out.descriptorCount {
            let raw = unsafe withUnsafeBytes(of: &out.descriptors) {
                unsafe $0.load(fromByteOffset: index * 4, as: CInt.self)
            }
            descriptors.append(SharedDescriptor(Descriptor(owning: raw), closing: closing))
        }
        return Received(count: count, descriptors: descriptors, descriptorsTruncated: out.truncated)
    }

    /// Writes once, with descriptors for the other end; returns how many bytes went, nil where there is no room now.
    public func send(_ bytes: UnsafeRawBufferPointer, descriptors: [CInt] = []) throws(SystemError) -> Int? {
        do {
            return try system("sendmsg") {
                unsafe clinux_send(descriptor.raw, bytes.baseAddress, bytes.count, descriptors, descriptors.count)
            }
        } catch  where error.errno == .wouldBlock {
            return nil
        }
    }

    /// The process that connected: a pidfd (SO_PEERPIDFD), or where the kernel has none, of the process that has the
    /// pid now.
    public func peerProcess(pid: pid_t) throws(SystemError) -> Descriptor {
        let raw = clinux_peer_pidfd(descriptor.raw)
        if raw >= 0 { return Descriptor(owning: raw) }
        return try Descriptor("pidfd_open", "") { clinux_pidfd_open(pid) }
    }

    /// Ends both directions (shutdown(2)), whoever else holds the descriptor.
    public func shutDown() {
        _ = shutdown(descriptor.raw, CInt(SHUT_RDWR))
    }

    /// Who connected, from the kernel (SO_PEERCRED, SO_PEERGROUPS). Any failure is an error, never a default.
    public func peerCredentials() throws(SystemError) -> PeerCredentials {
        var pid: pid_t = -1
        var uid = uid_t.max
        var gid = gid_t.max
        try system("getsockopt", "SO_PEERCRED") { unsafe clinux_peer_credentials(descriptor.raw, &pid, &uid, &gid) }
        // (uid_t)-1 is what the kernel gives where it knows nobody.
        guard uid != uid_t.max, gid != gid_t.max else { throw SystemError(.notPermitted, "getsockopt", "SO_PEERCRED") }
        var room = 64
        while true {
            var groups = [gid_t](repeating: gid_t.max, count: room)
            var count = room
            do {
                try system("getsockopt", "SO_PEERGROUPS") { unsafe clinux_peer_groups(descriptor.raw, &groups, &count) }
                return PeerCredentials(pid: pid, uid: uid, gid: gid, groups: Array(groups.prefix(count)))
            } catch  where error.errno == .outOfRange && count > room && count <= 65536 {  // NGROUPS_MAX
                room = count
            }
        }
    }
}
