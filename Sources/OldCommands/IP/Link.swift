// ip link: links shown and deleted; made and changed in files of their own.

import NetnsClient

extension IP {
    func link(_ given: Words) throws {
        var words = given
        guard let command = words.next() else { return try showLinks(words) }
        if command.begins("add") {
            try addLink(words)
        } else if command.begins("set", "change") {
            try setLink(words)
        } else if command.begins("replace") {
            throw Failure.notOffered("ip link replace")
        } else if command.begins("delete") {
            try deleteLink(words)
        } else if command.begins("show", "list") || command == "lst" {
            try showLinks(words)
        } else if command.begins("xstats", "afstats") {
            throw Failure.notOffered("ip link \(command)")
        } else if command.begins("property") {
            try changeProperties(words)
        } else if command.begins("help") {
            throw Failure.linkUsage
        } else {
            throw Failure.unknownCommand(command, of: "link")
        }
    }

    // MARK: Showing

    private func showLinks(_ given: Words) throws {
        var words = given
        var filter = LinkFilter()
        var kind: String?
        var (up, nomaster) = (false, false)
        var group: LinkGroup?
        filter.statistics = style.statistics > 0 ? true : nil
        filter.brief = style.details == 0 ? true : nil
        while let word = words.next() {
            switch word {
            case "up": up = true
            case "master", "vrf":
                let name = try words.value()
                guard let master = InterfaceName(name) else { throw Failure.noMaster(name) }
                filter.master = master
            case "nomaster": nomaster = true
            case "type":
                kind = try words.value()
                filter.brief = nil  // its kind is a detail
            case "group": group = try LinkWords.group(words.value())
            case _ where word.begins("help"): throw Failure.linkUsage
            default:
                let name = word == "dev" ? try words.value() : word
                if filter.dev != nil { throw Failure.duplicate("dev", name) }
                guard let dev = InterfaceName(name) else { throw Failure.absentDevice(name) }
                filter.dev = dev
            }
        }
        let links: [ListedLink]
        do {
            links = try standing.links(filter)
        } catch let refusal as WireError {
            guard let name = refusal.unknownDevice else { throw refusal }
            throw name == filter.master?.text ? Failure.noMaster(name) : Failure.absentDevice(name)
        }
        show { printer in
            for link in links
            where (kind == nil || link.link.isOf(kind: kind!)) && !(nomaster && link.link.master != nil) {
                printer.openObject()
                // Of one that is left out iproute2 leaves `{}` in JSON.
                if group.map({ "\($0)" == link.link.group }) ?? true, !up || link.link.isUp {
                    if style.brief { printer.briefLink(link.link, .link) } else { printer.link(link, .link, family) }
                    printer.text("\n")
                }
                printer.closeObject()
            }
        }
    }

    // MARK: Deleting

    private func deleteLink(_ given: Words) throws {
        var words = given
        var dev: String?
        while let word = words.next() {
            // What it is is known from its name.
            if word == "type" { break }
            if word == "group" { return try deleteLinks(of: LinkWords.group(words.value())) }
            let name = word == "dev" ? try words.value() : word
            if dev != nil { throw Failure.duplicate("dev", name) }
            dev = name
        }
        guard let dev else { throw Failure("Not enough information: \"dev\" argument is required.", code: 255) }
        guard let name = InterfaceName(dev) else { throw Failure.noDevice(dev) }
        try standing.call(LinkDelete.self, LinkName(name))
    }

    private func deleteLinks(of group: LinkGroup) throws {
        let links = try links(of: group)
        if links.isEmpty { throw Failure("RTNETLINK answers: No such device", code: 2) }
        for link in links {
            do {
                try standing.call(LinkDelete.self, LinkName(link))
            } catch let refusal as WireError where refusal.unknownDevice != nil {}  // the other end of one before
        }
    }

    /// The names of the links of a group.
    func links(of group: LinkGroup) throws -> [InterfaceName] {
        var filter = LinkFilter()
        filter.group = group
        return try standing.links(filter).compactMap { InterfaceName($0.link.ifname) }
    }

    // MARK: Second names

    private func changeProperties(_ given: Words) throws {
        var words = given
        guard let command = words.next() else { throw Failure.linkUsage }
        let isAdding = command.begins("add")
        guard isAdding || command.begins("delete") else { throw Failure.unknownCommand(command, of: "link property") }
        var dev: String?
        var names: [AlternativeName] = []
        while let word = words.next() {
            if word == "altname" {
                while let text = words.next() {
                    guard let name = AlternativeName(text) else { throw Failure.invalid(text, "not a valid altname") }
                    names.append(name)
                }
            } else {
                dev = word == "dev" ? try words.value() : word
            }
        }
        guard let dev else { throw Failure.missing("dev") }
        guard let name = InterfaceName(dev) else { throw Failure.noDevice(dev) }
        var change = LinkChange()
        if isAdding { change.addAltnames = names } else { change.removeAltnames = names }
        try set(name, change)
    }

    /// Changes a link where this command acts.
    func set(_ dev: InterfaceName, _ change: LinkChange, moveTo: NamespaceSelector? = nil) throws {
        let (place, descriptors) = try standing.place()
        try standing.agent().call(
            LinkSet.self, .init(place, dev: dev, moveTo: moveTo, change: change), descriptors: descriptors)
    }
}

extension Failure {
    static func noMaster(_ name: String) -> Failure { .invalid(name, "Device does not exist\n") }

    static let linkUsage = Failure(
        """
        Usage: ip link add [ link DEV ] [ name ] NAME [ netns NETNS ] [ address ADDRESS ] [ mtu MTU ]
                           [ txqueuelen PACKETS ] [ group GROUP ] [ index NUMBER ] type KIND [ OPTIONS ]
               ip link delete { DEV | group GROUP }
               ip link set { DEV | group GROUP } [ { up | down } ] [ name NEWNAME ] [ netns { NETNS | PID } ] [ address ADDRESS ]
                           [ mtu MTU ] [ txqueuelen PACKETS ] [ alias TEXT ] [ master DEV ] [ nomaster ]
                           [ arp { on | off } ] [ multicast { on | off } ] [ allmulticast { on | off } ]
                           [ promisc { on | off } ] [ dynamic { on | off } ] [ carrier { on | off } ]
                           [ protodown { on | off } ] [ trailers { on | off } ] [ broadcast ADDRESS ]
                           [ group GROUP ] [ addrgenmode { eui64 | none | stable_secret | random } ]
                           [ mode { default | dormant } ] [ state STATE ] [ type { bridge | bridge_slave } OPTIONS ]
               ip link [ show [ DEV ] [ up ] [ master DEV | nomaster ] [ group GROUP ] [ type KIND ] ]
               ip link property { add | del } dev DEV altname NAME…
        KIND := { veth | bridge | dummy | vlan | vxlan | macvlan | ipvlan | ifb | vrf | gre | gretap | ip6gre |
                  ip6gretap | ipip | sit | ip6tnl | geneve | bond }
        """, code: 255)
}
