// What the kernel sent: a datagram cut into messages, and the meaning of the control messages among them.

import CMnl
import SystemPackage

/// One message from the kernel.
struct NetlinkReply: Sendable {
    let type: MessageType
    let flags: MessageFlags
    let sequence: UInt32
    /// The port it is addressed to; 0 in notifications of groups.
    let port: UInt32
    let payload: ArraySlice<UInt8>

    /// The fixed structure at the front and the attributes behind it; nil where the payload is too short for it.
    func body<Body: BitwiseCopyable>(_ zero: Body) -> (Body, Attributes)? {
        guard payload.count >= MemoryLayout<Body>.size else { return nil }
        let body = Attribute(type: 0, payload: payload).structure(zero: zero)
        return (body, Attributes(payload.dropFirst(aligned(MemoryLayout<Body>.size))))
    }

    /// The messages in a datagram. One whose length cannot be ends the walk; what came before it is kept.
    static func messages(in datagram: [UInt8]) -> [NetlinkReply] {
        let headerSize = MemoryLayout<nlmsghdr>.size
        var messages: [NetlinkReply] = []
        var rest = datagram[...]
        while rest.count >= headerSize {
            let header = Attribute(type: 0, payload: rest).structure(zero: nlmsghdr())
            let length = Int(header.nlmsg_len)
            guard length >= headerSize, length <= rest.count else { break }
            messages.append(
                NetlinkReply(
                    type: MessageType(rawValue: header.nlmsg_type), flags: MessageFlags(rawValue: header.nlmsg_flags),
                    sequence: header.nlmsg_seq, port: header.nlmsg_pid,
                    payload: rest.prefix(length).dropFirst(headerSize)))
            rest = rest.dropFirst(aligned(length))
        }
        return messages
    }

    /// What an NLMSG_ERROR or NLMSG_DONE says about `request`; nil is success (an ack is an error of 0).
    func failure(of request: NetlinkMessage) -> NetlinkError? {
        guard let code = payload.load(Int32.self) else {
            // A bare NLMSG_DONE is what old kernels end a dump with.
            return type == .done ? nil : NetlinkError(.badMessage, "\(request.type)", request.subject)
        }
        guard code < 0 else { return nil }
        let text = acknowledgement?[Int(NLMSGERR_ATTR_MSG.rawValue)]?.string
        let errno = code == .min ? Errno.badMessage : Errno(rawValue: -code)
        return NetlinkError(errno, "\(request.type)", request.subject, kernelMessage: text)
    }

    /// The extended ack's attributes (NETLINK_EXT_ACK), behind the error and what is quoted of the request.
    private var acknowledgement: Attributes? {
        guard flags.contains(.acknowledgeAttributes) else { return nil }
        let afterCode = payload.dropFirst(MemoryLayout<Int32>.size)
        if type == .done { return Attributes(afterCode) }
        let quoted = Attribute(type: 0, payload: afterCode).structure(zero: nlmsghdr())
        let size = flags.contains(.capped) ? MemoryLayout<nlmsghdr>.size : aligned(Int(quoted.nlmsg_len))
        return Attributes(afterCode.dropFirst(size))
    }
}
