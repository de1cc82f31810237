// socket.open: a socket of a namespace, opened by a worker that goes in for it, and passed to the caller.
//
// What the caller gets by it. A socket belongs to the namespace it was made in for good, so it reaches what a program
// there reaches and nothing else. A stream or datagram socket is what any program in the namespace can open itself. A
// packet socket takes CAP_NET_RAW to open, and once open it reads and sends any frame on the namespace's links: the
// caller's own. Every later privileged request (SO_MARK, SO_BINDTODEVICE, a port below the unprivileged ones, an ioctl
// that changes a link) is measured against the process that makes it, and the caller's has no capability here. The
// socket is made over to the caller's uid, or the kernel would take it for root's (SO_REUSEPORT, iptables -m owner,
// `ip rule uidrange`).
// An open socket keeps its namespace from ending, which goes on to count until the kernel reports the end. How many
// there can be is bounded by the caller's requests per second and RLIMIT_NOFILE, where each one is held; the agent
// keeps none once the reply is sent.

import CLinux
import Descriptors
import Glibc
import IPRoute
import Linux
import Netlink
import Wire

extension SocketOpen: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Result {
        let target = try await call.target(params.place)
        guard case .namespace = target else {
            throw WireError(
                .invalidParams,
                "params.netns: name a network namespace; the agent opens no socket in the host's network, for nobody")
        }
        let credentials = call.caller.credentials
        let socket = try await call.agent.kernel(target, for: call.owner) { place in
            let index = try params.dev.map { dev in try place.withNetlink { try $0.index(of: dev) } }
            let socket = try place.inside { try open(params.kind, params.family ?? .inet, boundTo: index) }
            try system("fchown", "socket") { fchown(socket.raw, credentials.uid, credentials.gid) }
            return socket
        }
        call.replyDescriptors = [socket]
        return Result(socketFileDescriptor: 0)
    }
}

private func open(_ kind: SocketKind, _ family: Family, boundTo link: Int32?) throws(SystemError) -> SharedDescriptor {
    let descriptor =
        switch kind {
        case .packet: try Descriptor("socket", "AF_PACKET") { clinux_packet_socket(link ?? 0) }
        case .stream: try internetSocket(family, SOCK_STREAM)
        case .datagram: try internetSocket(family, SOCK_DGRAM)
        }
    // The caller may make its close linger before the agent's own copy is closed.
    return SharedDescriptor(descriptor, closing: DescriptorCloser.close)
}

private func internetSocket(_ family: Family, _ type: __socket_type) throws(SystemError) -> Descriptor {
    try Descriptor("socket", family.rawValue) {
        socket(CInt(family.number), CInt(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }
}
