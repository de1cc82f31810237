// Golden bytes of the builder itself (little-endian machines).

import CMnl
import SystemPackage
import Testing

@testable import Netlink

@Suite struct MessageTests {
    @Test func buildsHeaderStructureAndAttributes() {
        var body = rtgenmsg()
        body.rtgen_family = 0x11
        var message = NetlinkMessage(.newNamespaceId, [.create, .exclusive], body: body)
        message.attribute(1, UInt8(0xaa))
        message.attribute(2, UInt32(0x1234_5678))
        message.attribute(3, bigEndian: UInt16(0x1234))
        message.attribute(4, "ab")
        message.nested(5) { $0.nested(6, marked: true) { $0.flag(7) } }
        #expect(
            message.finished(adding: .acknowledge, sequence: 0x0a0b_0c0d) == [
                64, 0, 0, 0, 88, 0, 0x05, 0x06, 0x0d, 0x0c, 0x0b, 0x0a, 0, 0, 0, 0,  // nlmsghdr
                0x11, 0, 0, 0,  // rtgenmsg
                5, 0, 1, 0, 0xaa, 0, 0, 0,
                8, 0, 2, 0, 0x78, 0x56, 0x34, 0x12,
                6, 0, 3, 0, 0x12, 0x34, 0, 0,
                7, 0, 4, 0, 0x61, 0x62, 0, 0,
                12, 0, 5, 0, 8, 0, 6, 0x80, 4, 0, 7, 0,
            ])
    }

    @Test func whatDoesNotFitAnAttributeIsMarked() {
        var message = NetlinkMessage(.newLink, body: ifinfomsg())
        message.attribute(1, bytes: [UInt8](repeating: 1, count: 65531))
        #expect(message.defect == nil)
        var nested = message
        nested.nested(2) { $0.attribute(1, bytes: [UInt8](repeating: 1, count: 65531)) }
        #expect(nested.defect?.errno == .messageTooLong)
        message.attribute(1, bytes: [UInt8](repeating: 1, count: 65532))
        #expect(message.defect?.errno == .messageTooLong)
    }

    @Test func aNumberThatDoesNotFitIsNotCutShort() {
        var message = NetlinkMessage(.newLink, body: ifinfomsg(), subject: "br0")
        message.attribute(1, 65535, as: UInt16.self)
        #expect(message.defect == nil)
        message.attribute(1, 65536, as: UInt16.self)
        #expect(
            message.defect
                == NetlinkError(.outOfRange, "RTM_NEWLINK", "br0", kernelMessage: "65536 is more than 65535"))
    }
}
