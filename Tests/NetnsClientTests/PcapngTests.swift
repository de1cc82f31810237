// pcapng, byte by byte.

import NetnsClient
import Testing

@Suite struct PcapngTests {
    /// The writer's bytes as hexadecimal words of four bytes.
    private func words(_ writer: inout PcapngWriter) -> [String] {
        var bytes: [UInt8] = []
        writer.drain { span in bytes = span.withUnsafeBytes { Array($0) } }
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            bytes[start..<min(start + 4, bytes.count)].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }

    @Test func aSectionBegins() {
        var writer = PcapngWriter(application: "netns")
        #expect(
            words(&writer) == [
                "0a0d0d0a", "2c000000",  // section header, 44 bytes
                "4d3c2b1a", "01000000", "ffffffff", "ffffffff",  // byte order, version 1.0, no length
                "04000500", "6e65746e", "73000000",  // shb_userappl, 5 bytes: netns
                "00000000", "2c000000",
            ])
        #expect(writer.count == 0)
    }

    @Test func anInterfaceIsDescribed() {
        var writer = PcapngWriter(application: "")
        _ = words(&writer)
        #expect(writer.addInterface(name: "eth0", type: .ethernet, snapLength: 262_144, filter: "ip") == 0)
        #expect(
            words(&writer) == [
                "01000000", "30000000",
                "01000000", "00000400",  // LINKTYPE_ETHERNET, snap length
                "02000400", "65746830",  // if_name: eth0
                "09000100", "09000000",  // if_tsresol: 10^-9
                "0b000300", "00697000",  // if_filter: ip
                "00000000", "30000000",
            ])
        #expect(writer.addInterface(name: "wg0", type: .ip, snapLength: 96) == 1)
        #expect(
            words(&writer) == [
                "01000000", "28000000", "65000000", "60000000", "02000300", "77673000", "09000100", "09000000",
                "00000000", "28000000",
            ])
    }

    @Test(arguments: [
        (PacketDirection.host, "05000000"), (.multicast, "09000000"), (.broadcast, "0d000000"),
        (.otherHost, "11000000"), (.outgoing, "02000000"),
    ])
    func aPacketIsWritten(_ direction: PacketDirection, _ flags: String) {
        var writer = PcapngWriter(application: "")
        _ = words(&writer)
        let packet: [UInt8] = [1, 2, 3, 4, 5]
        writer.addPacket(
            interface: 3, nanoseconds: 0x0102_0304_0506_0708, direction: direction, originalLength: 1500,
            packet.span.bytes)
        #expect(
            words(&writer) == [
                "06000000", "34000000", "03000000",
                "04030201", "08070605",  // the time's high half, then the low one
                "05000000", "dc050000", "01020304", "05000000",
                "02000400", flags,  // epb_flags
                "00000000", "34000000",
            ])
    }

    @Test func statisticsEndIt() {
        var writer = PcapngWriter(application: "")
        _ = words(&writer)
        writer.addStatistics(interface: 0, nanoseconds: 1, received: 258, dropped: 3)
        #expect(
            words(&writer) == [
                "05000000", "34000000", "00000000", "00000000", "01000000",
                "04000800", "02010000", "00000000", "05000800", "03000000", "00000000",
                "00000000", "34000000",
            ])
    }
}
