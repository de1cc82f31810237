// The bounds-checked reader against bytes that no honest kernel sends.

import SystemPackage
import Testing

@testable import Netlink

@Suite struct ReaderTests {
    @Test func readsAttributesInOrder() {
        let attributes = Attributes([
            8, 0, 1, 0, 0x78, 0x56, 0x34, 0x12,  // type 1: u32
            7, 0, 2, 0, 0x61, 0x62, 0, 0,  // type 2: "ab", one byte of padding
            4, 0, 3, 0,  // type 3: a flag
        ])
        #expect(attributes.map(\.type) == [1, 2, 3])
        #expect(attributes[1]?.uint32 == 0x1234_5678)
        #expect(attributes[1]?.uint32BigEndian == 0x7856_3412)
        #expect(attributes[2]?.string == "ab")
        #expect(attributes[3]?.bytes == [])
        #expect(attributes[4] == nil)
        #expect(!attributes.isMalformed)
    }

    @Test func takesTheLastOfOneType() {
        #expect(Attributes([5, 0, 1, 0, 7, 0, 0, 0, 5, 0, 1, 0, 9, 0, 0, 0])[1]?.uint8 == 9)
    }

    @Test func seesThroughFlagBits() {
        let nested = Attributes([12, 0, 1, 0x80, 8, 0, 2, 0x40, 1, 0, 0, 0])[1]?.nested
        #expect(nested?[2]?.uint32BigEndian == 0x0100_0000)
    }

    @Test(
        arguments: [
            ("no bytes", [], 0, false),
            ("shorter than a header", [4, 0, 1], 0, false),
            ("length zero", [0, 0, 1, 0, 9, 9, 9, 9], 0, true),
            ("length below the header's", [3, 0, 1, 0], 0, true),
            ("length beyond the end", [9, 0, 1, 0, 1, 2, 3, 4], 0, true),
            ("length at its largest", [255, 255, 1, 0, 1, 2, 3, 4], 0, true),
            ("a good one before a bad one", [4, 0, 1, 0, 1, 0, 2, 0], 1, true),
            ("last one without its padding", [5, 0, 1, 0, 7], 1, false),
            ("padding only", [4, 0, 1, 0, 0, 0, 0], 1, false),
        ] as [(String, [UInt8], Int, Bool)])
    func survives(what: String, bytes: [UInt8], count: Int, isMalformed: Bool) {
        let attributes = Attributes(bytes[...])
        #expect(Array(attributes).count == count, "\(what)")
        #expect(attributes.isMalformed == isMalformed, "\(what)")
    }

    @Test func anyPrefixOfAnyBytesIsSafe() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...64, using: &generator)).map { _ in
                // Small numbers make lengths that often nearly fit.
                Bool.random(using: &generator) ? UInt8.random(in: 0...12, using: &generator) : .random(in: 0...255)
            }
            for attribute in Attributes(bytes[...]) {
                for inner in attribute.nested { #expect(inner.payload.count <= attribute.payload.count) }
                _ = (attribute.uint8, attribute.uint16, attribute.uint32, attribute.uint64, attribute.string)
            }
            for message in NetlinkReply.messages(in: bytes) {
                #expect(message.payload.count <= bytes.count - 16)
                _ = message.failure(of: NetlinkMessage(.getLink, body: UInt32(0)))
            }
        }
    }

    @Test func shortPayloadsHaveNoIntegers() {
        let attribute = Attribute(type: 1, payload: [1, 2, 3])
        #expect(attribute.uint8 == 1)
        #expect(attribute.uint16 == 0x0201)
        #expect(attribute.uint32 == nil)
        #expect(attribute.uint64 == nil)
    }

    @Test func stringsEndAtTheirNUL() {
        #expect(Attribute(type: 1, payload: [0x61, 0, 0x62]).string == "a")
        #expect(Attribute(type: 1, payload: [0x61, 0x62]).string == "ab")
        #expect(Attribute(type: 1, payload: [0x61, 0xff]).stringBytes == [0x61, 0xff])
    }

    @Test func structuresOfOtherKernelsFit() {
        struct Pair: BitwiseCopyable, Equatable { var a: UInt16 = 0, b: UInt16 = 0 }
        #expect(Attribute(type: 1, payload: [1, 0]).structure(zero: Pair()) == Pair(a: 1, b: 0))
        #expect(Attribute(type: 1, payload: [1, 0, 2, 0, 3, 0]).structure(zero: Pair()) == Pair(a: 1, b: 2))
    }
}

@Suite struct ReplyTests {
    /// struct nlmsghdr: length, type, flags, sequence, port.
    private func message(_ type: MessageType, _ flags: MessageFlags, _ payload: [UInt8], length: UInt32? = nil)
        -> [UInt8]
    {
        var bytes = little(length ?? UInt32(16 + payload.count))
        bytes += little(type.rawValue)
        bytes += little(flags.rawValue)
        bytes += [7, 0, 0, 0, 9, 0, 0, 0]
        return bytes + payload
    }

    private func little<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private let request = NetlinkMessage(.newLink, body: UInt32(0), subject: "v0")

    private func failure(_ bytes: [UInt8]) -> NetlinkError? {
        NetlinkReply.messages(in: bytes)[0].failure(of: request)
    }

    @Test func cutsADatagramIntoMessages() {
        let replies = NetlinkReply.messages(
            in: message(.newLink, [], [1, 2, 3, 4]) + message(.done, [], [0, 0, 0, 0]))
        #expect(replies.map(\.type) == [.newLink, .done])
        #expect(replies.allSatisfy { $0.sequence == 7 && $0.port == 9 })
        #expect(replies[0].payload == [1, 2, 3, 4])
    }

    @Test(arguments: [0, 15, 21, .max] as [UInt32])
    func stopsAtALengthThatCannotBe(length: UInt32) {
        let bytes = message(.newLink, [], [1, 2, 3, 4]) + message(.newLink, [], [1, 2, 3, 4], length: length)
        #expect(NetlinkReply.messages(in: bytes).count == 1)
    }

    @Test func acksAreNoFailure() {
        #expect(failure(message(.error, .capped, [0, 0, 0, 0] + message(.newLink, [], []))) == nil)
        #expect(failure(message(.done, [], [])) == nil)
    }

    @Test func errorsCarryTheKernelsWords() {
        let quoted = message(.newLink, [], [1, 2, 3, 4])
        let text: [UInt8] = [8, 0, 1, 0] + Array("hey".utf8) + [0]  // NLMSGERR_ATTR_MSG
        let capped = failure(
            message(.error, [.capped, .acknowledgeAttributes], [0xef, 0xff, 0xff, 0xff] + quoted.prefix(16) + text))
        #expect(capped == NetlinkError(.fileExists, "RTM_NEWLINK", "v0", kernelMessage: "hey"))
        let whole = failure(message(.error, .acknowledgeAttributes, [0xef, 0xff, 0xff, 0xff] + quoted + text))
        #expect(whole == capped)
        #expect(capped?.description == "RTM_NEWLINK v0: File exists (hey)")
    }

    @Test func dumpsCanEndInAnError() {
        let text: [UInt8] = [8, 0, 1, 0] + Array("hey".utf8) + [0]
        let done = failure(message(.done, .acknowledgeAttributes, [0xea, 0xff, 0xff, 0xff] + text))
        #expect(done == NetlinkError(.invalidArgument, "RTM_NEWLINK", "v0", kernelMessage: "hey"))
    }

    @Test func tooShortAnErrorIsABadMessage() {
        #expect(failure(message(.error, [], [1, 0]))?.errno == .badMessage)
        #expect(failure(message(.error, [], [0, 0, 0, 0x80]))?.errno == .badMessage)
        // The quoted request's length is not to be believed.
        #expect(
            failure(message(.error, .acknowledgeAttributes, [0xff, 0xff, 0xff, 0xff] + [255, 255, 255, 255]))?.errno
                == .notPermitted)
    }
}
