// fdb list.

import ArgumentParser
import NetnsClient

struct ForwardingCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fdb",
        abstract: "Forwarding entries: which address is behind which port of a bridge, or beyond a VXLAN.",
        discussion: """
              netnsctl fdb list bridge br br0
            """,
        subcommands: [List.self])

    struct List: ListCommand {
        typealias Called = FdbList

        static let configuration = CommandConfiguration(
            abstract: "List forwarding entries, of all your namespaces or of one.",
            discussion: """
                AGE is how long ago something came from there; what stays has none.

                  netnsctl fdb list bridge br br0
                  netnsctl fdb list bridge/bridge-net0
                """,
            aliases: ["show"])

        @Argument(help: ForwardingFilterWords.help) var words: [String] = []
        @OptionGroup var list: ListOptions
        @OptionGroup var common: CommonOptions

        func params() throws -> FdbList.Params {
            let words = try ForwardingFilterWords(words)
            return ForList(words.namespace.map { [$0] }, words.filter)
        }

        func names(_ items: [InNamespace<ListedForwardingEntry>]) -> [String] { items.map(\.value.mac) }

        func text(_ entries: [InNamespace<ListedForwardingEntry>], colour: Bool) -> String {
            var table = Table("NAMESPACE", "ADDRESS", "LINK", "BRIDGE", "VLAN", "BEYOND", "AGE", "STATE")
            for listed in entries {
                let entry = listed.value
                let age = entry.state.isEmpty ? entry.updated.map { "\(Int($0)) s" } : nil
                let state = (entry.state.isEmpty ? ["learned"] : [entry.state]) + entry.flags
                table.add(
                    listed.netnsText, Text(entry.mac, .linkAddress), Text(entry.ifname ?? "", .name),
                    Text(entry.master ?? "", .name), Text(entry.vlan.map(String.init) ?? ""), Text(entry.beyond),
                    Text(age ?? ""), Text(state.joined(separator: " ")))
            }
            return table.text(colour: colour)
        }
    }
}

extension ListedForwardingEntry {
    /// The other end of a VXLAN, in bridge(8)'s words.
    fileprivate var beyond: String {
        let parts: [(String, String?)] = [
            ("", dst?.description), ("port ", port.map(String.init)), ("vni ", vni.map(String.init)), ("via ", viaIf),
        ]
        return parts.compactMap { word, value in value.map { word + $0 } }.joined(separator: " ")
    }
}
