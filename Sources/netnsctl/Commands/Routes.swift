// route add, replace, change, append, prepend, delete, flush, list, get.

import ArgumentParser
import NetnsClient

struct RouteCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "route",
        abstract: "Routes.",
        discussion: """
            After the namespace come ip-route(8)'s words.

              netnsctl route add client default via 10.0.100.254
              netnsctl route list client
            """,
        subcommands: [
            Add.self, Replace.self, Change.self, Append.self, Prepend.self, Delete.self, Flush.self, List.self,
            Get.self,
        ])

    struct Add: RequestCommand {
        typealias Called = RouteAdd

        static let configuration = CommandConfiguration(
            abstract: "Add a route.",
            discussion: """
                  netnsctl route add client default via 10.0.100.254
                  netnsctl route add client default nexthop via 10.0.0.2 nexthop via 10.0.0.3
                  netnsctl route add client blackhole 10.66.0.0/16
                """)

        @Argument(help: RouteWords.help) var words: [String]
        @OptionGroup var family: FamilyOption
        @OptionGroup var common: CommonOptions

        func params() throws -> RouteAdd.Params { try RouteWords(words, family).params }
    }

    struct Replace: RequestCommand {
        typealias Called = RouteReplace

        static let configuration = CommandConfiguration(
            abstract: "Add a route, or change the one to that destination.",
            discussion: """
                  netnsctl route replace client default via 10.0.100.253
                """)

        @Argument(help: RouteWords.help) var words: [String]
        @OptionGroup var family: FamilyOption
        @OptionGroup var common: CommonOptions

        func params() throws -> RouteReplace.Params { try RouteWords(words, family).params }
    }

    struct Change: RequestCommand {
        typealias Called = RouteChange

        static let configuration = CommandConfiguration(
            abstract: "Change the route to that destination.",
            discussion: """
                  netnsctl route change client default via 10.0.100.253
                """)

        @Argument(help: RouteWords.help) var words: [String]
        @OptionGroup var family: FamilyOption
        @OptionGroup var common: CommonOptions

        func params() throws -> RouteChange.Params { try RouteWords(words, family).params }
    }

    struct Append: RequestCommand {
        typealias Called = RouteAppend

        static let configuration = CommandConfiguration(
            abstract: "Add a route behind those to that destination.",
            discussion: """
                  netnsctl route append client default via 10.0.100.253
                """)

        @Argument(help: RouteWords.help) var words: [String]
        @OptionGroup var family: FamilyOption
        @OptionGroup var common: CommonOptions

        func params() throws -> RouteAppend.Params { try RouteWords(words, family).params }
    }

    struct Prepend: RequestCommand {
        typealias Called = RoutePrepend

        static let configuration = CommandConfiguration(
            abstract: "Add a route before those to that destination.",
            discussion: """
                  netnsctl route prepend client default via 10.0.100.253
                """)

        @Argument(help: RouteWords.help) var words: [String]
        @OptionGroup var family: FamilyOption
        @OptionGroup var common: CommonOptions

        func params() throws -> RoutePrepend.Params { try RouteWords(words, family).params }
    }

    struct Delete: RequestCommand {
        typealias Called = RouteDelete

        static let configuration = CommandConfiguration(
            abstract: "Remove a route.",
            discussion: """
                  netnsctl route delete client default
                """,
            aliases: ["del"])

        @Argument(help: RouteWords.help) var words: [String]
        @OptionGroup var family: FamilyOption
        @OptionGroup var common: CommonOptions

        func params() throws -> RouteDelete.Params { try RouteWords(words, family).params }
    }

    struct Flush: RequestCommand {
        typealias Called = RouteFlush

        static let configuration = CommandConfiguration(
            abstract: "Remove all routes that fit.",
            discussion: """
                Of table main, unless another is said.

                  netnsctl route flush client
                  netnsctl route flush client proto static table 100
                """)

        @Argument(help: RouteFilterWords.help) var words: [String] = []
        @OptionGroup var family: FamilyOption
        @OptionGroup var common: CommonOptions

        func params() throws -> RouteFlush.Params {
            let words = try RouteFilterWords(words, family)
            if words.isEmpty { throw ValidationError("say which: a namespace or a filter") }
            return ForNamespace(Place(orHere: words.namespace), words.filter)
        }

        func text(_ flushed: Flushed, colour: Bool) -> String { flushed.text("route", "routes") }
    }

    struct List: ListCommand {
        typealias Called = RouteList

        static let configuration = CommandConfiguration(
            abstract: "List routes, of all your namespaces or of one.",
            discussion: """
                Of table main, unless another is said.

                  netnsctl route list client
                  netnsctl route list client table all -6
                """,
            aliases: ["show"])

        @Argument(help: RouteFilterWords.help) var words: [String] = []
        @OptionGroup var family: FamilyOption
        @OptionGroup var list: ListOptions
        @OptionGroup var common: CommonOptions

        func params() throws -> RouteList.Params {
            let words = try RouteFilterWords(words, family)
            return ForList(words.namespace.map { [$0] }, words.filter)
        }

        func names(_ items: [InNamespace<Route>]) -> [String] { items.map(\.value.dst.description) }

        func text(_ routes: [InNamespace<Route>], colour: Bool) -> String {
            var table = Table("NAMESPACE", "ROUTE")
            for listed in routes { table.add(listed.netnsText, listed.value.text) }
            return table.text(colour: colour)
        }
    }

    struct Get: RequestCommand {
        typealias Called = RouteGet

        static let configuration = CommandConfiguration(
            abstract: "Ask which way a packet would go.",
            discussion: """
                  netnsctl route get client 192.168.100.1
                """)

        @Argument(help: RouteQueryWords.help) var words: [String]
        @OptionGroup var common: CommonOptions

        func params() throws -> RouteGet.Params {
            let words = try RouteQueryWords(words)
            return ForNamespace(words.place, words.query)
        }

        func text(_ route: Route, colour: Bool) -> String { route.text.rendered(colour: colour) + "\n" }
    }
}
