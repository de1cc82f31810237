// A request being built: header, fixed structure, attributes. libmnl writes them; the buffer grows before it does, so
// no size is ever counted by hand.

import CMnl
import SystemPackage

/// What an attribute is called in a header file: most enumerations come into Swift as Int, tagged ones as a type.
protocol AttributeType {
    var attributeType: UInt16 { get }
}

extension Int: AttributeType {
    var attributeType: UInt16 { UInt16(self) }
}

extension rtattr_type_t: AttributeType {
    var attributeType: UInt16 { UInt16(rawValue) }
}

/// A netlink request (netlink(7)). Sequence and port are filled in where it is sent.
struct NetlinkMessage: Sendable {
    let type: MessageType
    /// What the request is about, for errors: an interface's name, an address.
    let subject: String
    /// The message as the kernel reads it, padded to NLMSG_ALIGNTO.
    private(set) var bytes: [UInt8]
    /// Why it cannot be sent: EMSGSIZE where an attribute did not fit the 16 bits of `nla_len`, ERANGE where a number
    /// did not fit its attribute, or what a builder of messages refused.
    private(set) var defect: NetlinkError?

    /// A request whose fixed structure (`struct ifinfomsg`, `struct rtmsg`, …) is `body`.
    init<Body: BitwiseCopyable>(_ type: MessageType, _ flags: MessageFlags = [], body: Body, subject: String = "") {
        self.type = type
        self.subject = subject
        bytes = [UInt8](repeating: 0, count: MemoryLayout<nlmsghdr>.size)
        unsafe withHeader { header in
            _ = unsafe mnl_nlmsg_put_header(header)
            unsafe header.pointee.nlmsg_type = type.rawValue
            unsafe header.pointee.nlmsg_flags = flags.union(.request).rawValue
        }
        structure(body)
    }

    /// Appends a C structure as it lies in memory: the fixed part of the message, or of a nested one.
    mutating func structure<Body: BitwiseCopyable>(_ body: Body) {
        grow(by: aligned(MemoryLayout<Body>.size))
        unsafe withHeader { header in
            let room = unsafe mnl_nlmsg_put_extra_header(header, MemoryLayout<Body>.size)!
            unsafe withUnsafeBytes(of: body) { unsafe room.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        }
    }

    /// An attribute of any bytes.
    mutating func attribute(_ type: some AttributeType, bytes value: [UInt8]) {
        guard value.count <= Int(UInt16.max) - MemoryLayout<nlattr>.size else {
            refuse(.messageTooLong)
            return
        }
        grow(by: MemoryLayout<nlattr>.size + aligned(value.count))
        unsafe withHeader { header in
            unsafe mnl_attr_put(header, type.attributeType, value.count, value)
        }
    }

    /// An integer in the machine's byte order.
    mutating func attribute(_ type: some AttributeType, _ value: some FixedWidthInteger & BitwiseCopyable) {
        attribute(type, bytes: unsafe withUnsafeBytes(of: value) { unsafe [UInt8]($0) })
    }

    /// An integer in network byte order.
    mutating func attribute(_ type: some AttributeType, bigEndian value: some FixedWidthInteger & BitwiseCopyable) {
        attribute(type, value.bigEndian)
    }

    /// An integer that has to fit what the kernel has for it.
    mutating func attribute<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: some AttributeType, _ value: Int, as _: Value.Type
    ) {
        guard let fitting = Value(exactly: value) else {
            refuse(.outOfRange, "\(value) is more than \(Value.max)")
            return
        }
        attribute(type, fitting)
    }

    /// A string with the NUL that NLA_NUL_STRING asks for.
    mutating func attribute(_ type: some AttributeType, _ value: String) {
        attribute(type, bytes: Array(value.utf8) + [0])
    }

    /// A C structure as it lies in memory.
    mutating func attribute<Body: BitwiseCopyable>(_ type: some AttributeType, structure value: Body) {
        attribute(type, bytes: unsafe withUnsafeBytes(of: value) { unsafe [UInt8]($0) })
    }

    /// An attribute that says all by being there (NLA_FLAG).
    mutating func flag(_ type: some AttributeType) {
        attribute(type, bytes: [])
    }

    /// An attribute of attributes: what `body` appends lies inside it. `marked` sets NLA_F_NESTED, which newer
    /// attributes must have and older ones (IFLA_LINKINFO) go without.
    mutating func nested<Failure: Error>(
        _ type: some AttributeType, marked: Bool = false, _ body: (inout NetlinkMessage) throws(Failure) -> Void
    ) throws(Failure) {
        let start = bytes.count
        grow(by: MemoryLayout<nlattr>.size)
        // mnl_attr_nest_start() always marks, and gives a pointer that growing would leave dangling.
        unsafe withHeader { unsafe mnl_attr_put($0, type.attributeType | (marked ? UInt16(NLA_F_NESTED) : 0), 0, nil) }
        try body(&self)
        guard bytes.count - start <= Int(UInt16.max) else {
            refuse(.messageTooLong)
            return
        }
        unsafe withHeader { header in
            let attribute = unsafe UnsafeMutableRawPointer(header).advanced(by: start)
            unsafe mnl_attr_nest_end(header, attribute.assumingMemoryBound(to: nlattr.self))
        }
    }

    /// The bytes to send: with flags added, and the sequence number by which the reply is known.
    func finished(adding flags: MessageFlags, sequence: UInt32) -> [UInt8] {
        var copy = self
        unsafe copy.withHeader { header in
            unsafe header.pointee.nlmsg_flags |= flags.rawValue
            unsafe header.pointee.nlmsg_seq = sequence
        }
        return copy.bytes
    }

    /// Makes the message one that is never sent. The first reason stands.
    mutating func refuse(_ errno: Errno, _ reason: String? = nil) {
        if defect == nil { defect = NetlinkError(errno, "\(type)", subject, kernelMessage: reason) }
    }

    private mutating func grow(by count: Int) {
        bytes.append(contentsOf: repeatElement(0, count: count))
    }

    /// libmnl's view of the message. An array's storage is aligned to 16 bytes, more than a header needs.
    private mutating func withHeader(_ body: (UnsafeMutablePointer<nlmsghdr>) -> Void) {
        unsafe bytes.withUnsafeMutableBytes { unsafe body($0.baseAddress!.assumingMemoryBound(to: nlmsghdr.self)) }
    }
}

/// NLMSG_ALIGN and NLA_ALIGN are the same.
func aligned(_ count: Int) -> Int {
    let alignment = Int(MNL_ALIGNTO)
    return (count + alignment - 1) / alignment * alignment
}
