// neigh add, replace, change, delete, flush, list, get.

import ArgumentParser
import NetnsClient

struct NeighbourCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "neigh",
        abstract: "Neighbours: link-layer addresses of others on a link.",
        discussion: """
            After the place come ip-neighbour(8)'s words.

              netnsctl neigh add server/eth0 192.168.100.9 lladdr 02:00:00:00:00:09
              netnsctl neigh list server
            """,
        subcommands: [Add.self, Replace.self, Change.self, Delete.self, Flush.self, List.self, Get.self],
        aliases: ["neighbour"])

    struct Add: RequestCommand {
        typealias Called = NeighAdd

        static let configuration = CommandConfiguration(
            abstract: "Add a neighbour.",
            discussion: """
                  netnsctl neigh add server/eth0 192.168.100.9 lladdr 02:00:00:00:00:09
                  netnsctl neigh add server/eth0 proxy 192.168.100.10
                """)

        @Argument(help: NeighbourWords.help) var words: [String]
        @OptionGroup var common: CommonOptions

        func params() throws -> NeighAdd.Params { try NeighbourWords(words).params }
    }

    struct Replace: RequestCommand {
        typealias Called = NeighReplace

        static let configuration = CommandConfiguration(
            abstract: "Add a neighbour, or change it.",
            discussion: """
                  netnsctl neigh replace server/eth0 10.0.0.9 lladdr 02:00:00:00:00:0a nud stale
                """)

        @Argument(help: NeighbourWords.help) var words: [String]
        @OptionGroup var common: CommonOptions

        func params() throws -> NeighReplace.Params { try NeighbourWords(words).params }
    }

    struct Change: RequestCommand {
        typealias Called = NeighChange

        static let configuration = CommandConfiguration(
            abstract: "Change a neighbour that is known.",
            discussion: """
                  netnsctl neigh change server/eth0 10.0.0.9 lladdr 02:00:00:00:00:0a
                """)

        @Argument(help: NeighbourWords.help) var words: [String]
        @OptionGroup var common: CommonOptions

        func params() throws -> NeighChange.Params { try NeighbourWords(words).params }
    }

    struct Delete: RequestCommand {
        typealias Called = NeighDelete

        static let configuration = CommandConfiguration(
            abstract: "Remove a neighbour.",
            discussion: """
                  netnsctl neigh delete server/eth0 192.168.100.9
                """,
            aliases: ["del"])

        @Argument(help: NeighbourWords.help) var words: [String]
        @OptionGroup var common: CommonOptions

        func params() throws -> NeighDelete.Params { try NeighbourWords(words).params }
    }

    struct Flush: RequestCommand {
        typealias Called = NeighFlush

        static let configuration = CommandConfiguration(
            abstract: "Remove all neighbours that fit.",
            discussion: """
                  netnsctl neigh flush server/eth0
                """)

        @Argument(help: NeighbourFilterWords.help) var words: [String] = []
        @OptionGroup var family: FamilyOption
        @OptionGroup var common: CommonOptions

        func params() throws -> NeighFlush.Params {
            let words = try NeighbourFilterWords(words, family)
            if words.isEmpty { throw ValidationError("say which: a namespace, a place or a filter") }
            return ForNamespace(Place(orHere: words.namespace), words.filter)
        }

        func text(_ flushed: Flushed, colour: Bool) -> String { flushed.text("neighbour", "neighbours") }
    }

    struct List: ListCommand {
        typealias Called = NeighList

        static let configuration = CommandConfiguration(
            abstract: "List neighbours, of all your namespaces or of one.",
            discussion: """
                  netnsctl neigh list server/eth0 nud reachable
                """,
            aliases: ["show"])

        @Argument(help: NeighbourFilterWords.help) var words: [String] = []
        @OptionGroup var family: FamilyOption
        @OptionGroup var list: ListOptions
        @OptionGroup var common: CommonOptions

        func params() throws -> NeighList.Params {
            let words = try NeighbourFilterWords(words, family)
            return ForList(words.namespace.map { [$0] }, words.filter)
        }

        func names(_ items: [InNamespace<Neighbour>]) -> [String] { items.map(\.value.dst.description) }

        func text(_ neighbours: [InNamespace<Neighbour>], colour: Bool) -> String {
            var table = Table("NAMESPACE", "ADDRESS", "LINK", "LLADDR", "STATE")
            for listed in neighbours {
                let neighbour = listed.value
                table.add(
                    listed.netnsText, neighbour.dst.text, Text(neighbour.dev ?? "", .name),
                    Text(neighbour.lladdr ?? "", .linkAddress), neighbour.stateText)
            }
            return table.text(colour: colour)
        }
    }

    struct Get: RequestCommand {
        typealias Called = NeighGet

        static let configuration = CommandConfiguration(
            abstract: "Say what is known of one neighbour.",
            discussion: """
                  netnsctl neigh get server/eth0 192.168.100.9
                """)

        @Argument(help: ArgumentHelp("PLACE ADDRESS, or PLACE proxy ADDRESS.", valueName: "word")) var words: [String]
        @OptionGroup var common: CommonOptions

        func params() throws -> NeighGet.Params {
            let words = try NeighbourWords(words)
            var query = NeighbourQuery(words.spec.dst, dev: words.spec.dev)
            query.proxy = words.spec.proxy
            return ForNamespace(words.place, query)
        }

        func text(_ neighbour: Neighbour, colour: Bool) -> String { neighbour.text.rendered(colour: colour) + "\n" }
    }
}
