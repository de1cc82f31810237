// A packet that netnsctl capture prints: from whoever sent it.

import NetnsClient

/// A line for a terminal, whatever came.
func fuzzPacket(_ input: [UInt8]) {
    for type in [LinkType.ethernet, .ip] {
        let line = PacketSummary(input, type: type).description
        require(!line.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "a control character in \(line.debugDescription)")
    }
}
