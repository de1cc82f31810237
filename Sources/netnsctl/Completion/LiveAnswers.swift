// What the agent knows of the caller's own things. Without an agent, or where it refuses, there is nothing.

import Glibc
import NetnsClient

/// A list as it came: at a Tab nobody waits for a thousand objects to be checked key by key.
private enum Raw {
    enum Addresses: Method {
        static let name = AddrList.name
        typealias Params = AddrList.Params
        typealias Result = JSONValue
    }
    enum Links: Method {
        static let name = LinkList.name
        typealias Params = LinkList.Params
        typealias Result = JSONValue
    }
}

final class LiveAnswers {
    private let socket: String?
    /// What things are is asked for too, if that is cheap.
    private let describing: Bool
    private lazy var agent: Connection? = try? Connection.connect(path: socket)

    init(socket: String?, describing: Bool) { (self.socket, self.describing) = (socket, describing) }

    func call<Called: Method>(_ method: Called.Type, _ params: Called.Params) -> Called.Result? {
        try? agent?.call(method, params)
    }

    /// One's own; for root, once a colon is there, everybody's under their full names.
    func namespaces(like word: String) -> [Candidate] {
        let everybody = getuid() == 0 && word.contains(":")
        let names = NameScan.names(socket: socket, everybody: everybody)
        let descriptions = describing ? contents(of: names.filter { $0.hasPrefix(namespacePart(word)) }) : [:]
        return names.map { Candidate(word: $0, help: descriptions[$0] ?? "namespace") }
    }

    /// For root, all namespaces, by their full names.
    func everybodys(but given: [String]) -> [Candidate] {
        guard getuid() == 0 else { return [] }
        return NameScan.names(socket: socket, everybody: true).filter { !given.contains($0) }
            .map { Candidate(word: $0, help: "namespace") }
    }

    /// For root, those who have namespaces.
    func users() -> [Candidate] {
        guard getuid() == 0, let namespaces = call(NetnsList.self, .init(allUsers: true)) else { return [] }
        return Set(namespaces.map { $0.user ?? "\($0.uid)" }).sorted().map { Candidate(word: $0) }
    }

    /// Their links and addresses in short; nothing where they are many, because each costs the agent some work.
    private func contents(of names: [String]) -> [String: String] {
        let selectors = names.compactMap { NamespaceSelector($0) }
        guard (1...16).contains(selectors.count),
            let links = call(AddrList.self, ForList(selectors, AddressFilter()))
        else { return [:] }
        return Dictionary(grouping: links) { $0.netns?.description ?? "" }.mapValues { links in
            let parts = links.map(\.value).filter { $0.link.linkType != "loopback" }.map { link in
                ([link.link.ifname] + link.addresses.filter { $0.scope != .link }.map { "\($0.local)/\($0.prefixlen)" })
                    .joined(separator: " ")
            }
            if parts.isEmpty { return "no links but lo" }
            return parts.prefix(3).joined(separator: ", ") + (parts.count > 3 ? ", …" : "")
        }
    }

    private func rawLinks(_ namespace: String) -> [JSONValue]? {
        guard let selector = NamespaceSelector(namespace) else { return nil }
        return call(Raw.Links.self, ForList([selector], LinkFilter()))?.arrayValue
    }

    func linkNames(in namespace: String) -> Set<String>? {
        rawLinks(namespace).map { Set($0.compactMap { $0["ifname"]?.stringValue }) }
    }

    /// Its links, each with its kind, state, addresses and what it hangs on. `masters`: those that can have ports.
    func links(in namespace: String?, masters: Bool = false) -> [Candidate] {
        guard let agent, let selector = namespace.flatMap({ NamespaceSelector($0) }) else { return [] }
        // Both are on their way before either is waited for.
        let pending = describing ? try? agent.send(Raw.Addresses.self, ForList([selector], AddressFilter())) : nil
        guard let rest = try? agent.send(Raw.Links.self, ForList([selector], LinkFilter())) else { return [] }
        let addresses = pending.flatMap { try? agent.receive($0) }?.result.arrayValue ?? []
        let links = (try? agent.receive(rest))?.result.arrayValue ?? []
        var byIndex: [JSONValue: [JSONValue]] = [:]
        for entry in addresses { byIndex[entry["ifindex"] ?? .null] = entry["addr_info"]?.arrayValue }
        return links.compactMap { link in
            guard let name = link["ifname"]?.stringValue else { return nil }
            if masters, !["bridge", "bond", "vrf"].contains(link["linkinfo"]?["info_kind"]?.stringValue) { return nil }
            return Candidate(word: name, help: description(of: link, byIndex[link["ifindex"] ?? .null] ?? []))
        }
    }

    private func description(of link: JSONValue, _ addresses: [JSONValue]) -> String {
        let flags = link["flags"]?.arrayValue ?? []
        let kind = link["linkinfo"]?["info_kind"]?.stringValue ?? link["link_type"]?.stringValue ?? ""
        var parts = [kind, !flags.contains("UP") ? "DOWN" : flags.contains("NO-CARRIER") ? "NO-CARRIER" : "UP"]
        for address in addresses where address["scope"]?.stringValue != "link" {
            if let local = address["local"]?.stringValue, let length = address["prefixlen"]?.integerValue {
                parts.append("\(local)/\(length)")
            }
        }
        if let peer = link["peer"]?.stringValue { parts.append("peer \(peer)") }
        if let master = link["master"]?.stringValue { parts.append("master \(master)") }
        return parts.joined(separator: " ")
    }

    /// Kinds that this kernel has; `mine`: and that policy lets the caller make. All there are where nobody can say.
    func kinds(mine: Bool) -> [Candidate] {
        let all = LinkKind.allCases.map(\.rawValue)
        guard let checks = call(AgentCheck.self, Nothing())?.checks else { return all.map { Candidate(word: $0) } }
        let works = Set(checks.filter(\.works).map(\.what))
        let allowed = mine ? call(QuotaGet.self, .init())?.rights.kinds : nil
        return all.filter { works.contains("link kind \($0)") && allowed?.contains($0) ?? true }
            .map { Candidate(word: $0) }
    }

    func addresses(in namespace: String, on link: String?) -> [Candidate] {
        guard let selector = NamespaceSelector(namespace) else { return [] }
        var filter = AddressFilter()
        filter.dev = link.flatMap { InterfaceName($0) }
        return (call(AddrList.self, ForList([selector], filter)) ?? []).flatMap { listed in
            listed.value.addresses.map { address in
                var words = ["scope \(address.scope)"]
                if link == nil { words.insert("on \(listed.value.link.ifname)", at: 0) }
                let remarks = address.remarks.rendered(colour: false)
                if !remarks.isEmpty { words.append(remarks) }
                return Candidate(word: "\(address.local)/\(address.prefixlen)", help: words.joined(separator: " "))
            }
        }
    }

    /// Of the table, or of main; but for those that the kernel makes for each link.
    func routes(in namespace: String, table: String? = nil) -> [Route] {
        guard let selector = NamespaceSelector(namespace) else { return [] }
        var filter = RouteFilter()
        filter.table = table.flatMap { RouteTable($0) }
        return (call(RouteList.self, ForList([selector], filter)) ?? []).map(\.value).filter { !$0.isLinkLocalNoise }
    }

    func neighbours(in namespace: String, on link: String?) -> [Candidate] {
        guard let selector = NamespaceSelector(namespace) else { return [] }
        var filter = NeighbourFilter()
        filter.dev = link.flatMap { InterfaceName($0) }
        return (call(NeighList.self, ForList([selector], filter)) ?? []).map(\.value).map { neighbour in
            let text = [link == nil ? neighbour.dev ?? "" : "", neighbour.lladdr ?? ""]
            return Candidate(
                word: neighbour.dst.description,
                help: (text + [neighbour.stateText.rendered(colour: false)]).filter { !$0.isEmpty }
                    .joined(separator: " "))
        }
    }

    func rules(in namespace: String) -> [Rule] {
        guard let selector = NamespaceSelector(namespace) else { return [] }
        return (call(RuleList.self, ForList([selector], RuleFilter())) ?? []).map(\.value)
    }

    /// Programs that run, each with its command; those too that have ended, if their end is wanted.
    func programs(ended: Bool = false) -> [Candidate] {
        (call(ProgramList.self, .init()) ?? []).filter { $0.running || ended }.map { program in
            let place = program.netns.map { "[\($0)] " } ?? ""
            return Candidate(word: "\(program.pid)", help: place + program.argv.joined(separator: " "))
        }
    }
}
