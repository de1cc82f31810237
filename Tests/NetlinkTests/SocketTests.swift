// The conversation with a real kernel, in a namespace of each test's own.

import CMnl
import Descriptors
import Glibc
import IPRoute
import SystemPackage
import Testing

@testable import Netlink

@Suite struct SocketTests {
    @Test func everySocketHasAPortOfItsOwn() throws {
        let namespace = try TestNamespace.fresh()
        let other = try namespace.open { try NetlinkSocket() }
        #expect(namespace.socket.socket.port != 0)
        #expect(namespace.socket.socket.port != other.socket.port)
    }

    @Test func eachRequestOfABatchHasItsOwnResult() throws {
        let namespace = try TestNamespace.fresh()
        // Index 1 is lo; nothing else is there.
        let messages = [1, 999, 1].map { (index: Int32) in
            var body = ifinfomsg()
            body.ifi_index = index
            return NetlinkMessage(.getLink, body: body, subject: "index \(index)")
        }
        let results = try namespace.socket.transact(messages)
        #expect(try results[0].get().map(\.type) == [.newLink])
        #expect(throws: NetlinkError(.operationNotSupportedByDevice, "RTM_GETLINK", "index 999")) {
            try results[1].get()
        }
        #expect(try results[2].get().count == 1)
    }

    @Test func manyRequestsGoOutInBatches() throws {
        let namespace = try TestNamespace.fresh()
        var body = ifinfomsg()
        body.ifi_index = 1
        let results = try namespace.socket.transact(Array(repeating: NetlinkMessage(.getLink, body: body), count: 1000))
        #expect(results.count == 1000)
        #expect(try results.allSatisfy { try $0.get().count == 1 })
    }

    @Test func theKernelsWordsArriveWithTheError() throws {
        let namespace = try TestNamespace.fresh()
        var message = NetlinkMessage(.newLink, [.create, .exclusive], body: ifinfomsg(), subject: "x")
        message.nested(IFLA_LINKINFO) { $0.attribute(IFLA_INFO_KIND, "nonesuch") }
        do {
            try namespace.socket.request(message)
            Issue.record("no such kind, and no error")
        } catch {
            #expect(error.isUnsupported)
            #expect(error.kernelMessage == "Unknown device type")
            #expect(error.operation == "RTM_NEWLINK")
            #expect(error.subject == "x")
        }
    }

    @Test func anOverlongRequestIsNotSent() throws {
        let namespace = try TestNamespace.fresh()
        var message = NetlinkMessage(.newLink, body: ifinfomsg())
        message.attribute(1, bytes: [UInt8](repeating: 0, count: 70000))
        #expect(throws: NetlinkError(.messageTooLong, "RTM_NEWLINK")) { try namespace.socket.request(message) }
    }

    @Test func dumpsAreComplete() throws {
        let namespace = try TestNamespace.fresh()
        for index in 0..<40 {
            try namespace.ip("link", "add", "v\(index)", "type", "veth", "peer", "name", "w\(index)")
        }
        #expect(try namespace.socket.dump(NetlinkMessage(.getLink, body: ifinfomsg())).count == 81)
    }

    @Test func aListReadAmidChangesHasWhatStaysOnce() async throws {
        let namespace = try TestNamespace.fresh()
        let stable = try namespace.socket.addLink(LinkSpec(.veth)).ifindex
        let other = try namespace.open { try NetlinkSocket() }
        let churn = Task {
            while !Task.isCancelled {
                let made = try other.addLink(LinkSpec(.veth))
                try other.deleteLink(made.ifindex)
            }
        }
        for _ in 0..<100 {
            let listed = try namespace.socket.links().map(\.ifindex)
            #expect(listed.count { $0 == stable } == 1)
            #expect(listed.count == Set(listed).count)
        }
        churn.cancel()
        try await churn.value
    }

    @Test func theKernelsSilenceEndsAtTheTimeout() throws {
        let namespace = try TestNamespace.fresh()
        let socket = try namespace.open { try RawSocket(nonBlocking: false) }
        try socket.setOption(SOL_SOCKET, SO_RCVTIMEO, "SO_RCVTIMEO", timeval(tv_sec: 0, tv_usec: 1000))
        #expect(throws: NetlinkError(.wouldBlock, "recvmsg")) { try socket.receive() }
    }

    @Test func whatAnotherProcessSendsIsNotHeard() throws {
        let namespace = try TestNamespace.fresh()
        let port = namespace.socket.socket.port
        // root may write to another's netlink port; the message claims to be the reply to the next request.
        let other = try namespace.open { try RawSocket(nonBlocking: false) }
        var forged = NetlinkMessage(.error, body: Int32(-1)).finished(adding: [], sequence: 1)
        forged.replaceSubrange(12..<16, with: withUnsafeBytes(of: port) { Array($0) })
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        address.nl_pid = port
        let sent = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(other.descriptor.raw, forged, forged.count, 0, $0, socklen_t(MemoryLayout<sockaddr_nl>.size))
            }
        }
        #expect(sent == forged.count)
        var body = ifinfomsg()
        body.ifi_index = 1
        #expect(try namespace.socket.request(NetlinkMessage(.getLink, body: body)).count == 1)
    }

    @Test func namespaceIdsAreGivenAndFound() throws {
        let namespace = try TestNamespace.fresh()
        let other = try TestNamespace.fresh()
        #expect(try namespace.socket.namespaceId(of: other.descriptor.raw) == nil)
        #expect(try namespace.socket.namespaceIds() == [])
        try namespace.socket.assignNamespaceId(42, to: other.descriptor.raw)
        #expect(try namespace.socket.namespaceId(of: other.descriptor.raw) == 42)
        #expect(try namespace.socket.namespaceIds() == [42])
        do {
            try namespace.socket.assignNamespaceId(43, to: other.descriptor.raw)
            Issue.record("a second id was given")
        } catch {
            #expect(error.errno == .fileExists)
        }
    }
}
