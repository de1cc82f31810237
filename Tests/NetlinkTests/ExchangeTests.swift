// Matching of replies to requests, with replies the kernel gives rarely or never.

import SystemPackage
import Testing

@testable import Netlink

@Suite struct ExchangeTests {
    private let requests = ["a", "b"].map { NetlinkMessage(.newLink, body: UInt32(0), subject: $0) }

    private func reply(
        _ type: MessageType, _ sequence: UInt32, _ flags: MessageFlags = [], _ payload: [UInt8] = []
    ) -> NetlinkReply {
        NetlinkReply(type: type, flags: flags, sequence: sequence, port: 1, payload: payload[...])
    }

    private func acknowledgement(_ sequence: UInt32, errno: Int32 = 0) -> NetlinkReply {
        reply(.error, sequence, [], withUnsafeBytes(of: -errno) { Array($0) })
    }

    @Test func repliesAreMatchedByNumberInAnyOrder() throws {
        var exchange = Exchange(requests, firstSequence: 10)
        exchange.receive(reply(.newLink, 11))
        exchange.receive(acknowledgement(11))
        #expect(exchange.results == nil)
        exchange.receive(acknowledgement(10, errno: 17))
        let results = try #require(exchange.results)
        #expect(throws: NetlinkError(.fileExists, "RTM_NEWLINK", "a")) { try results[0].get() }
        #expect(try results[1].get().count == 1)
    }

    @Test func repliesToOtherRequestsArePassedOver() throws {
        var exchange = Exchange(requests, firstSequence: 10)
        for sequence in [9, 12, 0, UInt32.max] { exchange.receive(acknowledgement(sequence, errno: 1)) }
        exchange.receive(acknowledgement(10))
        exchange.receive(acknowledgement(10, errno: 1))  // a second answer
        exchange.receive(acknowledgement(11))
        #expect(try #require(exchange.results).allSatisfy { try $0.get().isEmpty })
    }

    @Test func numbersMayWrapAround() throws {
        var exchange = Exchange(requests, firstSequence: .max)
        exchange.receive(acknowledgement(.max))
        exchange.receive(acknowledgement(0))
        #expect(exchange.results?.count == 2)
    }

    @Test func aDumpEndsWithDone() {
        var dump = Dump(requests[0], sequence: 5)
        dump.receive(reply(.newLink, 4))
        dump.receive(reply(.newLink, 5))
        #expect(dump.outcome == nil)
        dump.receive(reply(.done, 5, [], [0, 0, 0, 0]))
        guard case .complete(let replies) = dump.outcome else {
            Issue.record("not complete")
            return
        }
        #expect(replies.count == 1)
    }

    @Test(arguments: [MessageType.newLink, .done])
    func aDumpThatWasOvertakenIsNotBelieved(marked: MessageType) {
        var dump = Dump(requests[0], sequence: 5)
        dump.receive(reply(.newLink, 5, marked == .newLink ? .dumpInterrupted : []))
        dump.receive(reply(.newLink, 5))
        dump.receive(reply(.done, 5, marked == .done ? .dumpInterrupted : [], [0, 0, 0, 0]))
        guard case .interrupted = dump.outcome else {
            Issue.record("believed")
            return
        }
    }

    @Test(arguments: [MessageType.done, .error])
    func aDumpCanFail(ending: MessageType) {
        var dump = Dump(requests[0], sequence: 5)
        dump.receive(reply(.newLink, 5))
        dump.receive(reply(ending, 5, [], withUnsafeBytes(of: Int32(-22)) { Array($0) }))
        guard case .failed(let error) = dump.outcome else {
            Issue.record("did not fail")
            return
        }
        #expect(error == NetlinkError(.invalidArgument, "RTM_NEWLINK", "a"))
    }
}
