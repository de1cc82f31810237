// The verbs about links against a real kernel, each test in namespaces of its own.

import CMnl
import Descriptors
import IPRoute
import SystemPackage
import Testing

@testable import Netlink

@Suite struct LinkTests {
    private func name(_ text: String) -> InterfaceName { InterfaceName(text)! }

    private func with<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
        LinkMessageCases.with(value, change)
    }

    // MARK: Making

    @Test func aVethIsMadeWithAllThatWasAsked() throws {
        let namespace = try TestNamespace.fresh()
        let bridge = try namespace.socket.addLink(LinkSpec(.bridge(BridgeOptions()), ifname: name("br0")))
        let spec = with(LinkSpec(.veth, ifname: name("v0"))) {
            $0.up = true
            $0.mtu = MTU(1400)
            $0.address = MACAddress("02:00:00:00:00:01")
            $0.master = name("br0")
            $0.txqlen = Word(77)
            $0.alias = LinkAlias("to the server")
        }
        let peer = with(VethPeer(name: name("v1"))) {
            $0.mtu = MTU(1300)
            $0.address = MACAddress("02:00:00:00:00:02")
        }
        let link = try namespace.socket.addLink(spec, peer: peer)
        #expect(link.ifname == "v0")
        #expect(link.isUp)
        #expect(link.mtu == 1400)
        #expect(link.address == "02:00:00:00:00:01")
        #expect(link.master == bridge.ifname)
        #expect(link.txqlen == 77)
        #expect(link.alias == "to the server")
        #expect(link.link == "v1")
        #expect(link.linkinfo?.kind == "veth")
        let other = try #require(try namespace.socket.link(named: name("v1")))
        #expect(!other.isUp)
        #expect(other.mtu == 1300)
        #expect(other.address == "02:00:00:00:00:02")
        #expect(other.link == "v0")
    }

    @Test func aVethWithoutNamesTakesTheFirstFreeOnes() throws {
        let namespace = try TestNamespace.fresh()
        let first = try namespace.socket.addLink(LinkSpec(.veth))
        let second = try namespace.socket.addLink(LinkSpec(.veth))
        let names = try namespace.socket.links().map(\.ifname).filter { $0 != "lo" }
        #expect(Set(names) == ["veth0", "veth1", "veth2", "veth3"])
        #expect(Set([first.ifname, first.link]) == ["veth0", "veth1"])
        #expect(Set([second.ifname, second.link]) == ["veth2", "veth3"])
    }

    @Test(arguments: [nil, "eth0"])
    func aPeerIsMadeInAnotherNamespace(peerName: String?) throws {
        let here = try TestNamespace.fresh()
        let there = try TestNamespace.fresh()
        let peer = VethPeer(name: peerName.map(name), namespaceDescriptor: there.descriptor.raw)
        let link = try here.socket.addLink(LinkSpec(.veth, ifname: name("v0")), peer: peer)
        let nsid = try #require(try here.socket.namespaceId(of: there.descriptor.raw))
        #expect(link.link == nil)
        #expect(link.linkNetnsid == nsid)
        let peerIndex = try #require(link.linkIndex)
        let other = try #require(try there.socket.link(at: peerIndex))
        #expect(other.ifname == peerName ?? "veth0")
        #expect(other.linkIndex == link.ifindex)
        #expect(try here.socket.links().count == 2)
    }

    @Test func otherKindsWithoutANameAreNumberedByKind() throws {
        let namespace = try TestNamespace.fresh()
        let names = try (0..<3).map { _ in try namespace.socket.addLink(LinkSpec(.bridge(BridgeOptions()))).ifname }
        #expect(names == ["bridge0", "bridge1", "bridge2"])
        try namespace.socket.deleteLink(namespace.socket.index(of: name("bridge1")))
        #expect(try namespace.socket.addLink(LinkSpec(.bridge(BridgeOptions()))).ifname == "bridge1")
    }

    @Test func whatExistsUnderAnotherNameIsNotTriedForever() throws {
        let namespace = try TestNamespace.fresh()
        let options = with(VXLANOptions(id: VNI(7)!)) { $0.remote = IPAddress("10.0.0.1") }
        #expect(try namespace.socket.addLink(LinkSpec(.vxlan(options))).ifname == "vxlan0")
        do {
            _ = try namespace.socket.addLink(LinkSpec(.vxlan(options)))
            Issue.record("two of one id")
        } catch {
            #expect(error.errno == .fileExists)
        }
    }

    @Test func aTakenNameIsRefused() throws {
        let namespace = try TestNamespace.fresh()
        do {
            _ = try namespace.socket.addLink(LinkSpec(.bridge(BridgeOptions()), ifname: .loopback))
            Issue.record("a second lo")
        } catch {
            #expect(error.errno == .fileExists)
            #expect(error.operation == "RTM_NEWLINK")
            #expect(error.subject == "lo")
        }
    }

    @Test func aMissingMasterOrLowerLinkIsNamed() throws {
        let namespace = try TestNamespace.fresh()
        for change in [{ $0.master = InterfaceName("nil0") }, { $0.link = InterfaceName("nil0") }]
            as [@Sendable (inout LinkSpec) -> Void]
        {
            do {
                _ = try namespace.socket.addLink(with(LinkSpec(.veth), change))
                Issue.record("no such link, and no error")
            } catch {
                #expect(error.errno == .operationNotSupportedByDevice)  // ENODEV
                #expect(error.subject == "nil0")
            }
        }
        #expect(try namespace.socket.links().map(\.ifname) == ["lo"])
    }

    /// Each kind is made where the kernel has it; where not, the refusal is recognisable.
    @Test(arguments: LinkKind.allCases)
    func everyKindIsMadeOrRecognisablyUnsupported(kind: LinkKind) throws {
        let namespace = try TestNamespace.fresh()
        _ = try namespace.socket.addLink(LinkSpec(.veth, ifname: name("v0")), peer: VethPeer(name: name("v1")))
        let options: LinkOptions =
            switch kind {
            case .vlan: .vlan(VLANOptions(id: VLANId(7)!))
            case .vxlan: .vxlan(with(VXLANOptions(id: VNI(7)!)) { $0.remote = IPAddress("10.0.0.1") })
            case .vrf: .vrf(VRFOptions(table: Word(1001)))
            case .geneve: .geneve(GeneveOptions(id: VNI(7)!, remote: IPAddress("10.0.0.1")!))
            default: LinkOptions(defaultsOf: kind)!
            }
        let spec = with(LinkSpec(options, ifname: name("x0"))) { if kind.needsLower { $0.link = name("v0") } }
        do {
            let link = try namespace.socket.addLink(spec)
            #expect(link.linkinfo?.kind == kind.rawValue)
            #expect(link.linkinfo?.data?.kind == kind)
            print("\(kind.rawValue): made")
        } catch {
            #expect(error.isUnsupported, "\(error)")
            #expect(error.kernelMessage == "Unknown device type")
            #expect(try namespace.socket.link(named: name("x0")) == nil)
            print("\(kind.rawValue): \(error)")
        }
    }

    // MARK: Changing

    @Test func aLinkIsChangedInAllItsParts() throws {
        let namespace = try TestNamespace.fresh()
        let index = try namespace.socket.addLink(LinkSpec(.veth, ifname: name("v0"))).ifindex
        _ = try namespace.socket.addLink(LinkSpec(.bridge(BridgeOptions()), ifname: name("br0")))
        let change = with(LinkChange()) {
            $0.name = name("renamed")
            $0.mtu = MTU(1280)
            $0.address = MACAddress("02:00:00:00:00:09")
            $0.master = name("br0")
            $0.txqlen = Word(5)
            $0.alias = LinkAlias("a note")
            $0.addAltnames = [AlternativeName("a-long-second-name-of-it")!, AlternativeName("short")!]
            $0.multicast = false
            $0.allmulticast = true
            $0.arp = false
            $0.promisc = true
            $0.bridgePort = with(BridgePortOptions()) {
                $0.hairpin = true
                $0.isolated = true
                $0.cost = Word(9)
            }
        }
        try namespace.socket.changeLink(index, change)
        var link = try #require(try namespace.socket.link(at: index))
        #expect(link.ifname == "renamed")
        #expect(link.mtu == 1280)
        #expect(link.address == "02:00:00:00:00:09")
        #expect(link.master == "br0")
        #expect(link.txqlen == 5)
        #expect(link.alias == "a note")
        #expect(link.altnames == ["a-long-second-name-of-it", "short"])
        #expect(Set(link.flags).isSuperset(of: ["ALLMULTI", "NOARP", "PROMISC"]))
        #expect(!link.flags.contains("MULTICAST"))
        #expect(link.linkinfo?.slaveKind == "bridge")
        #expect(link.linkinfo?.slaveData?.hairpin == true)
        #expect(link.linkinfo?.slaveData?.isolated == true)
        #expect(link.linkinfo?.slaveData?.cost == Word(9))

        let back = with(LinkChange()) {
            $0.nomaster = true
            $0.alias = LinkAlias("")
            $0.removeAltnames = [AlternativeName("short")!]
            $0.arp = true
            $0.promisc = false
            $0.up = true
        }
        try namespace.socket.changeLink(index, back)
        link = try #require(try namespace.socket.link(named: name("renamed")))
        #expect(link.master == nil)
        #expect(link.alias == nil)
        #expect(link.altnames == ["a-long-second-name-of-it"])
        #expect(link.isUp)
        #expect(!link.flags.contains("NOARP"))
        #expect(!link.flags.contains("PROMISC"))
    }

    @Test func aBridgeIsChanged() throws {
        let namespace = try TestNamespace.fresh()
        let index = try namespace.socket.addLink(LinkSpec(.bridge(BridgeOptions()), ifname: name("br0"))).ifindex
        let change = with(LinkChange()) {
            $0.bridge = with(BridgeOptions()) {
                $0.stpState = true
                $0.ageingTime = Word(1000)
                $0.priority = Halfword(4096)
            }
        }
        try namespace.socket.changeLink(index, change)
        guard case .bridge(let options) = try namespace.socket.link(at: index)?.linkinfo?.data else {
            Issue.record("no bridge")
            return
        }
        #expect(options.stpState?.isOn == true)
        #expect(options.ageingTime == Word(1000))
        #expect(options.priority == Halfword(4096))
    }

    @Test func aLinkMovesAndIsRenamedInOneCall() throws {
        let here = try TestNamespace.fresh()
        let there = try TestNamespace.fresh()
        let link = try here.socket.addLink(LinkSpec(.veth, ifname: name("v0")), peer: VethPeer(name: name("v1")))
        // The name is taken there, so the move needs the new one.
        _ = try there.socket.addLink(LinkSpec(.veth, ifname: name("v0")))
        #expect(throws: NetlinkError.self) { try here.socket.moveLink(link.ifindex, to: there.descriptor.raw) }
        try here.socket.moveLink(link.ifindex, to: there.descriptor.raw, name: name("eth0"))
        #expect(try here.socket.link(at: link.ifindex) == nil)
        #expect(try there.socket.link(named: name("eth0"))?.address == link.address)
    }

    @Test func aLinkIsDeletedWithItsPeer() throws {
        let namespace = try TestNamespace.fresh()
        let link = try namespace.socket.addLink(LinkSpec(.veth))
        try namespace.socket.deleteLink(link.ifindex)
        #expect(try namespace.socket.links().map(\.ifname) == ["lo"])
        do {
            try namespace.socket.deleteLink(link.ifindex)
            Issue.record("deleted twice")
        } catch {
            #expect(error.errno == .operationNotSupportedByDevice)  // ENODEV
        }
    }

    // MARK: Finding

    @Test func aLinkIsFoundByEachOfItsNames() throws {
        let namespace = try TestNamespace.fresh()
        let index = try namespace.socket.addLink(LinkSpec(.veth, ifname: name("v0"))).ifindex
        try namespace.socket.changeLink(index, with(LinkChange()) { $0.addAltnames = [AlternativeName("second")!] })
        #expect(try namespace.socket.index(of: name("v0")) == index)
        #expect(try namespace.socket.index(of: name("second")) == index)
        #expect(try namespace.socket.link(named: name("second"))?.ifname == "v0")
        #expect(try namespace.socket.link(named: name("third")) == nil)
        #expect(try namespace.socket.link(at: 9999) == nil)
    }

    @Test func listsAreFiltered() throws {
        let namespace = try TestNamespace.fresh()
        try namespace.ip("link", "add", "br0", "type", "bridge")
        try namespace.ip("link", "add", "v0", "master", "br0", "type", "veth", "peer", "name", "v1")
        try namespace.ip("link", "set", "v1", "up")
        func names(_ change: (inout LinkFilter) -> Void) throws -> [String] {
            try namespace.socket.links(matching: with(LinkFilter(), change)).map(\.ifname)
        }
        #expect(Set(try names { _ in }) == ["lo", "br0", "v0", "v1"])
        #expect(Set(try names { $0.kind = .veth }) == ["v0", "v1"])
        #expect(try names { $0.kind = .bond } == [])
        #expect(try names { $0.master = name("br0") } == ["v0"])
        #expect(try names { $0.up = true } == ["v1"])
        #expect(Set(try names { $0.up = false }) == ["lo", "br0", "v0"])
        #expect(try names { $0.dev = name("v0") } == ["v0"])
        #expect(try names { ($0.dev, $0.up) = (name("v0"), true) } == [])
        // The names of links that the filter leaves out are known all the same.
        let link = try #require(try namespace.socket.links(matching: with(.init()) { $0.master = name("br0") }).first)
        #expect(link.master == "br0")
        #expect(link.link == "v1")
        #expect(throws: NetlinkError.self) { try names { $0.master = name("nil0") } }
        #expect(throws: NetlinkError.self) { try names { $0.dev = name("nil0") } }
    }

    @Test func statisticsComeOnlyWhenAskedFor() throws {
        let namespace = try TestNamespace.fresh()
        #expect(try namespace.socket.links().first?.stats64 == nil)
        #expect(try namespace.socket.links(matching: with(.init()) { $0.statistics = true }).first?.stats64 != nil)
        #expect(try namespace.socket.link(named: .loopback, statistics: true)?.stats64 != nil)
    }

    @Test func namesThatATerminalShouldNotSeeAreEscaped() throws {
        let namespace = try TestNamespace.fresh()
        var message = NetlinkMessage(.newLink, [.create, .exclusive], body: ifinfomsg())
        message.attribute(IFLA_IFNAME, bytes: [0x61, 0x1b, 0xff, 0x5c, 0])
        message.nested(IFLA_LINKINFO) { $0.attribute(IFLA_INFO_KIND, "bridge") }
        try namespace.socket.request(message)
        #expect(try namespace.socket.links().last?.ifname == "a\\x1b\\xff\\x5c")
    }

    /// Links whose bytes were tampered with decode to something or to nothing, and no more than that.
    @Test func anyBytesDecodeSafely() throws {
        let namespace = try TestNamespace.fresh()
        try namespace.ip("link", "add", "br0", "type", "bridge")
        try namespace.ip("link", "add", "v0", "master", "br0", "type", "veth", "peer", "name", "v1")
        let options = with(VXLANOptions(id: VNI(7)!)) { $0.remote = IPAddress("10.0.0.1") }
        _ = try namespace.socket.addLink(LinkSpec(.vxlan(options)))
        let replies = try namespace.socket.dump(.listLinks(kind: nil, master: nil, statistics: true))
        var decoded = 0
        for _ in 0..<500 {
            for reply in replies {
                var payload = Array(reply.payload)
                for _ in 0..<Int.random(in: 1...8) {
                    payload[Int.random(in: payload.indices)] = [0, 1, 4, 255, .random(in: 0...255)].randomElement()!
                }
                payload.removeLast(Int.random(in: 0...payload.count) / 8)
                let tampered = NetlinkReply(
                    type: reply.type, flags: reply.flags, sequence: 0, port: 0, payload: payload[...])
                if RawLink(tampered)?.link(LinkNames(), statistics: true) != nil { decoded += 1 }
            }
        }
        #expect(decoded > 0)
    }
}
