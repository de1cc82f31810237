// rule add, delete, flush, list.

import ArgumentParser
import NetnsClient

struct RuleCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rule",
        abstract: "Rules that choose a routing table.",
        discussion: """
            After the namespace come ip-rule(8)'s words.

              netnsctl rule add gateway from 10.0.0.0/8 table 100 priority 1000
              netnsctl rule list gateway
            """,
        subcommands: [Add.self, Delete.self, Flush.self, List.self])

    struct Add: RequestCommand {
        typealias Called = RuleAdd

        static let configuration = CommandConfiguration(
            abstract: "Add a rule.",
            discussion: """
                  netnsctl rule add gateway from 10.0.0.0/8 table 100 priority 1000
                  netnsctl rule add gateway fwmark 0x10/0xff ipproto tcp dport 80 prohibit
                """)

        @Argument(help: RuleWords.help) var words: [String]
        @OptionGroup var family: FamilyOption
        @OptionGroup var common: CommonOptions

        func params() throws -> RuleAdd.Params { try RuleWords(words, family).params }
    }

    struct Delete: RequestCommand {
        typealias Called = RuleDelete

        static let configuration = CommandConfiguration(
            abstract: "Remove a rule.",
            discussion: """
                  netnsctl rule delete gateway priority 1000
                """,
            aliases: ["del"])

        @Argument(help: RuleWords.help) var words: [String]
        @OptionGroup var family: FamilyOption
        @OptionGroup var common: CommonOptions

        func params() throws -> RuleDelete.Params { try RuleWords(words, family).params }
    }

    struct Flush: RequestCommand {
        typealias Called = RuleFlush

        static let configuration = CommandConfiguration(
            abstract: "Remove all rules that fit.",
            discussion: """
                  netnsctl rule flush gateway table 100
                """)

        @Argument(help: RuleFilterWords.help) var words: [String] = []
        @OptionGroup var family: FamilyOption
        @OptionGroup var common: CommonOptions

        func params() throws -> RuleFlush.Params {
            let words = try RuleFilterWords(words, family)
            if words.isEmpty { throw ValidationError("say which: a namespace or a filter") }
            return ForNamespace(Place(orHere: words.namespace), words.filter)
        }

        func text(_ flushed: Flushed, colour: Bool) -> String { flushed.text("rule", "rules") }
    }

    struct List: ListCommand {
        typealias Called = RuleList

        static let configuration = CommandConfiguration(
            abstract: "List rules, of all your namespaces or of one.",
            discussion: """
                  netnsctl rule list gateway
                """,
            aliases: ["show"])

        @Argument(help: RuleFilterWords.help) var words: [String] = []
        @OptionGroup var family: FamilyOption
        @OptionGroup var list: ListOptions
        @OptionGroup var common: CommonOptions

        func params() throws -> RuleList.Params {
            let words = try RuleFilterWords(words, family)
            return ForList(words.namespace.map { [$0] }, words.filter)
        }

        func names(_ items: [InNamespace<Rule>]) -> [String] { items.map(\.value.priority.description) }

        func text(_ rules: [InNamespace<Rule>], colour: Bool) -> String {
            var table = Table("NAMESPACE", "FAMILY", "PRIORITY", "RULE", numeric: [2])
            for listed in rules {
                table.add(
                    listed.netnsText, Text(listed.value.family.rawValue),
                    Text(listed.value.priority.description), listed.value.text)
            }
            return table.text(colour: colour)
        }
    }
}
