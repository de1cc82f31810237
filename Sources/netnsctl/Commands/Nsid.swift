// nsid: what one namespace calls another.

import ArgumentParser
import NetnsClient

struct Nsid: RequestCommand {
    typealias Called = NetnsSet

    static let configuration = CommandConfiguration(
        abstract: "Have one of your namespaces call another by a number.",
        discussion: """
            By these numbers the kernel tells where the other end of a cable is (link-netnsid). It gives them by \
            itself where it needs one, and for good.

              netnsctl nsid gateway server 5
            """)

    @Argument(help: "Whose number it is.", transform: NamespaceSelector.parse)
    var namespace: NamespaceSelector

    @Argument(help: "What is to be called so.", transform: NamespaceSelector.parse)
    var other: NamespaceSelector

    @Argument(help: "0 to 2147483647; without it the first that is free.", transform: NamespaceNumber.parse)
    var number: NamespaceNumber?

    @OptionGroup var common: CommonOptions

    func params() throws -> NetnsSet.Params { .init(Place(namespace), name: other, nsid: number) }
}
