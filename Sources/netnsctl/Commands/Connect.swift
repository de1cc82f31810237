// connect: a veth pair between two namespaces.

import ArgumentParser
import NetnsClient

struct ConnectEnds: RequestCommand {
    typealias Called = LinkAdd

    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Join two namespaces by a veth pair, both ends up.",
        discussion: """
            All of it is done, or nothing.

              netnsctl connect server/eth0 gateway/eth0
              netnsctl connect a/eth0 b/eth0 --address 10.0.0.1/8 --peer-address 10.0.0.2/8
              netnsctl connect net0/eth0 bridge/port0 --peer-master br
            """)

    @Argument(help: "One end: server/eth0, or server/ for a name the kernel chooses.", transform: EndPlace.parse)
    var end: EndPlace

    @Argument(help: "The other end.", transform: EndPlace.parse)
    var peer: EndPlace

    @Option(
        name: .customLong("address"), parsing: .singleValue,
        help: ArgumentHelp("An address for the first end; may be repeated.", valueName: "address/length"),
        transform: IPPrefix.parse)
    var addresses: [IPPrefix] = []

    @Option(
        name: .customLong("peer-address"), parsing: .singleValue,
        help: ArgumentHelp("An address for the other end; may be repeated.", valueName: "address/length"),
        transform: IPPrefix.parse)
    var peerAddresses: [IPPrefix] = []

    @Option(help: "MTU of both ends, 68 to 65535 bytes.", transform: MTU.parse)
    var mtu: MTU?

    @Option(help: "Ethernet address of the first end.", transform: MACAddress.parse)
    var mac: MACAddress?

    @Option(help: "Ethernet address of the other end.", transform: MACAddress.parse)
    var peerMac: MACAddress?

    @Option(help: "The bridge, bond or VRF the first end is to belong to.", transform: InterfaceName.parse)
    var master: InterfaceName?

    @Option(help: "The bridge, bond or VRF the other end is to belong to.", transform: InterfaceName.parse)
    var peerMaster: InterfaceName?

    @Flag(help: "Leave both ends down.")
    var down = false

    @OptionGroup var common: CommonOptions

    /// An end and all that is said of it.
    private typealias End = (
        place: EndPlace, addresses: [IPPrefix], mac: MACAddress?, master: InterfaceName?
    )

    func params() throws -> LinkAdd.Params {
        var first: End = (end, addresses, mac, master)
        var second: End = (peer, peerAddresses, peerMac, peerMaster)
        // A request's own place can be where the caller is, its peer's cannot.
        if second.place.netns == nil && first.place.netns != nil { swap(&first, &second) }

        var link = LinkSpec(.veth, ifname: first.place.link)
        (link.up, link.mtu, link.address, link.master) = (!down, mtu, first.mac, first.master)
        let peer = LinkAdd.Peer(
            netns: second.place.netns, ifname: second.place.link, up: !down, mtu: mtu, address: second.mac,
            master: second.master, addresses: second.addresses.isEmpty ? nil : second.addresses)
        return .init(
            Place(orHere: first.place.netns), link: link, addresses: first.addresses.isEmpty ? nil : first.addresses,
            peer: peer)
    }
}
