// The conversation with the kernel: requests out, replies matched to them by sequence number.
//
// Every request asks for an ack, so every request ends with exactly one NLMSG_ERROR (0 is success); what came before
// it with the same sequence number is its answer. A dump ends with NLMSG_DONE instead. A reply with another number is
// left over from a request that was given up, and is passed over.

import CMnl
import Descriptors
import Glibc
import Synchronization
import SystemPackage

/// An rtnetlink(7) socket. It belongs to the network namespace its opener's thread was in and may be used from any
/// thread; one exchange runs at a time. While it is open the namespace cannot end.
public struct NetlinkSocket: ~Copyable, Sendable {
    let socket: RawSocket
    /// The last sequence number used; its lock is held through an exchange.
    private let lastSequence: Mutex<UInt32>

    /// How long the kernel may be silent within an exchange.
    private static let timeoutSeconds = 10
    private static let receiveBufferByteCount: CInt = 1 << 20
    /// How many requests go out before their acks are read: the acks must fit the receive buffer.
    private static let batchCount = 128
    /// How often recvmsg(2) is tried for a reply.
    private static let receiveAttempts = 2
    /// How often a dump that was overtaken by changes is begun again.
    private static let dumpAttempts = 16

    /// Opens a socket in the calling thread's network namespace.
    public init() throws(NetlinkError) {
        let socket = try RawSocket(nonBlocking: false)
        try socket.setReceiveBuffer(byteCount: Self.receiveBufferByteCount)
        let timeout = timeval(tv_sec: Self.timeoutSeconds, tv_usec: 0)
        try socket.setOption(SOL_SOCKET, SO_RCVTIMEO, "SO_RCVTIMEO", timeout)
        // Linux 4.12, 4.3 and 4.20: the kernel's own words, without our request quoted back; filters taken seriously.
        try socket.setOption(NETLINK_EXT_ACK, "NETLINK_EXT_ACK", 1)
        try socket.setOption(NETLINK_CAP_ACK, "NETLINK_CAP_ACK", 1)
        try socket.setOption(NETLINK_GET_STRICT_CHK, "NETLINK_GET_STRICT_CHK", 1)
        self.socket = socket
        lastSequence = Mutex(0)
    }

    /// The descriptor; reading from it would steal replies.
    public var fd: CInt { socket.descriptor.raw }

    /// Sends one request and gives its answers: none for most, one for a GET.
    @discardableResult
    func request(_ message: NetlinkMessage) throws(NetlinkError) -> [NetlinkReply] {
        try transact([message])[0].get()
    }

    /// Sends several requests at once; each succeeds or fails on its own, in order. Throws only where the
    /// conversation itself broke: then it is not known which of them the kernel carried out.
    func transact(_ messages: [NetlinkMessage]) throws(NetlinkError) -> [Result<[NetlinkReply], NetlinkError>] {
        for case let defect? in messages.map(\.defect) { throw defect }
        var results: [Result<[NetlinkReply], NetlinkError>] = []
        var rest = messages[...]
        while !rest.isEmpty {
            results += try exchange(Array(rest.prefix(Self.batchCount)))
            rest = rest.dropFirst(Self.batchCount)
        }
        return results
    }

    /// Lists what `message` asks for. A list that changed while it was written is asked for again; EINTR where that
    /// never ends.
    func dump(_ message: NetlinkMessage) throws(NetlinkError) -> [NetlinkReply] {
        for _ in 0..<Self.dumpAttempts {
            switch try dumpOnce(message) {
            case .complete(let replies): return replies
            case .failed(let error): throw error
            case .interrupted: continue
            }
        }
        throw NetlinkError(
            .interrupted, "\(message.type)", message.subject,
            kernelMessage: "the list kept changing while it was read, \(Self.dumpAttempts) times over")
    }

    private func exchange(
        _ messages: [NetlinkMessage]
    ) throws(NetlinkError) -> [Result<[NetlinkReply], NetlinkError>] {
        try lastSequence.withLock { (last) throws(NetlinkError) in
            var exchange = Exchange(messages, firstSequence: last &+ 1)
            var bytes: [UInt8] = []
            for message in messages {
                last &+= 1
                bytes += message.finished(adding: .acknowledge, sequence: last)
            }
            try socket.send(bytes)
            while true {
                if let results = exchange.results { return results }
                for reply in try nextReplies(for: messages[0]) { exchange.receive(reply) }
            }
        }
    }

    private func dumpOnce(_ message: NetlinkMessage) throws(NetlinkError) -> Dump.Outcome {
        if let defect = message.defect { throw defect }
        return try lastSequence.withLock { (last) throws(NetlinkError) in
            last &+= 1
            var dump = Dump(message, sequence: last)
            try socket.send(message.finished(adding: .dump, sequence: last))
            while true {
                if let outcome = dump.outcome { return outcome }
                for reply in try nextReplies(for: message) { dump.receive(reply) }
            }
        }
    }

    /// The kernel has carried the request out by now, so its answer is not given up for want of memory or room: a
    /// recvmsg(2) that fails leaves what there is in the queue.
    private func nextDatagram(for message: NetlinkMessage) throws(NetlinkError) -> RawSocket.Datagram {
        var last = Errno.timedOut
        for _ in 0..<Self.receiveAttempts {
            do {
                return try socket.receive()
            } catch {
                last = error.errno == .wouldBlock ? .timedOut : error.errno  // SO_RCVTIMEO
                if last == .timedOut { break }
            }
        }
        throw NetlinkError(last, "\(message.type)", message.subject, kernelMessage: "no reply from the kernel")
    }

    /// The messages of the next datagram that are meant for us.
    private func nextReplies(for message: NetlinkMessage) throws(NetlinkError) -> [NetlinkReply] {
        let datagram = try nextDatagram(for: message)
        let replies = NetlinkReply.messages(in: datagram.bytes).filter { $0.port == socket.port }
        if replies.contains(where: { $0.type == .overrun }) {
            throw NetlinkError(.noBufferSpace, "\(message.type)", message.subject, kernelMessage: "replies were lost")
        }
        return replies.filter { $0.type != .noOperation }
    }
}
