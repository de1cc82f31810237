// Reading what the kernel sent: the one bounds-checked reader of attributes and structures. All of it works on slices
// of arrays, so a wrong length gives nothing instead of a stray read.

import CMnl

/// One attribute (`struct nlattr`): a type and its payload. Each accessor gives nil where the payload is too short.
struct Attribute: Sendable {
    /// Without the flag bits NLA_F_NESTED and NLA_F_NET_BYTEORDER.
    let type: UInt16
    let payload: ArraySlice<UInt8>

    var bytes: [UInt8] { Array(payload) }

    /// An integer in the machine's byte order. A longer payload is fine, as it is to the kernel.
    func integer<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type = Value.self) -> Value? {
        payload.load(Value.self)
    }

    var uint8: UInt8? { integer() }
    var uint16: UInt16? { integer() }
    var uint32: UInt32? { integer() }
    var uint64: UInt64? { integer() }
    var int32: Int32? { integer() }

    /// Integers in network byte order.
    var uint16BigEndian: UInt16? { uint16.map(UInt16.init(bigEndian:)) }
    var uint32BigEndian: UInt32? { uint32.map(UInt32.init(bigEndian:)) }

    /// The bytes before the first NUL, or all of them where there is none.
    var stringBytes: ArraySlice<UInt8> { payload.prefix { $0 != 0 } }

    /// `stringBytes` as text; what is not UTF-8 becomes U+FFFD. For names people gave, use `stringBytes`.
    var string: String { String(decoding: stringBytes, as: UTF8.self) }

    /// A C structure. The kernel's may be shorter (an older kernel: the rest is zero) or longer (a newer one).
    func structure<Body: BitwiseCopyable>(zero: Body) -> Body {
        var body = zero
        unsafe withUnsafeMutableBytes(of: &body) { unsafe $0.copyBytes(from: payload.prefix($0.count)) }
        return body
    }

    var nested: Attributes { Attributes(payload) }
}

/// A run of attributes. Of several of one type the subscript gives the last, as the kernel's nla_parse() does.
struct Attributes: Sendable, Sequence {
    private let all: [Attribute]
    /// The walk stopped early: a length below the header's or beyond the end. What came before it is kept.
    let isMalformed: Bool

    /// NLA_TYPE_MASK (linux/netlink.h), a macro that does not come into Swift.
    private static let typeMask = ~UInt16(NLA_F_NESTED | NLA_F_NET_BYTEORDER)

    init(_ bytes: ArraySlice<UInt8>) {
        let headerSize = MemoryLayout<nlattr>.size
        var all: [Attribute] = []
        var rest = bytes
        while let length = rest.load(UInt16.self).map(Int.init), length >= headerSize, length <= rest.count,
            let type = rest.dropFirst(2).load(UInt16.self)
        {
            let payload = rest.prefix(length).dropFirst(headerSize)
            all.append(Attribute(type: type & Self.typeMask, payload: payload))
            rest = rest.dropFirst(aligned(length))
        }
        self.all = all
        // Up to three bytes are padding that a sender left behind.
        isMalformed = rest.count >= headerSize
    }

    subscript(_ type: some AttributeType) -> Attribute? {
        let wanted = type.attributeType
        return all.last { $0.type == wanted }
    }

    func makeIterator() -> IndexingIterator<[Attribute]> { all.makeIterator() }
}

extension ArraySlice<UInt8> {
    /// The value that the first bytes are, at any alignment; nil where there are too few.
    func load<Value: BitwiseCopyable & FixedWidthInteger>(_: Value.Type) -> Value? {
        guard count >= MemoryLayout<Value>.size else { return nil }
        return unsafe withUnsafeBytes { unsafe $0.loadUnaligned(as: Value.self) }
    }
}
