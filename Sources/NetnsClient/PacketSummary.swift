// A packet in a line: who, to whom, what. Nothing in a packet is believed: each byte is read only if it is there.

import IPRoute

/// What a packet says of itself in its headers.
public struct PacketSummary: Hashable, Sendable, CustomStringConvertible {
    /// The innermost addresses that were found, with a port where there is one: `10.0.0.1:80`, `[fd00::1]:80`.
    public internal(set) var source = ""
    public internal(set) var destination = ""
    /// The innermost protocol that was recognised: `TCP`, `ICMP`, `ARP`, `IPv4`, or `type 0x88b5`.
    public internal(set) var protocolName = ""
    /// In words: `echo request id 7 seq 1`.
    public internal(set) var detail = ""

    /// Reads a packet as far as it can be read.
    public init(_ packet: [UInt8], type: LinkType) {
        var reader = PacketReader(packet)
        do {
            switch type {
            case .ethernet: try readEthernet(&reader)
            case .ip: try readIP(&reader)
            }
        } catch {
            detail = detail.isEmpty ? "cut short" : "\(detail), cut short"
        }
    }

    /// `10.0.0.1 > 10.0.0.2 ICMP echo request id 7 seq 1`.
    public var description: String {
        let way = source.isEmpty && destination.isEmpty ? "" : "\(source) > \(destination) "
        return way + protocolName + (detail.isEmpty ? "" : " \(detail)")
    }
}

// MARK: - Link layer

extension PacketSummary {
    /// IEEE 802.3: destination, source, type.
    private mutating func readEthernet(_ reader: inout PacketReader) throws(PacketReader.CutShort) {
        protocolName = "Ethernet"
        destination = linkLayerText(try reader.bytes(6))
        source = linkLayerText(try reader.bytes(6))
        var type = try reader.uint16()
        var tags = ""
        // IEEE 802.1Q, 802.1ad. Two tags are usual, more are somebody's joke.
        while (type == 0x8100 || type == 0x88A8) && tags.utf8.count < 40 {
            tags += "vlan \(try reader.uint16() & 0xFFF) "
            type = try reader.uint16()
        }
        switch type {
        case 0x0800, 0x86DD: try readIP(&reader)
        case 0x0806: try readARP(&reader)
        // Below 1536 it is a length, of an LLC frame (IEEE 802.3, 3.2.6).
        case ..<0x600: protocolName = "LLC"
        default: protocolName = "type 0x\(String(type, radix: 16))"
        }
        detail = (tags + detail).trimmingLastSpace
    }

    /// RFC 826, of IPv4 on Ethernet.
    private mutating func readARP(_ reader: inout PacketReader) throws(PacketReader.CutShort) {
        protocolName = "ARP"
        let (hardware, network) = (try reader.uint16(), try reader.uint16())
        let (hardwareLength, networkLength) = (try reader.uint8(), try reader.uint8())
        let operation = try reader.uint16()
        guard hardware == 1, network == 0x0800, hardwareLength == 6, networkLength == 4 else {
            detail = "operation \(operation)"
            return
        }
        let senderLink = linkLayerText(try reader.bytes(6))
        let sender = try reader.address(4)
        _ = try reader.bytes(6)
        let target = try reader.address(4)
        switch operation {
        case 1: detail = "who has \(target)? tell \(sender)"
        case 2: detail = "\(sender) is at \(senderLink)"
        default: detail = "operation \(operation)"
        }
    }
}

// MARK: - Network layer

extension PacketSummary {
    private mutating func readIP(_ reader: inout PacketReader) throws(PacketReader.CutShort) {
        switch try reader.peek() >> 4 {
        case 4: try readIPv4(&reader)
        case 6: try readIPv6(&reader)
        case let version: (protocolName, detail) = ("IP", "version \(version)")
        }
    }

    /// RFC 791, 3.1.
    private mutating func readIPv4(_ reader: inout PacketReader) throws(PacketReader.CutShort) {
        protocolName = "IPv4"
        let headerLength = Int(try reader.uint8() & 0xF) * 4
        _ = try reader.uint8()
        let totalLength = Int(try reader.uint16())
        _ = try reader.uint16()
        let fragment = try reader.uint16()
        _ = try reader.uint8()
        let next = try reader.uint8()
        _ = try reader.uint16()
        let addresses = (try reader.address(4), try reader.address(4))
        (source, destination) = (addresses.0.description, addresses.1.description)
        guard headerLength >= 20 else {
            detail = "bad header length \(headerLength)"
            return
        }
        _ = try reader.bytes(headerLength - 20)
        // 0 is what segmentation offload leaves in a packet longer than 64 KiB.
        let length = totalLength == 0 ? reader.remaining : totalLength - headerLength
        if fragment & 0x1FFF != 0 {
            detail = "fragment at \(Int(fragment & 0x1FFF) * 8) of protocol \(next) length \(length)"
        } else {
            try readTransport(next, &reader, length, addresses)
        }
    }

    /// RFC 8200: the fixed header, then extension headers up to one that is none.
    private mutating func readIPv6(_ reader: inout PacketReader) throws(PacketReader.CutShort) {
        protocolName = "IPv6"
        _ = try reader.bytes(4)
        let payloadLength = Int(try reader.uint16())
        var next = try reader.uint8()
        _ = try reader.uint8()
        let addresses = (try reader.address(16), try reader.address(16))
        (source, destination) = (addresses.0.description, addresses.1.description)
        var length = payloadLength == 0 ? reader.remaining : payloadLength
        while let size = try readExtension(&next, &reader) {
            length -= size
            if !detail.isEmpty { return }
        }
        try readTransport(next, &reader, length, addresses)
    }

    /// Reads one extension header and gives its length in bytes; nil where there is none. Each one takes eight bytes
    /// at least from what there is, so that they come to an end.
    private mutating func readExtension(
        _ next: inout UInt8, _ reader: inout PacketReader
    ) throws(PacketReader.CutShort) -> Int? {
        switch next {
        // Hop-by-hop, routing, destination options: RFC 8200, 4.3, 4.4, 4.6.
        case 0, 43, 60:
            next = try reader.uint8()
            let size = (Int(try reader.uint8()) + 1) * 8
            _ = try reader.bytes(size - 2)
            return size
        // Fragment: RFC 8200, 4.5.
        case 44:
            next = try reader.uint8()
            _ = try reader.uint8()
            let offset = Int(try reader.uint16() & 0xFFF8)
            _ = try reader.bytes(4)
            if offset != 0 { detail = "fragment at \(offset) of protocol \(next)" }
            return 8
        default: return nil
        }
    }
}

// MARK: - Transport layer

extension PacketSummary {
    private mutating func readTransport(
        _ number: UInt8, _ reader: inout PacketReader, _ length: Int, _ addresses: (IPAddress, IPAddress)
    ) throws(PacketReader.CutShort) {
        guard length >= 0 else {
            detail = "bad length"
            return
        }
        switch number {
        case 1: try readICMP(&reader, length)
        case 6: try readTCP(&reader, length, addresses)
        case 17: try readUDP(&reader, length, addresses)
        case 58: try readICMPv6(&reader, length)
        default:
            protocolName = Self.protocolNames[number] ?? "protocol \(number)"
            detail = "length \(length)"
        }
    }

    /// IANA, Assigned Internet Protocol Numbers: those that a lab meets.
    private static let protocolNames: [UInt8: String] = [
        2: "IGMP", 4: "IPv4 in IP", 41: "IPv6 in IP", 47: "GRE", 50: "ESP", 51: "AH", 59: "no next header", 88: "EIGRP",
        89: "OSPF", 103: "PIM", 112: "VRRP", 132: "SCTP",
    ]

    private mutating func readPorts(
        _ reader: inout PacketReader, _ addresses: (IPAddress, IPAddress)
    ) throws(PacketReader.CutShort) {
        source = SocketAddress.text(addresses.0, try reader.uint16())
        destination = SocketAddress.text(addresses.1, try reader.uint16())
    }

    /// RFC 9293, 3.1.
    private mutating func readTCP(
        _ reader: inout PacketReader, _ length: Int, _ addresses: (IPAddress, IPAddress)
    ) throws(PacketReader.CutShort) {
        protocolName = "TCP"
        try readPorts(&reader, addresses)
        let (sequence, acknowledgement) = (try reader.uint32(), try reader.uint32())
        let headerLength = Int(try reader.uint8() >> 4) * 4
        let flags = try reader.uint8()
        let window = try reader.uint16()
        let names = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"]
        let set = names.indices.filter { flags & (1 << UInt8($0)) != 0 }.map { names[$0] }
        detail = "\(set.isEmpty ? "no flags" : set.joined(separator: ",")) seq \(sequence)"
        if flags & 0x10 != 0 { detail += " ack \(acknowledgement)" }
        detail += " win \(window)"
        detail +=
            headerLength >= 20 && headerLength <= length ? " length \(length - headerLength)" : " bad header length"
    }

    /// RFC 768.
    private mutating func readUDP(
        _ reader: inout PacketReader, _ length: Int, _ addresses: (IPAddress, IPAddress)
    ) throws(PacketReader.CutShort) {
        protocolName = "UDP"
        try readPorts(&reader, addresses)
        let own = Int(try reader.uint16())
        // 0 is a jumbogram's (RFC 2675).
        let total = own == 0 ? length : own
        detail = total >= 8 ? "length \(total - 8)" : "bad length"
    }

    /// RFC 792.
    private mutating func readICMP(_ reader: inout PacketReader, _ length: Int) throws(PacketReader.CutShort) {
        protocolName = "ICMP"
        let (type, code) = (try reader.uint8(), try reader.uint8())
        _ = try reader.uint16()
        let unreachable = [
            0: "network", 1: "host", 2: "protocol", 3: "port", 4: "fragmentation needed", 13: "prohibited",
        ]
        switch type {
        case 0: detail = "echo reply " + (try reader.echo())
        case 3: detail = "unreachable: \(unreachable[Int(code)] ?? "code \(code)")"
        case 5: detail = "redirect to \(try reader.address(4))"
        case 8: detail = "echo request " + (try reader.echo())
        case 11: detail = code == 0 ? "time exceeded" : "time exceeded in reassembly"
        default: detail = "type \(type) code \(code)"
        }
        detail += " length \(length)"
    }

    /// RFC 4443; RFC 4861 for neighbours and routers; RFC 3810 for listeners.
    private mutating func readICMPv6(_ reader: inout PacketReader, _ length: Int) throws(PacketReader.CutShort) {
        protocolName = "ICMPv6"
        let (type, code) = (try reader.uint8(), try reader.uint8())
        _ = try reader.uint16()
        let unreachable = [0: "no route", 1: "prohibited", 2: "scope", 3: "address", 4: "port"]
        switch type {
        case 1: detail = "unreachable: \(unreachable[Int(code)] ?? "code \(code)")"
        case 2: detail = "packet too big: mtu \(try reader.uint32())"
        case 3: detail = code == 0 ? "time exceeded" : "time exceeded in reassembly"
        case 128: detail = "echo request " + (try reader.echo())
        case 129: detail = "echo reply " + (try reader.echo())
        case 130: detail = "listener query"
        case 131, 132, 143: detail = "listener report"
        case 133: detail = "router solicitation"
        case 134: detail = "router advertisement"
        case 135, 136:
            _ = try reader.uint32()
            detail = "neighbour \(type == 135 ? "solicitation" : "advertisement") \(try reader.address(16))"
        case 137: detail = "redirect"
        default: detail = "type \(type) code \(code)"
        }
        detail += " length \(length)"
    }
}

extension String {
    fileprivate var trimmingLastSpace: String { hasSuffix(" ") ? String(dropLast()) : self }
}
