// maddr add, delete, list.

import ArgumentParser
import NetnsClient

struct MulticastCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maddr",
        abstract: "Multicast addresses: the groups that links listen to.",
        discussion: """
              netnsctl maddr add server/eth0 33:33:00:00:00:77
              netnsctl maddr list server
            """,
        subcommands: [Add.self, Delete.self, List.self],
        aliases: ["maddress"])

    struct Add: RequestCommand {
        typealias Called = MaddrAdd

        static let configuration = CommandConfiguration(
            abstract: "Have a link listen to a group of its layer.",
            discussion: """
                  netnsctl maddr add server/eth0 33:33:00:00:00:77
                """)

        @Argument(help: GroupWords.help) var words: [String]
        @OptionGroup var common: CommonOptions

        func params() throws -> MaddrAdd.Params { try GroupWords(words).params }
    }

    struct Delete: RequestCommand {
        typealias Called = MaddrDelete

        static let configuration = CommandConfiguration(
            abstract: "Have it leave the group.",
            discussion: """
                  netnsctl maddr delete server/eth0 33:33:00:00:00:77
                """,
            aliases: ["del"])

        @Argument(help: GroupWords.help) var words: [String]
        @OptionGroup var common: CommonOptions

        func params() throws -> MaddrDelete.Params { try GroupWords(words).params }
    }

    struct List: ListCommand {
        typealias Called = MaddrList

        static let configuration = CommandConfiguration(
            abstract: "List groups, of all your namespaces or of one.",
            discussion: """
                  netnsctl maddr list server/eth0
                """,
            aliases: ["show"])

        @Argument(help: ArgumentHelp("NAMESPACE or PLACE, or dev INTERFACE where you are.", valueName: "word"))
        var words: [String] = []
        @OptionGroup var family: FamilyOption
        @OptionGroup var list: ListOptions
        @OptionGroup var common: CommonOptions

        func params() throws -> MaddrList.Params {
            var words = Words(words)
            var filter = MulticastFilter()
            let netns: NamespaceSelector?
            (netns, filter.dev) = try words.namespaceOrPlace(unless: { $0 == "dev" })
            filter.family = family.family.flatMap { MulticastFilter.Layer(rawValue: $0.rawValue) }
            while let keyword = try words.keyword() {
                guard keyword == "dev" else { throw unknown(keyword, ["dev"]) }
                filter.dev = try words.value(keyword)
            }
            return ForList(netns.map { [$0] }, filter)
        }

        func names(_ items: [InNamespace<LinkWithGroups>]) -> [String] { items.flatMap { $0.value.groups.map(\.name) } }

        func text(_ links: [InNamespace<LinkWithGroups>], colour: Bool) -> String {
            var table = Table("NAMESPACE", "LINK", "GROUP", "USERS")
            for listed in links {
                for group in listed.value.groups {
                    table.add(
                        listed.netnsText, Text(listed.value.ifname, .name), group.text,
                        Text("\(group.users)\(group.isStatic ? " static" : "")"))
                }
            }
            return table.text(colour: colour)
        }
    }
}

extension MulticastGroup {
    fileprivate var name: String { address?.description ?? link ?? "" }
    fileprivate var text: Text { address?.text ?? Text(link ?? "", .linkAddress) }
}
