// graph: one's network as a picture.

import ArgumentParser
import NetnsClient

struct GraphCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Draw your network: namespaces, links and what joins them.",
        discussion: """
            Ports stand below their bridge. A line that is down is dashed. Where the text would be wider than the \
            terminal, all namespaces stand in one column and the lines run beside it. Left out are lo, as long as it \
            has nothing but what it always has, and link-local addresses.

              netnsctl graph
              netnsctl graph server gateway --watch
              netnsctl graph --format svg > network.svg
              netnsctl graph --format dot | dot -Tpdf > network.pdf
            """)

    enum Format: String, CaseIterable, WordValue { case text, svg, dot, mermaid }

    @Argument(
        help: ArgumentHelp("Only these namespaces.", valueName: "namespace"), transform: NamespaceSelector.parse)
    var names: [NamespaceSelector] = []

    @Option(
        name: [.short, .long], help: ArgumentHelp("How to draw it.", valueName: "text|svg|dot|mermaid"),
        transform: Format.parse)
    var format = Format.text

    @OptionGroup var watching: WatchOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let agent = try common.connect()
        let chosen = names.isEmpty ? nil : names
        try watching.follow(agent, chosen) {
            let graph = try ask(agent, chosen)
            return common.json ? common.text(of: graph.json) : picture(of: graph)
        }
    }

    private func ask(_ agent: Connection, _ chosen: [NamespaceSelector]?) throws -> Graph {
        let own = try agent.namespaces().filter { $0.state == .live }.map(\.name)
        let links = try agent.exchange(LinkList.self, ForList(chosen, LinkFilter())).result
        let addresses = try agent.exchange(AddrList.self, ForList(chosen, AddressFilter())).result
        return Graph((chosen ?? own).map(\.description), links: links, addresses: addresses)
    }

    private func picture(of graph: Graph) -> String {
        switch format {
        case .svg: return SVGPicture(Layout(graph)).text()
        case .dot: return graph.dot()
        case .mermaid: return graph.mermaid()
        case .text:
            var layout = Layout(graph)
            if let width = terminalWidth(), layout.width > width { layout = Layout(graph, isNarrow: true) }
            return TextPicture(layout).text(colour: common.color.isWanted)
        }
    }
}
