// ip monitor: what changes where this command acts, as the kernel tells it.

import Glibc
import NetnsClient

/// `-timestamp` and `-tshort`.
enum TimestampStyle { case line, brackets }

extension IP {
    func monitor(_ given: Words) throws {
        let selection = try MonitorSelection(given, family)
        let (place, descriptors) = try standing.place()
        let subjects = Array(selection.subjects)
        let agent = try standing.agent()
        let subscription =
            place.netns.map { EventSubscribe.Params(netns: [$0], subjects: subjects) }
            ?? EventSubscribe.Params(netnsFileDescriptor: 0, subjects: subjects)
        try agent.call(EventSubscribe.self, subscription, descriptors: descriptors)
        if let dev = selection.dev { try require(dev) }

        // iproute2 writes no JSON here.
        var plain = style
        plain.json = false
        let printer = Printer(plain)
        var names = NamespaceNames()
        var links = LinkNumbers()
        while true {
            let event = try agent.nextEvent()
            if event.action == .overflow {
                console.complain("netlink receive error No buffer space available (105)")
                continue
            }
            // A bridge's or IP's word about a link may come before the link's own.
            if let name = event.earlyName, !links.knows(name) { links = LinkNumbers(try standing.links()) }
            guard selection.shows(event, links) else { continue }
            if event.nsid != nil { names.learn(try namespacesSeenFromHere()) }
            if let timestamps { printer.text(timestamp(timestamps)) }
            if selection.isLabelled, let label = event.subject?.label { printer.text("[\(label)]") }
            printer.change(event, family, names, links, withDevice: selection.dev == nil)
            console.write(printer.take())
            console.flush()
        }
    }

    private func require(_ dev: InterfaceName) throws {
        var filter = LinkFilter()
        filter.dev = dev
        do {
            _ = try standing.links(filter)
        } catch let refusal as WireError where refusal.unknownDevice != nil {
            throw Failure.noMaster(dev.text)
        }
    }

    private func timestamp(_ style: TimestampStyle) -> String {
        var now = timeval()
        unsafe gettimeofday(&now, nil)
        let micro = String(String(now.tv_usec + 1_000_000).dropFirst())
        switch style {
        case .line: return "Timestamp: \(local(now.tv_sec, "%a %b %e %H:%M:%S %Y")) \(now.tv_usec) usec\n"
        case .brackets: return "[\(local(now.tv_sec, "%Y-%m-%dT%H:%M:%S")).\(micro)] "
        }
    }

    private func local(_ seconds: time_t, _ format: String) -> String {
        var seconds = seconds
        var time = unsafe tm()
        unsafe localtime_r(&seconds, &time)
        var room = [CChar](repeating: 0, count: 64)
        let count = unsafe strftime(&room, room.count, format, &time)
        return String(decoding: room[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Which changes are asked for.
private struct MonitorSelection {
    var subjects: Set<EventSubject> = []
    var isLabelled = false
    var dev: InterfaceName?
    private let family: Family?

    init(_ given: Words, _ family: Family?) throws {
        self.family = family
        var words = given
        while let word = words.next() {
            if word.begins("file") { throw Failure.notOffered("changes from a file") }
            if word.begins("label") {
                isLabelled = true
            } else if word.begins("link") {
                subjects.formUnion([.link, .port])
            } else if word.begins("address") {
                subjects.insert(.address)
            } else if word.begins("route") {
                subjects.insert(.route)
            } else if word.begins("mroute", "prefix", "stats") {
                throw Failure.notOffered("ip monitor \(word)")
            } else if word.begins("neigh") {
                subjects.formUnion([.neighbour, .fdb])
            } else if word.begins("netconf") {
                subjects.insert(.netconf)
            } else if word.begins("rule") {
                subjects.insert(.rule)
            } else if word.begins("nsid") {
                subjects.insert(.nsid)
            } else if word.begins("nexthop") {
                subjects.insert(.nexthop)
            } else if word == "all" {
                isLabelled = true
            } else if word.begins("all-nsid") {
                throw Failure.notOffered("ip monitor all-nsid")
            } else if word.begins("help") {
                throw Failure.monitorUsage
            } else if word == "dev" {
                let name = try words.value()
                guard let known = InterfaceName(name) else { throw Failure.noMaster(name) }
                dev = known
            } else {
                throw Failure("Argument \"\(word)\" is unknown, try \"ip monitor help\".", code: 255)
            }
        }
        if subjects.isEmpty { subjects = Set(EventSubject.allCases).subtracting([.netns]) }
    }

    func shows(_ event: Event, _ links: LinkNumbers) -> Bool {
        // A route that the kernel only remembers is none of a table.
        if event.route?.cache != nil { return false }
        if let family, event.fdb != nil || event.family ?? family != family { return false }
        guard let dev else { return true }
        // A route by several ways is by none.
        guard let name = event.earlyName.map({ links[$0] }) ?? event.dev else { return event.route == nil }
        return name == dev.text
    }
}

extension EventSubject {
    /// As `ip monitor label` has it.
    fileprivate var label: String {
        switch self {
        case .link, .port: "LINK"
        case .address: "ADDR"
        case .neighbour, .fdb: "NEIGH"
        default: rawValue.uppercased()
        }
    }
}

extension Event {
    /// nil where it is of none.
    fileprivate var family: Family? {
        address?.info.family ?? route?.family ?? neighbour?.dst.family ?? rule?.family ?? netconf?.family
    }

    /// The link it is about; nil where it is about none.
    fileprivate var dev: String? {
        link?.ifname ?? port?.ifname ?? address?.dev ?? route?.dev ?? neighbour?.dev ?? earlyName
    }

    /// The name of a link of which nothing else may have been told yet.
    fileprivate var earlyName: String? { fdb?.dev ?? netconf?.interface }
}

/// What the links are called that the agent had only the number of, `if7`.
private struct LinkNumbers {
    private var names: [String: String] = [:]

    init() {}

    init(_ links: [ListedLink]) {
        for listed in links { names["if\(listed.link.ifindex)"] = listed.link.ifname }
        // One that is really called so is meant itself.
        for listed in links where names[listed.link.ifname] != nil { names[listed.link.ifname] = listed.link.ifname }
    }

    func knows(_ name: String) -> Bool {
        !name.hasPrefix("if") || Int(name.dropFirst(2)) == nil || names[name] != nil
    }

    subscript(name: String) -> String { names[name] ?? name }
}

/// What namespaces are called, by this one's ids for them. An id that was given up still says whose it was.
struct NamespaceNames {
    private var names: [Int32: NamespaceSelector] = [:]

    subscript(id: Int32) -> NamespaceSelector? { names[id] }

    mutating func learn(_ namespaces: [NamespaceInfo]) {
        for namespace in namespaces where namespace.name.name != .standard {
            if let id = namespace.nsid { names[id] = namespace.name }
        }
    }
}

extension Printer {
    /// A change, with its line's end.
    fileprivate func change(
        _ event: Event, _ family: Family?, _ names: NamespaceNames, _ links: LinkNumbers, withDevice: Bool
    ) {
        if event.action == .deleted { text("Deleted ") }
        if let link = event.link ?? event.port {
            self.link(ListedLink(link), .change, family, isPort: event.port != nil)
            text("\n")
        } else if let address = event.address {
            self.address(address.info, index: address.ifindex, name: address.dev, isNamed: true)
        } else if let route = event.route {
            self.route(route, withDevice ? [] : [.device], isListed: false)
            text("\n")
        } else if let neighbour = event.neighbour {
            self.neighbour(neighbour, withDevice: withDevice)
        } else if let rule = event.rule {
            self.rule(rule)
        } else if let nexthop = event.nexthop {
            self.nexthop(nexthop)
            text("\n")
        } else if let entry = event.fdb {
            forwardingEntry(entry, withDevice ? entry.dev.map { links[$0] } : nil)
        } else if let netconf = event.netconf {
            self.netconf(netconf, links[netconf.interface])
        } else if let id = event.nsid {
            number("nsid", id, "nsid ")
            if let name = names[id] { namespaceName(name) }
            text("\n")
        }
    }

    /// A bridge's, as iproute2 shows it among the neighbours.
    private func forwardingEntry(_ entry: ForwardingEntry, _ dev: String?) {
        if let dev { string("dev", dev, "dev ", " ", .interface) }
        if let address = entry.lladdr { string("lladdr", address, "lladdr ", " ", .mac) }
        text(entry.state.map { $0.rawValue + " " }.joined() + "\n")
    }

    private func netconf(_ netconf: Netconf, _ interface: String) {
        text(netconf.family.rawValue + " ")
        coloured(interface + " ", .interface)
        func flag(_ key: String, _ isOn: Bool?) { if let isOn { onOff(key, isOn) } }
        flag("forwarding", netconf.forwarding)
        if let filter = netconf.rpFilter { text("rp_filter \(filter.rawValue) ") }
        flag("mc_forwarding", netconf.mcForwarding)
        flag("proxy_neigh", netconf.proxyNeigh)
        flag("ignore_routes_with_linkdown", netconf.ignoreRoutesWithLinkdown)
        text("\n")
    }
}

extension Failure {
    fileprivate static let monitorUsage = Failure(
        """
        Usage: ip monitor [ all | OBJECTS ] [ label ] [ dev DEVICE ]
        OBJECTS :=  address | link | neigh | netconf | nexthop | nsid | route | rule
        """, code: 255)
}
