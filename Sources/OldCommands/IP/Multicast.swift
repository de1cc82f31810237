// ip maddress: the groups that links listen to.

import NetnsClient

extension IP {
    func multicastAddress(_ given: Words) throws {
        var words = given
        guard let command = words.next() else { return try showGroups(words) }
        if command.begins("add") {
            try changeGroup(MaddrAdd.self, words)
        } else if command.begins("delete") {
            try changeGroup(MaddrDelete.self, words)
        } else if command.begins("show", "list") || command == "lst" {
            try showGroups(words)
        } else if command.begins("help") {
            throw Failure.maddressUsage
        } else {
            throw Failure.unknownCommand(command, of: "maddr")
        }
    }

    private func changeGroup<Called: Method>(_ method: Called.Type, _ given: Words) throws
    where Called.Params == ForNamespace<MulticastSpec> {
        var words = given
        var dev: String?
        var address: String?
        while let word = words.next() {
            switch word {
            case "dev":
                if dev != nil { throw Failure.duplicate("dev", word) }
                dev = try words.value()
            case _ where word.begins("address"), _:
                if word.begins("help") { throw Failure.maddressUsage }
                if address != nil { throw Failure.duplicate("address", word) }
                address = word.begins("address") && word.count > 1 ? try words.value() : word
            }
        }
        guard let dev else { throw Failure("Not enough information: \"dev\" is required.", code: 255) }
        guard let group = address.flatMap(MulticastMAC.init) else {
            let count = address?.split(separator: address?.contains(":") == true ? ":" : ".").count ?? 0
            throw Failure("Error: Invalid address length \(count) - must be 6 bytes", code: 1)
        }
        guard let name = InterfaceName(dev) else { throw Failure("ioctl: No such device", code: 1) }
        do {
            try standing.call(method, MulticastSpec(group, dev: name))
        } catch let refusal as WireError where refusal.details.errno != nil {
            throw Failure("ioctl: \(refusal.cause)", code: 1)
        }
    }

    private func showGroups(_ given: Words) throws {
        var words = given
        var filter = MulticastFilter()
        filter.family = isLinkFamily ? .link : family.flatMap { MulticastFilter.Layer(rawValue: $0.rawValue) }
        var isNamed = false
        while let word = words.next() {
            if word.begins("help") { throw Failure.maddressUsage }
            let name = word == "dev" ? try words.value() : word
            if isNamed { throw Failure.duplicate("dev", name) }
            isNamed = true
            // Of a link that is not there nothing is shown.
            guard let dev = InterfaceName(name) else { return }
            filter.dev = dev
        }
        let links: [LinkWithGroups] = try standing.list(MaddrList.self, filter)
        show { printer in
            for link in links { printer.groups(of: link) }
        }
    }
}

extension Printer {
    fileprivate func groups(of link: LinkWithGroups) {
        openObject()
        json("ifindex", raw: "\(link.ifindex)")
        json("ifname", link.ifname)
        openArray("maddr")
        if !style.oneline { head(of: link, "\n") }
        for group in link.groups {
            if style.oneline { head(of: link, "\\") }
            openObject()
            self.group(group)
            text("\n")
            closeObject()
        }
        closeArray()
        closeObject()
    }

    private func head(of link: LinkWithGroups, _ end: String) {
        text("\(link.ifindex):")
        coloured("\t\(link.ifname)", .interface)
        text(end)
    }

    private func group(_ group: MulticastGroup) {
        text("\t")
        if let address = group.address, let family = group.family {
            string("family", family.rawValue, "", family == .inet ? "  " : " ")
            string("address", "\(address)", "", "", family.colour)
        } else if let address = group.link {
            string("link", address, "link  ", "", .mac)
        }
        if group.users != 1 { number("users", group.users, " users ", "") }
        if group.isStatic { string("features", "static", " ", "") }
    }
}

extension Failure {
    fileprivate static let maddressUsage = Failure(
        """
        Usage: ip maddr [ add | del ] MULTIADDR dev STRING
               ip maddr show [ dev STRING ]
        """, code: 255)
}
