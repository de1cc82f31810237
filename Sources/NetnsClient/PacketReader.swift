// Bytes from the network, read one field after the other.

import IPRoute

/// A place in a packet. Every read is of bytes that are there, or an error; numbers are in network order.
struct PacketReader {
    struct CutShort: Error {}

    private let packet: [UInt8]
    private var offset = 0

    init(_ packet: [UInt8]) { self.packet = packet }

    var remaining: Int { packet.count - offset }

    mutating func bytes(_ count: Int) throws(CutShort) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else { throw CutShort() }
        defer { offset += count }
        return packet[offset..<offset + count]
    }

    func peek() throws(CutShort) -> UInt8 {
        guard remaining > 0 else { throw CutShort() }
        return packet[offset]
    }

    mutating func uint8() throws(CutShort) -> UInt8 { try number() }
    mutating func uint16() throws(CutShort) -> UInt16 { try number() }
    mutating func uint32() throws(CutShort) -> UInt32 { try number() }

    private mutating func number<Number: FixedWidthInteger>() throws(CutShort) -> Number {
        var number: Number = 0
        for byte in try bytes(Number.bitWidth / 8) { number = number << 8 | Number(truncatingIfNeeded: byte) }
        return number
    }

    /// - Parameter count: 4 or 16.
    mutating func address(_ count: Int) throws(CutShort) -> IPAddress {
        guard let address = IPAddress(bytes: try bytes(count)) else { throw CutShort() }
        return address
    }

    /// The identifier and sequence number of an echo.
    mutating func echo() throws(CutShort) -> String { "id \(try uint16()) seq \(try uint16())" }
}
