// nexthop add, replace, delete, flush, list.

import ArgumentParser
import NetnsClient

struct NexthopCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nexthop",
        abstract: "Nexthop objects: ways that routes share by number.",
        discussion: """
            After the namespace come ip-nexthop(8)'s words.

              netnsctl nexthop add client id 5 via 10.0.100.254 dev eth0
              netnsctl route add client 10.9.0.0/16 nhid 5
            """,
        subcommands: [Add.self, Replace.self, Delete.self, Flush.self, List.self])

    struct Add: RequestCommand {
        typealias Called = NexthopAdd

        static let configuration = CommandConfiguration(
            abstract: "Add a nexthop object.",
            discussion: """
                  netnsctl nexthop add client id 5 via 10.0.100.254 dev eth0
                  netnsctl nexthop add client id 6 group 4,3/5
                """)

        @Argument(help: NexthopWords.help) var words: [String]
        @OptionGroup var family: FamilyOption
        @OptionGroup var common: CommonOptions

        func params() throws -> NexthopAdd.Params { try NexthopWords(words, family).params }
    }

    struct Replace: RequestCommand {
        typealias Called = NexthopReplace

        static let configuration = CommandConfiguration(
            abstract: "Add a nexthop object, or put it in the place of the one of that number.",
            discussion: """
                  netnsctl nexthop replace client id 5 via 10.0.100.253 dev eth0
                """)

        @Argument(help: NexthopWords.help) var words: [String]
        @OptionGroup var family: FamilyOption
        @OptionGroup var common: CommonOptions

        func params() throws -> NexthopReplace.Params { try NexthopWords(words, family).params }
    }

    struct Delete: RequestCommand {
        typealias Called = NexthopDelete

        static let configuration = CommandConfiguration(
            abstract: "Delete a nexthop object, and what has no other way.",
            discussion: """
                  netnsctl nexthop delete client id 5
                """,
            aliases: ["del"])

        @Argument(help: ArgumentHelp("NAMESPACE, then id N.", valueName: "word")) var words: [String]
        @OptionGroup var common: CommonOptions

        func params() throws -> NexthopDelete.Params {
            var words = Words(words)
            let namespace = try words.namespace(unless: { $0 == "id" })
            guard words.take("id") else { throw ValidationError("say which: id N") }
            let id: NexthopId = try words.positional("id")
            if let word = words.next() { throw ValidationError("unexpected word '\(word)'") }
            return ForNamespace(Place(orHere: namespace), NexthopName(id))
        }
    }

    struct Flush: RequestCommand {
        typealias Called = NexthopFlush

        static let configuration = CommandConfiguration(
            abstract: "Remove all nexthop objects that fit.",
            discussion: """
                  netnsctl nexthop flush client dev eth0
                """)

        @Argument(help: NexthopFilterWords.help) var words: [String] = []
        @OptionGroup var family: FamilyOption
        @OptionGroup var common: CommonOptions

        func params() throws -> NexthopFlush.Params {
            let words = try NexthopFilterWords(words, family)
            if words.isEmpty { throw ValidationError("say which: a namespace or a filter") }
            return ForNamespace(Place(orHere: words.namespace), words.filter)
        }

        func text(_ flushed: Flushed, colour: Bool) -> String { flushed.text("nexthop", "nexthops") }
    }

    struct List: ListCommand {
        typealias Called = NexthopList

        static let configuration = CommandConfiguration(
            abstract: "List nexthop objects, of all your namespaces or of one.",
            discussion: """
                  netnsctl nexthop list client
                """,
            aliases: ["show"])

        @Argument(help: NexthopFilterWords.help) var words: [String] = []
        @OptionGroup var family: FamilyOption
        @OptionGroup var list: ListOptions
        @OptionGroup var common: CommonOptions

        func params() throws -> NexthopList.Params {
            let words = try NexthopFilterWords(words, family)
            return ForList(words.namespace.map { [$0] }, words.filter)
        }

        func names(_ items: [InNamespace<Nexthop>]) -> [String] { items.map(\.value.id.description) }

        func text(_ nexthops: [InNamespace<Nexthop>], colour: Bool) -> String {
            var table = Table("NAMESPACE", "NEXTHOP")
            for listed in nexthops { table.add(listed.netnsText, listed.value.text) }
            return table.text(colour: colour)
        }
    }
}
