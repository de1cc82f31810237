// Addresses: golden requests, and a real kernel compared with `ip -j addr`.

import CMnl
import IPRoute
import JSON
import SystemPackage
import Testing

@testable import Netlink

@Suite struct AddressMessageTests {
    @Test func addCarriesEverything() {
        var spec = AddressSpec(prefix("10.0.0.1/24"))
        spec.peer = address("10.0.0.2")
        spec.broadcast = address("10.0.0.255")
        spec.label = AddressLabel("d0:x")
        spec.validLifetime = word(100)
        spec.preferredLifetime = word(50)
        spec.nodad = true
        spec.noprefixroute = true
        spec.metric = word(7)
        #expect(
            NetlinkMessage.addAddress(spec, on: 3, [.create, .exclusive]).finished(adding: [], sequence: 1) == [
                96, 0, 0, 0, 20, 0, 0x01, 0x06, 1, 0, 0, 0, 0, 0, 0, 0,  // nlmsghdr: RTM_NEWADDR
                2, 24, 0, 0, 3, 0, 0, 0,  // ifaddrmsg: AF_INET, length, flags, scope, index
                8, 0, 2, 0, 10, 0, 0, 1,  // IFA_LOCAL
                8, 0, 1, 0, 10, 0, 0, 2,  // IFA_ADDRESS
                9, 0, 3, 0, 0x64, 0x30, 0x3a, 0x78, 0, 0, 0, 0,  // IFA_LABEL "d0:x"
                8, 0, 4, 0, 10, 0, 0, 255,  // IFA_BROADCAST
                8, 0, 9, 0, 7, 0, 0, 0,  // IFA_RT_PRIORITY
                8, 0, 8, 0, 0x02, 0x02, 0, 0,  // IFA_FLAGS: NODAD | NOPREFIXROUTE
                20, 0, 6, 0, 50, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // IFA_CACHEINFO
            ])
    }

    @Test func deleteCarriesWhatItIsKnownBy() {
        #expect(
            NetlinkMessage.deleteAddress(AddressSpec(prefix("fd00::1/64")), on: 3).finished(adding: [], sequence: 1)
                == [
                    64, 0, 0, 0, 21, 0, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0,  // nlmsghdr: RTM_DELADDR
                    10, 64, 0, 0, 3, 0, 0, 0,  // ifaddrmsg
                    20, 0, 2, 0, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,  // IFA_LOCAL
                    20, 0, 1, 0, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,  // IFA_ADDRESS
                ])
    }

    @Test func withoutAPreferredLifetimeItIsTheValidOne() throws {
        var spec = AddressSpec(prefix("10.0.0.1/24"))
        spec.validLifetime = word(100)
        let bytes = NetlinkMessage.addAddress(spec, on: 3, []).finished(adding: [], sequence: 1)
        let attributes = Attributes(bytes.dropFirst(24))
        #expect(attributes[IFA_CACHEINFO]?.bytes.prefix(8) == [100, 0, 0, 0, 100, 0, 0, 0])
    }

    @Test(arguments: [
        (#"{"local": "10.0.0.1/24", "peer": "fd00::1"}"#, "peer"),
        (#"{"local": "fd00::1/64", "broadcast": "10.0.0.255"}"#, "broadcast"),
        (#"{"local": "10.0.0.1/24", "broadcast": "fd00::1"}"#, "broadcast"),
        (#"{"local": "fd00::1/64", "label": "d0"}"#, "label"),
        (#"{"local": "10.0.0.1/24", "label": "0123456789abcdef"}"#, "label"),
        (#"{"local": "10.0.0.1/24", "valid_life_time": 0}"#, "valid_life_time"),
        (#"{"local": "10.0.0.1/24", "valid_life_time": 5, "preferred_life_time": 6}"#, "preferred_life_time"),
    ])
    func whatCannotBeIsRefused(text: String, key: String) throws {
        do {
            _ = try JSONValue.parse(text).decode(AddressSpec.self)
            Issue.record("accepted: \(text)")
        } catch {
            #expect("\(error)".contains(key))
        }
    }

    @Test func whatCanBeSurvivesTheJourney() throws {
        var spec = AddressSpec(prefix("10.0.0.1/24"))
        spec.peer = address("10.9.0.2")
        spec.broadcast = address("10.0.0.255")
        spec.label = AddressLabel("d0")
        spec.validLifetime = word(6)
        spec.preferredLifetime = word(0)
        #expect(try JSONValue(encoding: spec).decode(AddressSpec.self) == spec)
    }

    @Test func protocolsHaveTheirNames() {
        #expect([0, 1, 2, 3, 99].map(addressProtocolName) == [nil, "kernel_lo", "kernel_ra", "kernel_ll", "0x63"])
    }

    @Test func peoplesAddressesAreTold() {
        func isPeoples(_ text: String, on index: Int32, origin: UInt8? = nil, marked: Bool) -> Bool {
            var message = NetlinkMessage.addAddress(AddressSpec(prefix(text)), on: index, [])
            if let origin { message.attribute(IFA_PROTO, origin) }
            let reply = NetlinkReply.messages(in: message.finished(adding: [], sequence: 1))[0]
            return reply.isAddressOfPeople(kernelMarksIts: marked)
        }
        for marked in [true, false] {
            #expect(!isPeoples("127.0.0.1/8", on: 1, origin: 1, marked: marked))
            #expect(!isPeoples("fe80::1/64", on: 2, origin: 3, marked: marked))
            #expect(isPeoples("fe80::1/64", on: 2, origin: 99, marked: marked))
            #expect(isPeoples("127.0.0.2/8", on: 1, marked: marked))
            #expect(isPeoples("10.0.0.1/8", on: 1, marked: marked))
            #expect(isPeoples("::1/128", on: 2, marked: marked))
        }
        #expect(!isPeoples("127.0.0.1/8", on: 1, marked: true))
        #expect(isPeoples("127.0.0.1/8", on: 2, marked: false))
        for (text, index) in [("::1/128", 1), ("fe80::1/64", 2)] as [(String, Int32)] {
            #expect(isPeoples(text, on: index, marked: true))
            #expect(!isPeoples(text, on: index, marked: false))
        }
    }
}

@Suite struct AddressTests {
    private func spec(_ text: String, _ change: (inout AddressSpec) -> Void = { _ in }) -> AddressSpec {
        var spec = AddressSpec(prefix(text))
        change(&spec)
        return spec
    }

    /// Ours and theirs for one device, without `protocol`, which iproute2 shows from 6.3 on.
    private func compare(_ namespace: borrowing TestNamespace, _ device: String) throws -> [AddressInfo] {
        var filter = AddressFilter()
        filter.dev = name(device)
        let ours = try namespace.socket.addresses(filter)
        let theirs = try namespace.json("addr show dev \(device)")[0]["addr_info"]?.arrayValue ?? []
        // Lifetimes run.
        let ignored: Set = ["protocol", "valid_life_time", "preferred_life_time"]
        expectEqual(
            try shown(ours.map(\.info), without: ignored), theirs.map { comparable($0, without: ignored) })
        for ((_, info), their) in zip(ours, theirs) where info.dynamic == nil {
            #expect(their["valid_life_time"]?.integerValue == Int64(info.validLifetime.value))
            #expect(their["preferred_life_time"]?.integerValue == Int64(info.preferredLifetime.value))
        }
        #expect(try ours.allSatisfy { try $0.index == namespace.index(device) })
        return ours.map(\.info)
    }

    @Test func showsWhatIpShows() throws {
        let namespace = try TestNamespace.withPair()
        let index = try namespace.index("d0")
        let specs = [
            spec("10.0.0.1/24"),
            spec("10.0.0.2/24") { $0.label = AddressLabel("d0:second") },  // secondary
            spec("10.1.0.1/30") { $0.broadcast = address("10.1.0.3") },
            spec("10.2.0.1/32") { $0.peer = address("10.2.0.2") },
            spec("10.3.0.1/24") {
                $0.metric = word(77)
                $0.noprefixroute = true
                $0.scope = .link
            },
            spec("10.4.0.1/24") {
                $0.validLifetime = word(100_000)
                $0.preferredLifetime = word(50_000)
            },
            spec("10.5.0.1/24") {
                $0.validLifetime = word(100_000)
                $0.preferredLifetime = word(0)
            },  // deprecated
            spec("127.1.0.1/24"), spec("169.254.7.7/16"),
            spec("fd00::1/64") { $0.nodad = true },
            spec("fd01::1/128") {
                $0.nodad = true
                $0.peer = address("fd01::2")
            },
            spec("fd02::1/64") {
                $0.nodad = true
                $0.metric = word(5)
                $0.noprefixroute = true
            },
            spec("fd03::1/64") {
                $0.nodad = true
                $0.validLifetime = word(100_000)
            },
            spec("fe80::7/64") { $0.nodad = true },
        ]
        for spec in specs { try namespace.socket.addAddress(spec, on: index) }
        let infos = try compare(namespace, "d0")
        #expect(Set(infos.map(\.local)) == Set(specs.map(\.local.address)))
        let byLocal = Dictionary(uniqueKeysWithValues: infos.map { ($0.local, $0) })
        for spec in specs {
            let info = try #require(byLocal[spec.local.address])
            #expect(info.prefixlen == spec.local.length)
            #expect(info.peer == spec.peer)
            #expect(info.broadcast == spec.broadcast)
            #expect(info.metric == spec.metric)
            #expect((info.nodad, info.noprefixroute) == (spec.nodad, spec.noprefixroute))
            #expect(info.validLifetime <= spec.validLifetime ?? .forever)
            #expect((info.dynamic == true) == (spec.validLifetime != nil))
        }
        #expect(byLocal[address("127.1.0.1")]?.scope == .host)
        #expect(byLocal[address("169.254.7.7")]?.scope == .global)
        #expect(byLocal[address("10.3.0.1")]?.scope == .link)
        #expect(byLocal[address("10.0.0.2")]?.secondary == true)
        #expect(byLocal[address("10.5.0.1")]?.deprecated == true)
        #expect(try namespace.socket.countAddresses() == specs.count)
    }

    @Test func aDeviceThatIsDownLeavesAddressesTentative() throws {
        let namespace = try TestNamespace.fresh()
        try namespace.run("link add d0 type veth peer name d1")
        try namespace.socket.addAddress(spec("fd00::1/64"), on: try namespace.index("d0"))
        #expect(try compare(namespace, "d0").map(\.tentative) == [true])
    }

    @Test func theKernelsOwnAreNotCounted() throws {
        let namespace = try TestNamespace.fresh()
        try namespace.run("link add d0 type veth peer name d1")
        for device in ["lo", "d0", "d1"] { try namespace.run("link set \(device) up") }
        // lo's two, and one of IPv6 for each other link.
        try waitUntil { try namespace.socket.addresses().count == 4 }
        let own = try namespace.socket.addresses().map(\.info)
        #expect(own.allSatisfy { $0.family == .inet || ["kernel_lo", "kernel_ll"].contains($0.protocol) })
        #expect(try namespace.socket.countAddresses() == 0)
        try namespace.socket.addAddress(spec("fe80::1/64"), on: try namespace.index("d0"))
        #expect(try namespace.socket.countAddresses() == 1)
        _ = try compare(namespace, "lo")
    }

    @Test func replaceChangesWhatIsThere() throws {
        let namespace = try TestNamespace.withPair()
        let index = try namespace.index("d0")
        try namespace.socket.replaceAddress(spec("10.0.0.1/24"), on: index)
        try namespace.socket.replaceAddress(spec("10.0.0.1/24") { $0.validLifetime = word(9999) }, on: index)
        let infos = try namespace.socket.addresses().filter { $0.index == index }.map(\.info)
        #expect(infos.map(\.dynamic) == [true])
    }

    @Test func filtersAndDeletes() throws {
        let namespace = try TestNamespace.withPair()
        let (first, second) = try (namespace.index("d0"), namespace.index("d1"))
        let peer = spec("10.1.0.1/32") { $0.peer = address("10.1.0.2") }
        try namespace.socket.addAddress(spec("10.0.0.1/24"), on: first)
        try namespace.socket.addAddress(peer, on: first)
        try namespace.socket.addAddress(spec("fd00::1/64") { $0.nodad = true }, on: second)
        var filter = AddressFilter()
        filter.family = .inet6
        #expect(try namespace.socket.addresses(filter).filter { $0.index == second }.count == 1)
        #expect(try namespace.socket.addresses(filter).allSatisfy { $0.info.family == .inet6 })
        filter = AddressFilter()
        filter.local = address("10.1.0.1")
        #expect(try namespace.socket.addresses(filter).map(\.info.peer) == [address("10.1.0.2")])
        filter = AddressFilter()
        filter.scope = .host
        #expect(try namespace.socket.addresses(filter).allSatisfy { $0.index == 1 })

        let wrongLength = try failure { () throws(NetlinkError) in
            try namespace.socket.deleteAddress(spec("10.0.0.1/25"), from: first)
        }
        #expect(wrongLength.errno == .addressNotAvailable)
        try namespace.socket.deleteAddress(spec("10.0.0.1/24"), from: first)
        try namespace.socket.deleteAddress(peer, from: first)
        try namespace.socket.deleteAddress(spec("fd00::1/64"), from: second)
        #expect(try namespace.socket.countAddresses() == 0)
    }

    @Test func flushTakesAllThatMatchAndCountsThem() throws {
        let namespace = try TestNamespace.withPair()
        let index = try namespace.index("d0")
        for number in 1...20 {  // the first is the primary one of the others
            try namespace.socket.addAddress(spec("10.0.0.\(number)/24"), on: index)
            try namespace.socket.addAddress(spec("fd00::\(number)/64") { $0.nodad = true }, on: index)
        }
        try namespace.socket.addAddress(spec("10.7.0.1/32") { $0.peer = address("10.7.0.2") }, on: index)
        var filter = AddressFilter()
        filter.dev = name("d0")
        filter.family = .inet
        #expect(try namespace.socket.flushAddresses(filter) == 21)
        #expect(try namespace.socket.flushAddresses(filter) == 0)
        filter.family = nil
        #expect(try namespace.socket.flushAddresses(filter) == 20)
        #expect(try namespace.socket.addresses(filter).isEmpty)
        #expect(try namespace.socket.addresses().count == 2)  // lo's
    }

    @Test func errorsSayWhatTheKernelSaid() throws {
        let namespace = try TestNamespace.withPair()
        let index = try namespace.index("d0")
        try namespace.socket.addAddress(spec("10.0.0.1/24"), on: index)
        let twice = try failure { () throws(NetlinkError) in
            try namespace.socket.addAddress(spec("10.0.0.1/24"), on: index)
        }
        #expect(twice.errno == .fileExists)
        #expect(twice.operation == "RTM_NEWADDR")
        #expect(twice.subject == "10.0.0.1/24")
        let scope = try failure { () throws(NetlinkError) in
            try namespace.socket.addAddress(spec("10.0.0.9/24") { $0.scope = .link }, on: index)
        }
        #expect(scope.kernelMessage == "ipv4: Invalid scope value")
        let noDevice = try failure { () throws(NetlinkError) in _ = try namespace.socket.index(of: name("nope")) }
        #expect(noDevice.unknownDevice == "nope")
        #expect(twice.unknownDevice == nil)
        var filter = AddressFilter()
        filter.dev = name("nope")
        #expect(
            try failure { () throws(NetlinkError) in _ = try namespace.socket.addresses(filter) }.unknownDevice
                == "nope")
        #expect(try namespace.socket.deviceNames() == [1: "lo", 2: "d1", 3: "d0"])
    }
}
