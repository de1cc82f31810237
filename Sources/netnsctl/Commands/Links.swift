// link add, set, delete, list.

import ArgumentParser
import NetnsClient

struct LinkCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Links: the interfaces of namespaces.",
        discussion: """
              netnsctl link add bridge/br --kind bridge
              netnsctl link set bridge/bridge-net0 --master br
              netnsctl link list
            """,
        subcommands: [LinkAddCommand.self, LinkSetCommand.self, Delete.self, List.self])

    struct Delete: RequestCommand {
        typealias Called = LinkDelete

        static let configuration = CommandConfiguration(
            abstract: "Delete a link, and with an end of a veth pair the other end.",
            discussion: """
                  netnsctl link delete server/eth0
                """,
            aliases: ["del"])

        @Argument(help: "The link.", transform: LinkPlace.parse)
        var place: LinkPlace

        @OptionGroup var common: CommonOptions

        func params() -> LinkDelete.Params { ForNamespace(place.place, LinkName(place.link)) }
    }

    struct List: ListCommand {
        typealias Called = LinkList

        static let configuration = CommandConfiguration(
            abstract: "List links, of all your namespaces or of some.",
            discussion: """
                  netnsctl link list server
                  netnsctl link list bridge --master br --statistics
                """,
            aliases: ["show"])

        @Argument(help: ArgumentHelp("The namespaces.", valueName: "namespace"), transform: NamespaceSelector.parse)
        var namespaces: [NamespaceSelector] = []

        @Option(help: "Only this link.", transform: InterfaceName.parse)
        var dev: InterfaceName?

        @Option(help: "Only links of this kind.", transform: LinkKind.parse)
        var kind: LinkKind?

        @Option(help: "Only links that belong to this bridge, bond or VRF.", transform: InterfaceName.parse)
        var master: InterfaceName?

        @Flag(help: "Only links that are up.")
        var up = false

        @Flag(name: [.short, .long], help: "Bytes and packets too.")
        var statistics = false

        @OptionGroup var list: ListOptions
        @OptionGroup var common: CommonOptions

        func params() -> LinkList.Params {
            var filter = LinkFilter()
            (filter.dev, filter.kind, filter.master) = (dev, kind, master)
            filter.up = up ? true : nil
            filter.statistics = statistics ? true : nil
            return ForList(namespaces.isEmpty ? nil : namespaces, filter)
        }

        func names(_ links: [InNamespace<ListedLink>]) -> [String] { links.map { $0.place($0.value.link.ifname) } }

        func text(_ links: [InNamespace<ListedLink>], colour: Bool) -> String {
            var table = Table(
                "NAMESPACE", "LINK", "STATE", "KIND", "MTU", "MAC", "RELATIONS", "ALIAS", "RX-BYTES", "RX-PACKETS",
                "TX-BYTES", "TX-PACKETS", "ERRORS", "DROPPED", numeric: [4, 8, 9, 10, 11, 12, 13])
            table.expendable = [5]
            for listed in links {
                let link = listed.value.link
                var row = [
                    listed.netnsText, Text(link.ifname, .name), link.state, link.kind, "\(link.mtu)",
                    link.macText, listed.value.relations, Text(link.alias ?? ""),
                ]
                if let numbers = link.stats64 {
                    let (rx, tx) = (numbers.rx, numbers.tx)
                    let counts = [
                        rx.bytes, rx.packets, tx.bytes, tx.packets, rx.errors &+ tx.errors, rx.dropped &+ tx.dropped,
                    ]
                    row += counts.map { Text("\($0)") }
                }
                table.rows.append(row)
            }
            return table.text(colour: colour)
        }
    }
}
