// link set: what can be changed about a link.

import ArgumentParser
import NetnsClient

struct LinkSetCommand: RequestCommand {
    typealias Called = LinkSet

    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change a link.",
        discussion: """
            All that is said is done, or nothing.

              netnsctl link set gateway/eth0 up --mtu 1400
              netnsctl link set bridge/bridge-net0 --master br --bridge-port hairpin=on
              netnsctl link set server/veth0 --netns client --name eth0 --up
              netnsctl link set bridge/br --bridge vlan_filtering=on --bridge stp_state=on
            """)

    @Argument(help: "The link.", transform: LinkPlace.parse)
    var place: LinkPlace

    @Argument(help: "up or down, as with ip link.")
    var state: String?

    @Flag(help: "Bring it up.")
    var up = false

    @Flag(help: "Take it down.")
    var down = false

    @Option(help: "Rename it.", transform: InterfaceName.parse)
    var name: InterfaceName?

    @Option(help: "Move it into this namespace.", transform: NamespaceSelector.parse)
    var netns: NamespaceSelector?

    @Option(help: "Add it to this bridge, bond or VRF.", transform: InterfaceName.parse)
    var master: InterfaceName?

    @Flag(name: .customLong("nomaster"), help: "Take it out of its bridge, bond or VRF.")
    var noMaster = false

    @Option(help: "68 to 65535 bytes.", transform: MTU.parse)
    var mtu: MTU?

    @Option(help: "Its Ethernet address.", transform: MACAddress.parse)
    var mac: MACAddress?

    @Option(help: "Length of its transmit queue, in packets.", transform: Word.parse)
    var txqlen: Word?

    @Option(help: "A note on it; an empty one takes the note away.", transform: LinkAlias.parse)
    var alias: LinkAlias?

    @Option(
        name: .customLong("altname"), parsing: .singleValue, help: "Give it another name too; may be repeated.",
        transform: AlternativeName.parse)
    var addAltnames: [AlternativeName] = []

    @Option(
        name: .customLong("no-altname"), parsing: .singleValue, help: "Take such a name away; may be repeated.",
        transform: AlternativeName.parse)
    var removeAltnames: [AlternativeName] = []

    @Option(help: ArgumentHelp("Multicast.", valueName: "on|off"), transform: Switch.parse)
    var multicast: Switch?

    @Option(help: ArgumentHelp("Receive all multicast.", valueName: "on|off"), transform: Switch.parse)
    var allmulticast: Switch?

    @Option(help: ArgumentHelp("ARP.", valueName: "on|off"), transform: Switch.parse)
    var arp: Switch?

    @Option(help: ArgumentHelp("Receive everything.", valueName: "on|off"), transform: Switch.parse)
    var promisc: Switch?

    @Option(help: "Put it into this group: default or a number.", transform: LinkGroup.parse)
    var group: LinkGroup?

    @Option(
        help: ArgumentHelp("How IPv6 makes its own addresses.", valueName: "eui64|none|stable_secret|random"),
        transform: AddressGeneration.parse)
    var addrgenmode: AddressGeneration?

    @Option(
        help: ArgumentHelp("What it waits for when it comes up.", valueName: "default|dormant"),
        transform: LinkMode.parse)
    var mode: LinkMode?

    @Option(help: ArgumentHelp("A carrier, where it can be told.", valueName: "on|off"), transform: Switch.parse)
    var carrier: Switch?

    @Option(help: ArgumentHelp("Keep it without a carrier.", valueName: "on|off"), transform: Switch.parse)
    var protodown: Switch?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "An option of a bridge, by its key in ip -d -j link; may be repeated.", valueName: "name=value"))
    var bridge: [String] = []

    @Option(
        parsing: .singleValue, help: ArgumentHelp("Likewise of a bridge's port.", valueName: "name=value"))
    var bridgePort: [String] = []

    @OptionGroup var common: CommonOptions

    func params() throws -> LinkSet.Params {
        var change = LinkChange()
        change.up = try upOrDown()
        if master != nil && noMaster { throw ValidationError("--master excludes --nomaster") }
        (change.name, change.master, change.nomaster) = (name, master, noMaster ? true : nil)
        (change.mtu, change.address, change.txqlen, change.alias) = (mtu, mac, txqlen, alias)
        change.addAltnames = addAltnames.isEmpty ? nil : addAltnames
        change.removeAltnames = removeAltnames.isEmpty ? nil : removeAltnames
        (change.multicast, change.allmulticast) = (multicast?.isOn, allmulticast?.isOn)
        (change.arp, change.promisc) = (arp?.isOn, promisc?.isOn)
        (change.group, change.addrgenmode, change.linkmode) = (group, addrgenmode, mode)
        (change.carrier, change.protodown) = (carrier?.isOn, protodown?.isOn)
        change.bridge = try Self.options(bridge, "--bridge")
        change.bridgePort = try Self.options(bridgePort, "--bridge-port")
        if change == LinkChange() && netns == nil { throw ValidationError("say what to change") }
        return .init(place.place, dev: place.link, moveTo: netns, change: change)
    }

    private func upOrDown() throws -> Bool? {
        let wishes = [up ? true : nil, down ? false : nil, try state.map { try UpOrDown.read($0, "the word").isUp }]
            .compactMap { $0 }
        if Set(wishes).count > 1 { throw ValidationError("both up and down") }
        return wishes.first
    }

    private static func options<Options: Decodable>(_ assignments: [String], _ option: String) throws -> Options? {
        guard !assignments.isEmpty else { return nil }
        var set = OptionSet()
        for assignment in assignments { try set.set(assignment, of: option) }
        return try set.decoded(of: option)
    }
}

private struct UpOrDown: WordValue {
    let isUp: Bool
    static let rule = "must be up or down; other changes are options: see --help"

    static func make(_ word: String) -> UpOrDown? {
        word == "up" ? UpOrDown(isUp: true) : word == "down" ? UpOrDown(isUp: false) : nil
    }
}
