// What goes over the socket for each verb about links.

import IPRoute
import SystemPackage
import Testing

@testable import Netlink

@Suite struct LinkMessageTests {
    @Test(arguments: LinkMessageCases.all.map(\.command))
    func bytesAreKnown(command: String) throws {
        let message = try #require(LinkMessageCases.all.first { $0.command == command }).message
        #expect(message.defect == nil)
        #expect(message.bytes == bytes(try #require(LinkMessageGolden.bytes[command])))
    }

    @Test func everyCaseHasItsBytes() {
        #expect(Set(LinkMessageCases.all.map(\.command)) == Set(LinkMessageGolden.bytes.keys))
    }

    /// The hexadecimal at the front of each line; two spaces end it.
    private func bytes(_ text: String) -> [UInt8] {
        text.split(separator: "\n").flatMap { line in
            let digits = line.drop { $0 == " " }.firstRange(of: "  ").map { line[..<$0.lowerBound] } ?? line
            let hexadecimal = Array(digits.utf8.filter { $0 != UInt8(ascii: " ") })
            return stride(from: 0, to: hexadecimal.count, by: 2).map {
                UInt8(String(decoding: hexadecimal[$0..<$0 + 2], as: UTF8.self), radix: 16)!
            }
        }
    }

    @Test func aChangeOfNothingIsNoMessage() {
        #expect(NetlinkMessage.changeLink(7, LinkChange(), master: nil, subject: "") == nil)
    }

    @Test(
        arguments: [
            ("a bridge on a link", LinkOptions.bridge(BridgeOptions()), 3),
            (
                "a key of a tunnel that is not GRE's",
                .ipip(LinkMessageCases.with(.init()) { $0.inputKey = TunnelKey(1) }), nil
            ),
            ("IPv6 over IPv4", .gre(LinkMessageCases.with(.init()) { $0.remote = IPAddress("::1") }), nil),
            (
                "no path MTU discovery over IPv6",
                .ip6tnl(LinkMessageCases.with(.init()) { $0.pathMTUDiscovery = false }), nil
            ),
            (
                "a group and a remote",
                .vxlan(
                    LinkMessageCases.with(.init(id: VNI(1)!)) {
                        $0.group = IPAddress("239.0.0.1")
                        $0.remote = IPAddress("10.0.0.1")
                    }), nil
            ),
        ] as [(String, LinkOptions, Int32?)])
    func whatTheKernelWouldIgnoreIsRefused(what: String, options: LinkOptions, lower: Int32?) {
        let message = NetlinkMessage.addLink(LinkSpec(options), lower: lower, master: nil, peer: nil)
        #expect(message.defect?.errno == .invalidArgument, "\(what)")
        #expect(message.defect?.kernelMessage != nil)
    }

    @Test func onlyAVethHasAPeer() {
        let message = NetlinkMessage.addLink(LinkSpec(.dummy), lower: nil, master: nil, peer: VethPeer())
        #expect(message.defect?.errno == .invalidArgument)
    }

    /// Options written as the kernel takes them are read back as they were: the numbering is the same both ways.
    @Test(arguments: LinkMessageCases.making.indices.map { $0 } + LinkMessageCases.tunnels.indices.map { 100 + $0 })
    func optionsReadBackAsTheyWereWritten(index: Int) throws {
        let message =
            index < 100 ? LinkMessageCases.making[index].message : LinkMessageCases.tunnels[index - 100].message
        let attributes = Attributes(message.bytes.dropFirst(32))
        let info = try #require(attributes[18]).nested  // IFLA_LINKINFO
        let kind = try #require(info[1]?.string)  // IFLA_INFO_KIND
        let data = try #require(info[2]).nested  // IFLA_INFO_DATA
        let options = try #require(LinkKind(rawValue: kind).flatMap { LinkOptions($0, data) })
        var again = NetlinkMessage(.newLink, body: UInt32(0))
        again.options(options, lower: nil)
        // The peer and the link below are no options.
        let notOptions: [String: UInt16] = ["veth": 1, "vxlan": 3, "gre": 1, "sit": 1]
        let written = data.filter { $0.type != notOptions[kind] }.map { Data($0) }
        let read = Attributes(again.bytes.dropFirst(20)).map { Data($0) }
        #expect(Set(read).isSuperset(of: written))
    }

    private struct Data: Hashable {
        let type: UInt16
        let bytes: [UInt8]
        init(_ attribute: Attribute) {
            type = attribute.type
            bytes = attribute.bytes
        }
    }
}
