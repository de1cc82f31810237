// Neighbours: golden requests, and a real kernel compared with `ip -j neigh`.

import CMnl
import IPRoute
import JSON
import SystemPackage
import Testing

@testable import Netlink

private func spec(_ text: String, _ change: (inout NeighbourSpec) -> Void = { _ in }) -> NeighbourSpec {
    var spec = NeighbourSpec(address(text), dev: name("d0"))
    change(&spec)
    return spec
}

private let ethernet = LinkLayerAddress("02:00:00:00:00:01")

@Suite struct NeighbourMessageTests {
    @Test func addCarriesEverything() {
        let everything = spec("10.0.0.5") {
            $0.lladdr = ethernet
            $0.state = .stale
            $0.router = true
        }
        #expect(
            NetlinkMessage.addNeighbour(everything, on: 3, [.create, .exclusive]).finished(adding: [], sequence: 1) == [
                48, 0, 0, 0, 28, 0, 0x01, 0x06, 1, 0, 0, 0, 0, 0, 0, 0,  // nlmsghdr: RTM_NEWNEIGH
                2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0x80, 0,  // ndmsg: family, index, NUD_STALE, NTF_ROUTER
                8, 0, 1, 0, 10, 0, 0, 5,  // NDA_DST
                10, 0, 2, 0, 2, 0, 0, 0, 0, 1, 0, 0,  // NDA_LLADDR
            ])
    }

    @Test func proxiesAreDeletedAsSuch() {
        let message = NetlinkMessage.deleteNeighbour(spec("10.0.0.5") { $0.proxy = true }, on: 3)
        #expect(
            message.finished(adding: [], sequence: 1) == [
                36, 0, 0, 0, 29, 0, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0,  // nlmsghdr: RTM_DELNEIGH
                2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 8, 0,  // ndmsg: NTF_PROXY
                8, 0, 1, 0, 10, 0, 0, 5,  // NDA_DST
            ])
    }
}

@Suite struct NeighbourTests {
    private let specs = [
        spec("10.0.0.2") { $0.lladdr = ethernet },
        spec("10.0.0.3") {
            $0.lladdr = ethernet
            $0.state = .noarp
        },
        spec("10.0.0.4") {
            $0.lladdr = ethernet
            $0.state = .stale
        },
        spec("10.0.0.5") {
            $0.lladdr = ethernet
            $0.state = .reachable
        },
        spec("fd00::2") { $0.lladdr = ethernet },
        spec("fd00::3") {
            $0.lladdr = ethernet
            $0.state = .stale
            $0.router = true
        },
    ]
    private let proxies = [spec("10.0.0.9") { $0.proxy = true }, spec("fd00::9") { $0.proxy = true }]

    private func filled() throws -> TestNamespace {
        let namespace = try TestNamespace.withPair()
        for spec in specs + proxies { try namespace.socket.addNeighbour(spec) }
        return namespace
    }

    private func list(_ namespace: borrowing TestNamespace, _ change: (inout NeighbourFilter) -> Void) throws
        -> [String]
    {
        var filter = NeighbourFilter()
        change(&filter)
        return try namespace.socket.neighbours(filter).map { "\($0.dst)" }.sorted()
    }

    @Test func showsWhatIpShows() throws {
        let namespace = try filled()
        let ours = try namespace.socket.neighbours()
        expectEqual(try shown(ours), try namespace.json("neigh show").map { comparable($0, without: []) })
        #expect(ours.count == 5)
        #expect(ours.first { $0.dst == address("fd00::3") }?.router == true)
        #expect(ours.first { $0.dst == address("10.0.0.2") }?.state == [.permanent])

        var filter = NeighbourFilter()
        filter.proxy = true
        // iproute2 names no state of a proxy.
        expectEqual(
            try shown(try namespace.socket.neighbours(filter), without: ["state"]),
            try namespace.json("neigh show proxy").map { comparable($0, without: ["state"]) })
        #expect(try namespace.socket.countNeighbours() == 4)
    }

    @Test func filtersLetThrough() throws {
        let namespace = try filled()
        #expect(
            try list(namespace) {
                $0.state = .noarp
                $0.dev = name("d0")
                $0.family = .inet
            } == ["10.0.0.3"])
        #expect(try list(namespace) { $0.state = .stale } == ["10.0.0.4", "fd00::3"])
        #expect(try list(namespace) { $0.family = .inet6 } == ["fd00::2", "fd00::3"])
        #expect(try list(namespace) { $0.dst = address("10.0.0.2") } == ["10.0.0.2"])
        #expect(try list(namespace) { $0.dev = name("d1") } == [])
        #expect(
            try list(namespace) {
                $0.proxy = true
                $0.dev = name("d0")
            } == ["10.0.0.9", "fd00::9"])
        #expect(
            try list(namespace) {
                $0.proxy = true
                $0.dev = name("d1")
            } == [])
        #expect(
            try failure { () throws(NetlinkError) in
                var filter = NeighbourFilter()
                filter.dev = name("nope")
                _ = try namespace.socket.neighbours(filter)
            }.unknownDevice == "nope")
    }

    @Test func replacesAndDeletes() throws {
        let namespace = try filled()
        let other = LinkLayerAddress("02:00:00:00:00:02")
        try namespace.socket.replaceNeighbour(spec("10.0.0.2") { $0.lladdr = other })
        var filter = NeighbourFilter()
        filter.dst = address("10.0.0.2")
        #expect(try namespace.socket.neighbours(filter).map(\.lladdr) == ["02:00:00:00:00:02"])
        for spec in specs + proxies { try namespace.socket.deleteNeighbour(spec) }
        #expect(try namespace.socket.countNeighbours() == 0)
        #expect(try list(namespace) { _ in } == [])
        let gone = try failure { () throws(NetlinkError) in try namespace.socket.deleteNeighbour(spec("10.0.0.2")) }
        #expect(gone.errno == .noSuchFileOrDirectory)
        #expect(gone.subject == "10.0.0.2 on d0")
    }

    @Test func flushSparesWhatIsMeantToStay() throws {
        let namespace = try filled()
        #expect(try namespace.socket.flushNeighbours(NeighbourFilter()) == 3)
        #expect(try list(namespace) { _ in } == ["10.0.0.2", "fd00::2"])
        var filter = NeighbourFilter()
        filter.state = .permanent
        #expect(try namespace.socket.flushNeighbours(filter) == 2)
        (filter.state, filter.dev, filter.family) = (.noarp, name("d0"), .inet)
        #expect(try namespace.socket.flushNeighbours(filter) == 1)
        filter = NeighbourFilter()
        filter.proxy = true
        #expect(try namespace.socket.flushNeighbours(filter) == 2)
        #expect(try namespace.socket.countNeighbours() == 0)
    }

    @Test func errorsSayWhatTheKernelSaid() throws {
        let namespace = try filled()
        let twice = try failure { () throws(NetlinkError) in try namespace.socket.addNeighbour(specs[0]) }
        #expect(twice.errno == .fileExists)
        let without = try failure { () throws(NetlinkError) in try namespace.socket.addNeighbour(spec("10.0.0.77")) }
        #expect(without.kernelMessage == "No link layer address given")
    }
}
