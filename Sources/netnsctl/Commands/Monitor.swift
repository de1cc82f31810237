// monitor: changes in one's namespaces, as they happen.

import ArgumentParser
import NetnsClient

struct Monitor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch what changes in your namespaces.",
        discussion: """
            One line a change, until interrupted; with --json one JSON document a line. Where changes came faster \
            than they were read, a line says that some were missed.

              netnsctl monitor
              netnsctl monitor server --subject route --subject address
            """)

    @Argument(
        help: ArgumentHelp("These namespaces; without any, all of yours, later ones too.", valueName: "namespace"),
        transform: NamespaceSelector.parse)
    var namespaces: [NamespaceSelector] = []

    @Option(
        name: [.short, .customLong("subject")], parsing: .singleValue,
        help: ArgumentHelp(
            "Only these; without, the first six: \(EventSubject.allCases.map(\.rawValue).joined(separator: " ")); may be repeated.",
            valueName: "subject"),
        transform: EventSubject.parse)
    var subjects: [EventSubject] = []

    @OptionGroup var common: CommonOptions

    func run() throws {
        let agent = try common.connect()
        try agent.call(
            EventSubscribe.self,
            .init(netns: namespaces.isEmpty ? nil : namespaces, subjects: subjects.isEmpty ? nil : subjects))
        let colour = common.color.isWanted
        while true {
            let notification = try agent.nextNotification()
            if common.json {
                if notification.method == Event.name { try write(notification.params.description + "\n") }
            } else if case .event(let event) = notification.content {
                try write(event.text.rendered(colour: colour) + "\n")
            }
        }
    }
}

extension Event {
    /// `[server] link eth0 UP mtu 1500`, with `deleted` before what is gone.
    var text: Text {
        if action == .overflow { return Text("some changes were missed: list what you watch anew", .down) }
        var text = Text(netns.map { "[\($0)] " } ?? "", .heading)
        if action == .deleted { text += Text("deleted ", .down) }
        return text + Text(subject.map { "\($0.rawValue) " } ?? "") + what
    }

    private var what: Text {
        if let link { return link.eventText }
        if let address {
            let info = address.info
            let dev = Text(address.dev ?? "\(address.ifindex)", .name)
            return [info.text, Text("dev ") + dev, Text("scope \(info.scope)"), info.remarks]
                .filter { !$0.isEmpty }.joined(by: " ")
        }
        if let route { return route.text }
        if let neighbour { return neighbour.text }
        if let rule { return Text("\(rule.priority): ") + rule.text }
        if let nexthop { return nexthop.text }
        if let netconf { return netconf.text }
        if let nsid { return Text("\(nsid)") }
        if let port { return port.eventText }
        if let fdb {
            return Text(fdb.lladdr ?? "", .linkAddress) + Text(" dev ") + Text(fdb.dev ?? "", .name)
                + Text(fdb.state.map { " \($0.rawValue)" }.joined())
        }
        return Text(netns?.description ?? "")
    }
}

extension Link {
    fileprivate var eventText: Text {
        var parts = [Text(ifname, .name), state, Text("mtu \(mtu)")]
        if !kind.isEmpty { parts.append(kind) }
        if !macText.isEmpty { parts.append(macText) }
        if let master { parts.append(Text("master ") + Text(master, .name)) }
        return parts.joined(by: " ")
    }
}

extension Netconf {
    fileprivate var text: Text {
        let flags = [
            ("forwarding", forwarding), ("mc_forwarding", mcForwarding), ("proxy_neigh", proxyNeigh),
            ("ignore_routes_with_linkdown", ignoreRoutesWithLinkdown),
        ]
        var words = flags.compactMap { word, isOn in isOn.map { "\(word) \($0 ? "on" : "off")" } }
        if let rpFilter { words.append("rp_filter \(rpFilter.rawValue)") }
        return Text("\(family.rawValue) ") + Text(interface, .name) + Text(words.map { " " + $0 }.joined())
    }
}
