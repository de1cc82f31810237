// Packets of a namespace, read from a packet socket (packet(7)) that the agent opens there and passes.
//
// The socket comes with protocol 0: nothing arrives until it is started, which is after its filter is attached. So no
// packet is ever seen that the filter would not have let through.

import CLinux
import Descriptors
import Glibc
import SystemPackage

extension Connection {
    /// A socket of one of the caller's namespaces.
    public func openSocket(_ params: SocketOpen.Params) throws -> SharedDescriptor {
        try socket(of: receive(try send(SocketOpen.self, params)))
    }

    func socket(of response: Response<SocketOpen>) throws(ConnectionError) -> SharedDescriptor {
        let index = response.result.socketFileDescriptor
        guard response.descriptors.indices.contains(index) else {
            throw .garbled("socket.open came without the descriptor it names")
        }
        return response.descriptors[index]
    }
}

/// A link that packets are captured on.
public struct CapturedLink: Hashable, Sendable {
    public let index: Int32
    /// As it was called when its first packet came.
    public let name: String
    /// nil: its frames are of a kind that is not known here, and left out.
    public let type: LinkType?
}

/// What is known of a packet besides its bytes.
public struct PacketHeader: Sendable {
    public let link: CapturedLink
    public let type: LinkType
    /// Nanoseconds since 1970.
    public let time: UInt64
    public let direction: PacketDirection
    /// Bytes it had before the filter or the snap length cut it.
    public let originalLength: Int
}

/// What became of packets, by the kernel's counts (PACKET_STATISTICS).
public struct PacketCounts: Hashable, Sendable {
    /// Those that passed the filter, the dropped among them. On a loopback link each counts twice, going and coming.
    public let received: UInt64
    /// Those that came faster than they were read.
    public let dropped: UInt64

    public init(received: UInt64 = 0, dropped: UInt64 = 0) {
        self.received = received
        self.dropped = dropped
    }
}

public enum PacketCaptureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The link's frames are of a kind that is not known here.
    case unknownType(String)

    public var description: String {
        switch self {
        case .unknownType(let name): "\(name) is of a kind whose frames cannot be captured here"
        }
    }
}

/// A capture that is going on. It belongs to one thread. While it exists it keeps its namespace from ending.
public final class PacketCapture {
    /// libpcap's: more than any frame has.
    public static let mostSnapLength = 262_144

    public let snapLength: Int
    public let filter: PacketFilter?
    /// The one link; nil for all.
    public let link: CapturedLink?
    private let socket: SharedDescriptor
    private var links: [Int32: CapturedLink] = [:]
    private var room: [UInt8]
    /// Room before the packet, for a VLAN tag to be put back in.
    private static let tagLength = 4

    /// Begins a capture in one of the caller's namespaces.
    /// - Parameters:
    ///   - link: Without it, all links, those that are made later too.
    ///   - filter: As of pcap-filter(7). On all links it is made for Ethernet, and others are left out.
    ///   - snapLength: The most bytes that are kept of a packet.
    /// - Throws: what the agent refuses (`WireError`), `ConnectionError`, `PacketFilterError`, `PacketCaptureError`,
    ///   `SystemError`.
    public init(
        _ agent: Connection, in netns: NamespaceSelector, link name: InterfaceName? = nil, filter: String? = nil,
        snapLength: Int = mostSnapLength
    ) throws {
        let socket = try agent.openSocket(.init(packetsIn: Place(netns), dev: name))
        var link: CapturedLink?
        if name != nil {
            var index: CInt = 0
            try system("getsockname", "packet socket") { unsafe clinux_packet_ifindex(socket.raw, &index) }
            link = capturedLink(socket, index)
            if link?.type == nil { throw PacketCaptureError.unknownType(link?.name ?? "the link") }
        }
        let compiled = try filter.map {
            try PacketFilter.compile($0, for: link?.type ?? .ethernet, snapLength: snapLength)
        }
        if let program = compiled?.program {
            try system("setsockopt", "SO_ATTACH_FILTER") {
                unsafe clinux_attach_filter(socket.raw, program, program.count)
            }
        }
        // As much as an unprivileged process may have (net.core.rmem_max), and no harm in asking for more.
        var bytes: CInt = 4 << 20
        _ = unsafe setsockopt(socket.raw, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<CInt>.size))
        try system("bind", "packet socket") { clinux_packet_start(socket.raw) }
        self.socket = socket
        self.link = link
        self.filter = compiled
        self.snapLength = snapLength
        room = [UInt8](repeating: 0, count: snapLength + Self.tagLength)
        if let link { links[link.index] = link }
    }

    /// To wait for in a poll: readable when a packet has come.
    public var fileDescriptor: CInt { socket.raw }

    public enum Outcome: Hashable, Sendable {
        /// A packet was handed over.
        case packet
        /// One came that is not wanted: read on.
        case leftOut
        /// There is none at present.
        case nothing
        /// The link was taken down. It may come back, unless it is about to be deleted: see `isOver`.
        case linkDown
    }

    /// The one link is no more, and nothing will come.
    public var isOver: Bool {
        var index: CInt = 0
        return unsafe link != nil && clinux_packet_ifindex(socket.raw, &index) == 0 && index < 0
    }

    /// Reads a packet, if there is one, and hands it to `body`. Does not wait.
    public func next(_ body: (PacketHeader, RawSpan) throws -> Void) throws -> Outcome {
        var packet = clinux_packet()
        var count: Int
        do {
            count = try receive(&packet)
        } catch {
            switch error.errno {
            case .wouldBlock: return .nothing
            case .networkDown: return .linkDown
            default: throw error
            }
        }
        guard let direction = PacketDirection(rawValue: packet.packetType) else { return .leftOut }
        // A loopback link's packets are seen going and coming.
        if packet.hardwareType == loopbackType && direction == .outgoing { return .leftOut }
        let link = known(packet.ifindex)
        guard let type = LinkType(hardwareType: packet.hardwareType),
            filter == nil || self.link != nil || type == .ethernet
        else { return .leftOut }
        var start = Self.tagLength
        var originalLength = Int(packet.originalLength)
        if packet.hasTag && type == .ethernet && count >= 12 {
            putBackTag(packet)
            start = 0
            count = min(count + Self.tagLength, snapLength)
            originalLength += Self.tagLength
        }
        let time = packet.time != 0 ? packet.time : wallClockNanoseconds()
        let header = PacketHeader(
            link: link, type: type, time: time, direction: direction, originalLength: max(originalLength, count))
        try unsafe room.withUnsafeBytes { room in try unsafe body(header, room.bytes.extracting(start..<start + count))
        }
        return .packet
    }

    /// One packet into `room`, behind the place for a tag.
    private func receive(_ packet: inout clinux_packet) throws(SystemError) -> Int {
        try system("recvmsg", "packet socket") {
            unsafe room.withUnsafeMutableBytes { room in
                unsafe clinux_packet_receive(socket.raw, room.baseAddress! + Self.tagLength, snapLength, &packet)
            }
        }
    }

    /// The kernel's counts since the last call.
    public func takeCounts() throws(SystemError) -> PacketCounts {
        var (packets, drops): (UInt32, UInt32) = (0, 0)
        try system("getsockopt", "PACKET_STATISTICS") {
            unsafe clinux_packet_statistics(socket.raw, &packets, &drops)
        }
        return PacketCounts(received: UInt64(packets), dropped: UInt64(drops))
    }

    private func known(_ index: Int32) -> CapturedLink {
        if let link = links[index] { return link }
        let link = capturedLink(socket, index)
        links[index] = link
        return link
    }

    /// The frame as it was on the wire: addresses, tag, type (IEEE 802.1Q).
    private func putBackTag(_ packet: clinux_packet) {
        let offset = Self.tagLength
        for index in 0..<12 { room[index] = room[index + offset] }
        for (index, byte) in [
            packet.tagProtocol >> 8, packet.tagProtocol, packet.tagControl >> 8, packet.tagControl,
        ].enumerated() { room[12 + index] = UInt8(truncatingIfNeeded: byte) }
    }
}

/// ARPHRD_LOOPBACK (linux/if_arp.h).
private let loopbackType: UInt16 = 772

/// Asks the socket, which is in the links' namespace where this process is not.
private func capturedLink(_ socket: SharedDescriptor, _ index: Int32) -> CapturedLink {
    var name = [CChar](repeating: 0, count: 16)
    var type: UInt16 = 0
    guard unsafe clinux_link_name(socket.raw, index, &name) == 0 else {
        return CapturedLink(index: index, name: "if\(index)", type: nil)
    }
    let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let isKnown = unsafe clinux_link_type(socket.raw, name, &type) == 0
    return CapturedLink(
        index: index, name: escapedKernelName(bytes), type: isKnown ? LinkType(hardwareType: type) : nil)
}

private func wallClockNanoseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
