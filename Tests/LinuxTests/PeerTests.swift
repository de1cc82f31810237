// Who is at the other end: what cannot be had from the kernel is an error, never somebody.

import Descriptors
import Glibc
import SystemPackage
import Testing

@Suite struct PeerTests {
    @Test func aSocketNobodyConnectedToHasNoPeer() throws {
        let socket = UnixSocket(
            try Descriptor("socket") { Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0) })
        // SO_PEERCRED says uid -1 then, and succeeds (unix(7)): that is not to be taken for a person.
        #expect(throws: SystemError(.notPermitted, "getsockopt", "SO_PEERCRED")) { try socket.peerCredentials() }
    }

    @Test func whatIsNoSocketHasNoPeer() throws {
        let file = UnixSocket(try Descriptor("open") { open("/dev/null", O_RDONLY) })
        #expect(throws: SystemError.self) { try file.peerCredentials() }
    }

    @Test func aPairsPeerIsThisProcess() throws {
        var ends: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let far = Descriptor(owning: ends[1])
        let near = UnixSocket(Descriptor(owning: ends[0]))
        let credentials = try near.peerCredentials()
        #expect(credentials.pid == getpid() && credentials.uid == getuid() && credentials.gid == getgid())
        _ = consume far
    }
}
