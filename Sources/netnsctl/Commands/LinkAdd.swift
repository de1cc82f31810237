// link add: a link of any kind.

import ArgumentParser
import NetnsClient

struct LinkAddCommand: RequestCommand {
    typealias Called = LinkAdd

    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Make a link.",
        discussion: """
            The link is down unless --up is given. The options of a kind are those that ip -d link shows: the most \
            used have names of their own here, any other goes by --option. For a veth pair across namespaces see \
            netnsctl connect.

              netnsctl link add bridge/br --kind bridge --up -o stp_state=on
              netnsctl link add server/eth0.10 --kind vlan --link eth0 --id 10
              netnsctl link add server/vx0 --kind vxlan --id 42 --remote 10.0.0.2
              netnsctl link add server/bond0 --kind bond -o mode=802.3ad -o miimon=100
            """)

    @Argument(help: "The link: server/eth0, or server/ for a name the kernel chooses.", transform: EndPlace.parse)
    var place: EndPlace

    @Option(
        help: "One of \(LinkKind.allCases.map(\.rawValue).joined(separator: " ")).", transform: LinkKind.parse)
    var kind: LinkKind

    @OptionGroup(title: "The link") var link: NewLinkOptions

    @Flag(help: "Bring it up.")
    var up = false

    @Option(
        name: .customLong("link"), help: "The link below: of a vlan, macvlan, ipvlan, vxlan or tunnel.",
        transform: InterfaceName.parse)
    var lower: InterfaceName?

    @OptionGroup(title: "The kind") var own: KindOptions
    @OptionGroup var common: CommonOptions

    func params() throws -> LinkAdd.Params {
        var spec = LinkSpec(try own.options(of: kind), ifname: place.link)
        link.fill(&spec)
        spec.link = lower
        spec.up = up ? true : nil
        if kind.needsLower && spec.link == nil {
            throw ValidationError("--kind \(kind.rawValue) needs --link, the link below it")
        }
        return .init(
            Place(orHere: place.netns), link: spec, addresses: link.addresses.isEmpty ? nil : link.addresses)
    }
}

/// What any new link may be given.
struct NewLinkOptions: ParsableArguments {
    @Option(
        name: .customLong("address"), parsing: .singleValue,
        help: ArgumentHelp("An address for it; may be repeated.", valueName: "address/length"),
        transform: IPPrefix.parse)
    var addresses: [IPPrefix] = []

    @Option(help: "68 to 65535 bytes.", transform: MTU.parse)
    var mtu: MTU?

    @Option(help: "Its Ethernet address.", transform: MACAddress.parse)
    var mac: MACAddress?

    @Option(help: "The bridge, bond or VRF it is to belong to.", transform: InterfaceName.parse)
    var master: InterfaceName?

    @Option(help: "Length of its transmit queue, in packets.", transform: Word.parse)
    var txqlen: Word?

    @Option(help: "A note on it.", transform: LinkAlias.parse)
    var alias: LinkAlias?

    func fill(_ spec: inout LinkSpec) {
        (spec.mtu, spec.address, spec.master, spec.txqlen, spec.alias) = (mtu, mac, master, txqlen, alias)
    }
}

/// The options that belong to kinds of link.
struct KindOptions: ParsableArguments {
    @Option(help: "Number of a vlan, vxlan or geneve.", transform: Word.parse)
    var id: Word?

    @Option(help: "The other end of a tunnel, vxlan or geneve.", transform: IPAddress.parse)
    var remote: IPAddress?

    @Option(help: "This end of a tunnel or vxlan.", transform: IPAddress.parse)
    var local: IPAddress?

    @Option(help: "UDP port of a vxlan or geneve.", transform: Port.parse)
    var port: Port?

    @Option(help: "Hop limit of a tunnel's, vxlan's or geneve's packets.", transform: Octet.parse)
    var ttl: Octet?

    @Option(help: "Key of a gre tunnel, both ways.", transform: Word.parse)
    var key: Word?

    @Option(help: "Mode of a macvlan, ipvlan or bond.")
    var mode: String?

    @Option(help: "Routing table of a vrf.", transform: Word.parse)
    var table: Word?

    @Option(
        name: [.short, .long], parsing: .singleValue,
        help: ArgumentHelp("Any option, by its key in ip -d -j link; may be repeated.", valueName: "name=value"))
    var option: [String] = []

    func options(of kind: LinkKind) throws -> LinkOptions {
        var set = OptionSet()
        set.set("id", id)
        set.set("remote", remote)
        set.set("local", local)
        set.set("port", port)
        set.set("ttl", ttl)
        set.set("ikey", key)
        set.set("okey", key)
        set.set("mode", mode)
        set.set("table", table)
        for assignment in option { try set.set(assignment, of: "--option") }
        return try set.options(of: kind)
    }
}
