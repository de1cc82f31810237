// Packets in a line: right ones, cut ones, and bytes that nobody meant.

import NetnsClient
import Testing

private func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
}

private let ethernet = "02 00 00 00 00 01 02 00 00 00 00 02 "
private let toServer = "0a 00 00 02 0a 00 00 01 "
private let ip6 = "fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 "

@Suite struct PacketSummaryTests {
    static let packets: [(hexadecimal: String, line: String)] = [
        (
            ethernet + "0806 0001 0800 06 04 0001 020000000002 0a000002 000000000000 0a000001",
            "02:00:00:00:00:02 > 02:00:00:00:00:01 ARP who has 10.0.0.1? tell 10.0.0.2"
        ),
        (
            ethernet + "0806 0001 0800 06 04 0002 020000000002 0a000002 020000000001 0a000001",
            "02:00:00:00:00:02 > 02:00:00:00:00:01 ARP 10.0.0.2 is at 02:00:00:00:00:02"
        ),
        (
            ethernet + "0800 45 00 0054 0000 4000 40 01 0000" + toServer + "08 00 0000 0007 0001"
                + String(repeating: "00", count: 56),
            "10.0.0.2 > 10.0.0.1 ICMP echo request id 7 seq 1 length 64"
        ),
        (
            ethernet + "0800 45 00 0038 0000 4000 40 01 0000" + toServer + "03 03 0000 00000000",
            "10.0.0.2 > 10.0.0.1 ICMP unreachable: port length 36"
        ),
        (
            ethernet + "0800 45 00 003c 0000 4000 40 06 0000" + toServer
                + "c000 0050 00000064 00000000 a0 02 fd20 0000 0000",
            "10.0.0.2:49152 > 10.0.0.1:80 TCP SYN seq 100 win 64800 length 0"
        ),
        (
            ethernet + "0800 46 00 0030 0000 4000 40 06 0000" + toServer
                + "94040000 c000 0050 00000064 00000065 50 18 0001 0000 0000 61626364",
            "10.0.0.2:49152 > 10.0.0.1:80 TCP PSH,ACK seq 100 ack 101 win 1 length 4"
        ),
        (
            ethernet + "8100 0064 0800 45 00 0021 0000 4000 40 11 0000" + toServer + "c000 0035 000d 0000 68656c6c6f",
            "10.0.0.2:49152 > 10.0.0.1:53 UDP vlan 100 length 5"
        ),
        (
            ethernet + "0800 45 00 05dc 0001 20b9 40 11 0000" + toServer,
            "10.0.0.2 > 10.0.0.1 IPv4 fragment at 1480 of protocol 17 length 1480"
        ),
        (
            ethernet + "86dd 60000000 0020 3a ff" + ip6
                + "87 00 0000 00000000 fd000000000000000000000000000001 0101020000000002",
            "fd00::2 > fd00::1 ICMPv6 neighbour solicitation fd00::1 length 32"
        ),
        (
            // Hop-by-hop options and a first fragment before UDP.
            ethernet + "86dd 60000000 001d 00 40" + ip6
                + "2c 00 050200000000 11 00 0001 00000001 c000 0035 000d 0000 68656c6c6f",
            "[fd00::2]:49152 > [fd00::1]:53 UDP length 5"
        ),
        (ethernet + "0800 45 00 0014 0000 4000 40 59 0000" + toServer, "10.0.0.2 > 10.0.0.1 OSPF length 0"),
        (ethernet + "0800 41 00 0014 0000 4000 40 59 0000" + toServer, "10.0.0.2 > 10.0.0.1 IPv4 bad header length 4"),
        (ethernet + "0800 45 00 0001 0000 4000 40 06 0000" + toServer, "10.0.0.2 > 10.0.0.1 IPv4 bad length"),
        (ethernet + "0800 95", "02:00:00:00:00:02 > 02:00:00:00:00:01 IP version 9"),
        (ethernet + "0026 42 42 03", "02:00:00:00:00:02 > 02:00:00:00:00:01 LLC"),
        (ethernet + "88b5", "02:00:00:00:00:02 > 02:00:00:00:00:01 type 0x88b5"),
        ("02 00 00", "Ethernet cut short"),
        ("", "Ethernet cut short"),
    ]

    @Test(arguments: packets)
    func isReadAsItIs(_ packet: (hexadecimal: String, line: String)) {
        #expect(PacketSummary(bytes(packet.hexadecimal), type: .ethernet).description == packet.line)
    }

    @Test func aTunnelsPacketBeginsWithIP() {
        let packet = bytes("45 00 0014 0000 4000 40 3b 0000" + toServer)
        #expect(PacketSummary(packet, type: .ip).description == "10.0.0.2 > 10.0.0.1 no next header length 0")
        #expect(PacketSummary([], type: .ip).description == " cut short")
    }

    /// Whatever comes, it is read to some end: cut at every place, and with every byte set to what is worst.
    @Test(arguments: packets)
    func nothingBreaksIt(_ packet: (hexadecimal: String, line: String)) {
        let whole = bytes(packet.hexadecimal)
        for length in 0...whole.count {
            for type in [LinkType.ethernet, .ip] {
                #expect(!PacketSummary(Array(whole[..<length]), type: type).description.isEmpty)
            }
        }
        for index in whole.indices {
            for value: UInt8 in [0x00, 0x01, 0x2C, 0x3C, 0x45, 0x60, 0x7F, 0x81, 0xFF] {
                var spoilt = whole
                spoilt[index] = value
                let line = PacketSummary(spoilt, type: .ethernet).description
                #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F })
            }
        }
    }

    @Test func noiseIsReadToItsEnd() {
        var state: UInt64 = 7
        for length in 0..<400 {
            let noise = (0..<length).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407  // Knuth's MMIX
                return UInt8(truncatingIfNeeded: state >> 33)
            }
            #expect(!PacketSummary(noise, type: .ethernet).protocolName.isEmpty)
            _ = PacketSummary([0x45] + noise, type: .ip)
            _ = PacketSummary([0x60] + noise, type: .ip)
        }
    }
}
