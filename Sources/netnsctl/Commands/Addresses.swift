// addr add, replace, delete, flush, list.

import ArgumentParser
import NetnsClient

struct AddressCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "addr",
        abstract: "Addresses of links.",
        discussion: """
            After the place come ip-address(8)'s words.

              netnsctl addr add server/eth0 192.168.100.1/24
              netnsctl addr list server
            """,
        subcommands: [Add.self, Replace.self, Delete.self, Flush.self, List.self],
        aliases: ["address"])

    struct Add: RequestCommand {
        typealias Called = AddrAdd

        static let configuration = CommandConfiguration(
            abstract: "Give a link an address.",
            discussion: """
                  netnsctl addr add server/eth0 192.168.100.1/24 broadcast +
                  netnsctl addr add server/eth0 fd00::1/64 nodad
                """)

        @Argument(help: AddressWords.help) var words: [String]
        @OptionGroup var common: CommonOptions

        func params() throws -> AddrAdd.Params { try AddressWords(words).params }
    }

    struct Replace: RequestCommand {
        typealias Called = AddrReplace

        static let configuration = CommandConfiguration(
            abstract: "Give a link an address, or change that address.",
            discussion: """
                  netnsctl addr replace server/eth0 10.0.0.1/24 valid_lft 600 preferred_lft 300
                """)

        @Argument(help: AddressWords.help) var words: [String]
        @OptionGroup var common: CommonOptions

        func params() throws -> AddrReplace.Params { try AddressWords(words).params }
    }

    struct Delete: RequestCommand {
        typealias Called = AddrDelete

        static let configuration = CommandConfiguration(
            abstract: "Take an address off a link.",
            discussion: """
                  netnsctl addr delete server/eth0 192.168.100.1/24
                """,
            aliases: ["del"])

        @Argument(help: AddressWords.help) var words: [String]
        @OptionGroup var common: CommonOptions

        func params() throws -> AddrDelete.Params { try AddressWords(words).params }
    }

    struct Flush: RequestCommand {
        typealias Called = AddrFlush

        static let configuration = CommandConfiguration(
            abstract: "Take off all addresses that fit.",
            discussion: """
                  netnsctl addr flush server/eth0
                  netnsctl addr flush server scope global -6
                """)

        @Argument(help: AddressFilterWords.help) var words: [String] = []
        @OptionGroup var family: FamilyOption
        @OptionGroup var common: CommonOptions

        func params() throws -> AddrFlush.Params {
            let words = try AddressFilterWords(words, family)
            if words.isEmpty { throw ValidationError("say which: a namespace, a place or a filter") }
            return ForNamespace(Place(orHere: words.namespace), words.filter)
        }

        func text(_ flushed: Flushed, colour: Bool) -> String { flushed.text("address", "addresses") }
    }

    struct List: RequestCommand {
        typealias Called = AddrList

        static let configuration = CommandConfiguration(
            abstract: "List addresses, of all your namespaces or of one.",
            discussion: """
                  netnsctl addr list
                  netnsctl addr list server/eth0 -4
                """,
            aliases: ["show"])

        @Argument(help: AddressFilterWords.help) var words: [String] = []
        @OptionGroup var family: FamilyOption
        @OptionGroup var common: CommonOptions

        func params() throws -> AddrList.Params {
            let words = try AddressFilterWords(words, family)
            return ForList(words.namespace.map { [$0] }, words.filter)
        }

        func text(_ links: [InNamespace<LinkWithAddresses>], colour: Bool) -> String {
            var table = Table("NAMESPACE", "LINK", "ADDRESS", "SCOPE", "REMARKS")
            for listed in links {
                for address in listed.value.addresses {
                    table.add(
                        listed.netnsText, Text(listed.value.link.ifname, .name), address.text,
                        Text(address.scope.description), address.remarks)
                }
            }
            return table.text(colour: colour)
        }
    }
}

extension Flushed {
    func text(_ one: String, _ many: String) -> String { "\(removed) \(removed == 1 ? one : many) removed\n" }
}
