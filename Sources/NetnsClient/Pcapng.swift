// pcapng, the file format that Wireshark, tshark and tcpdump read (IETF, draft-ietf-opsawg-pcapng).

/// What a captured packet begins with (the registry of link types, draft-ietf-opsawg-pcaplinktype).
public enum LinkType: UInt16, Hashable, Sendable {
    /// LINKTYPE_ETHERNET.
    case ethernet = 1
    /// LINKTYPE_RAW: an IPv4 or IPv6 header at once.
    case ip = 101

    /// Of a device type (ARPHRD_*, linux/if_arp.h), as packet(7) has it; nil for one whose frames are not known here.
    public init?(hardwareType: UInt16) {
        switch hardwareType {
        // ARPHRD_ETHER, ARPHRD_LOOPBACK.
        case 1, 772: self = .ethernet
        // ARPHRD_PPP, _RAWIP, _TUNNEL, _TUNNEL6, _SIT, _NONE (WireGuard, tun).
        case 512, 519, 768, 769, 776, 0xFFFE: self = .ip
        default: return nil
        }
    }
}

/// Which way a packet went, and to whom (packet(7), `sll_pkttype`).
public enum PacketDirection: UInt8, Hashable, Sendable {
    /// To this host, to all, to a group, to somebody else, and from this host.
    case host, broadcast, multicast, otherHost, outgoing

    /// epb_flags: direction in bits 0 and 1, kind of reception in bits 2 to 4.
    fileprivate var flags: UInt32 {
        switch self {
        case .host: 0b001_01
        case .multicast: 0b010_01
        case .broadcast: 0b011_01
        case .otherHost: 0b100_01
        case .outgoing: 0b000_10
        }
    }
}

/// Makes the bytes of a pcapng section, little-endian, with times in nanoseconds.
public struct PcapngWriter: Sendable {
    /// What is made and not taken yet.
    private var bytes: [UInt8] = []
    private var interfaceCount: UInt32 = 0

    /// Bytes that wait to be taken.
    public var count: Int { bytes.count }

    /// Begins the section.
    /// - Parameter application: who writes it, a name and a version.
    public init(application: String) {
        block(0x0A0D_0D0A) { bytes in
            bytes.append(UInt32(0x1A2B_3C4D))
            // Version 1.0; the section's length is not known: -1.
            bytes.append(UInt16(1))
            bytes.append(UInt16(0))
            bytes.append(UInt64.max)
            bytes.appendOption(4, text: application)  // shb_userappl
            bytes.appendEndOfOptions()
        }
    }

    /// Describes an interface; its packets come later and name it by the number given back.
    /// - Parameter snapLength: The most bytes that are kept of a packet.
    public mutating func addInterface(
        name: String, type: LinkType, snapLength: Int, filter: String? = nil
    ) -> UInt32 {
        block(1) { bytes in
            bytes.append(type.rawValue)
            bytes.append(UInt16(0))
            bytes.append(UInt32(truncatingIfNeeded: snapLength))
            bytes.appendOption(2, text: name)  // if_name
            bytes.appendOption(9, [9])  // if_tsresol: 10^-9 s
            // if_filter: its first byte 0 says that it is in libpcap's words.
            if let filter { bytes.appendOption(11, [0] + Array(filter.utf8)) }
            bytes.appendEndOfOptions()
        }
        interfaceCount += 1
        return interfaceCount - 1
    }

    /// - Parameters:
    ///   - nanoseconds: since 1970.
    ///   - originalLength: bytes on the wire, of which `packet` may be fewer.
    public mutating func addPacket(
        interface: UInt32, nanoseconds: UInt64, direction: PacketDirection, originalLength: Int, _ packet: RawSpan
    ) {
        block(6) { bytes in
            bytes.append(interface)
            bytes.append(time: nanoseconds)
            bytes.append(UInt32(packet.byteCount))
            bytes.append(UInt32(truncatingIfNeeded: originalLength))
            unsafe packet.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
            bytes.pad()
            bytes.append(UInt16(2))  // epb_flags
            bytes.append(UInt16(4))
            bytes.append(direction.flags)
            bytes.appendEndOfOptions()
        }
    }

    /// Says at a capture's end what came of it.
    /// - Parameters:
    ///   - received: packets that passed the filter, those dropped among them.
    ///   - dropped: packets there was no room for.
    public mutating func addStatistics(
        interface: UInt32, nanoseconds: UInt64, received: UInt64, dropped: UInt64
    ) {
        block(5) { bytes in
            bytes.append(interface)
            bytes.append(time: nanoseconds)
            for (code, value) in [(UInt16(4), received), (5, dropped)] {  // isb_ifrecv, isb_ifdrop
                bytes.append(code)
                bytes.append(UInt16(8))
                bytes.append(value)
            }
            bytes.appendEndOfOptions()
        }
    }

    /// Hands over what is made, and keeps the room for more.
    public mutating func drain<Failure: Error>(_ body: (RawSpan) throws(Failure) -> Void) throws(Failure) {
        defer { bytes.removeAll(keepingCapacity: true) }
        try unsafe body(bytes.span.bytes)
    }

    /// A block: its type, its length, the body, and the length again, so that it can be read backwards.
    private mutating func block(_ type: UInt32, _ body: (inout [UInt8]) -> Void) {
        let start = bytes.count
        bytes.append(type)
        bytes.append(UInt32(0))
        body(&bytes)
        let length = UInt32(bytes.count - start + 4)
        bytes.append(length)
        for index in 0..<4 { bytes[start + 4 + index] = UInt8(truncatingIfNeeded: length >> UInt32(8 * index)) }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ value: some FixedWidthInteger) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    /// Two halves, the high one first.
    fileprivate mutating func append(time nanoseconds: UInt64) {
        append(UInt32(truncatingIfNeeded: nanoseconds >> 32))
        append(UInt32(truncatingIfNeeded: nanoseconds))
    }

    /// Zeroes up to the next multiple of four; every block begins at one.
    fileprivate mutating func pad() {
        while count % 4 != 0 { append(UInt8(0)) }
    }

    fileprivate mutating func appendOption(_ code: UInt16, _ value: [UInt8]) {
        let value = value.prefix(Int(UInt16.max))
        append(code)
        append(UInt16(value.count))
        append(contentsOf: value)
        pad()
    }

    fileprivate mutating func appendOption(_ code: UInt16, text: String) { appendOption(code, Array(text.utf8)) }

    fileprivate mutating func appendEndOfOptions() { append(UInt32(0)) }
}
