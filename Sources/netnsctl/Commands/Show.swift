// show: namespaces, links with their peers, addresses and routes on one screen.

import ArgumentParser
import NetnsClient

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show namespaces with their links, addresses and routes.",
        discussion: """
            All on one screen; without NAMESPACE, all of yours. The kernel's own link-local IPv6 routes are left out \
            of the text. With --json, an array of namespaces, each with its links, their addr_info, and its routes.

              netnsctl show
              netnsctl show server
            """)

    @Argument(help: ArgumentHelp("The namespaces.", valueName: "namespace"), transform: NamespaceSelector.parse)
    var names: [NamespaceSelector] = []

    @OptionGroup var common: CommonOptions

    @OptionGroup var watching: WatchOptions

    func run() throws {
        let agent = try common.connect()
        let chosen = names.isEmpty ? nil : names
        try watching.follow(agent, chosen) {
            let shown = try Shown(agent, chosen)
            return common.json
                ? common.text(of: shown.json) : shown.text(colour: common.color.isWanted)
        }
    }
}

/// What the agent said, put together by namespace.
struct Shown {
    /// Those asked for; nil for all.
    let names: [NamespaceSelector]?
    let namespaces: Response<NetnsList>
    let links: Response<LinkList>
    let addresses: Response<AddrList>
    let routes: Response<RouteList>

    /// In the agent's order, or in that asked for, which may name namespaces of other users.
    private var order: [(name: NamespaceSelector, state: NamespaceInfo.State)] {
        let listed = namespaces.result
        guard let names else { return listed.map { ($0.name, $0.state) } }
        return names.map { name in (name, listed.first { $0.name == name }?.state ?? .live) }
    }

    func text(colour: Bool) -> String {
        var table = Table()
        table.indent = 2
        // The Ethernet address is what is asked for least.
        table.expendable = [3]
        let addresses = Dictionary(grouping: addresses.result) { $0.netns }
            .mapValues { $0.map { ($0.value.link.ifindex, $0.value.addresses) } }
        let routes = Dictionary(grouping: routes.result) { $0.netns }
        let links = Dictionary(grouping: links.result) { $0.netns }
        for name in order.map(\.name) {
            for listed in links[name, default: []].map(\.value) {
                let own = addresses[name, default: []].first { $0.0 == listed.link.ifindex }?.1 ?? []
                table.add(
                    Text(listed.link.ifname, .name), listed.link.state, listed.link.kind, listed.link.macText,
                    listed.relations, own.map(\.text).joined(by: " "))
            }
        }
        // One table for all, so that columns stand below each other.
        var rows = table.rowLines(colour: colour)[...]
        var text = ""
        for (index, (name, state)) in order.enumerated() {
            if index > 0 { text += "\n" }
            let mark = Text(state == .live ? "" : " (deleted, but still held by something)", .down)
            text += (Text(name.description, .heading) + mark).rendered(colour: colour) + "\n"
            for _ in links[name, default: []] { text += (rows.popFirst() ?? []).map { $0 + "\n" }.joined() }
            for route in routes[name, default: []].map(\.value) where !route.isLinkLocalNoise {
                text += "  route " + route.text.rendered(colour: colour) + "\n"
            }
        }
        return text
    }

    var json: JSONValue {
        func of(_ name: NamespaceSelector, _ list: JSONValue) -> [JSONValue] {
            (list.arrayValue ?? []).filter { $0["netns"]?.stringValue == name.description }
        }
        let all = order.map { name, state -> JSONValue in
            let addresses = of(name, addresses.json)
            let links = of(name, links.json).map { link -> JSONValue in
                guard case .object(var object) = link else { return link }
                object["netns"] = nil
                object["addr_info"] = addresses.first { $0["ifindex"] == link["ifindex"] }?["addr_info"] ?? []
                return .object(object)
            }
            let routes = of(name, routes.json).map { route -> JSONValue in
                guard case .object(var object) = route else { return route }
                object["netns"] = nil
                return .object(object)
            }
            return [
                "name": .string(name.description), "state": .string(state.rawValue), "links": .array(links),
                "routes": .array(routes),
            ]
        }
        return .array(all)
    }
}

extension Shown {
    init(_ agent: Connection, _ chosen: [NamespaceSelector]?) throws {
        let asked = (
            try agent.send(NetnsList.self, .init()), try agent.send(LinkList.self, ForList(chosen, LinkFilter())),
            try agent.send(AddrList.self, ForList(chosen, AddressFilter())),
            try agent.send(RouteList.self, ForList(chosen, RouteFilter()))
        )
        names = chosen
        namespaces = try agent.receive(asked.0)
        do {
            links = try agent.receive(asked.1)
        } catch let refusal as WireError {
            // The two still on their way are refused for the same reason.
            _ = (try? agent.receive(asked.2), try? agent.receive(asked.3))
            throw refusal.suggesting(from: agent, ForList(chosen, LinkFilter()))
        }
        addresses = try agent.receive(asked.2)
        routes = try agent.receive(asked.3)
    }
}
