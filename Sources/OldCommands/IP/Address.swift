// ip address: addresses shown, put on links and taken off.

import NetnsClient

extension IP {
    func address(_ given: Words) throws {
        var words = given
        guard let command = words.next() else { return try showAddresses(words) }
        if command.begins("add") {
            try changeAddress(AddrAdd.self, words)
        } else if command.begins("change") || command == "chg" || command.begins("replace") {
            try changeAddress(AddrReplace.self, words)
        } else if command.begins("delete") {
            try changeAddress(AddrDelete.self, words)
        } else if command.begins("list", "show") || command == "lst" {
            try showAddresses(words)
        } else if command.begins("flush") {
            try flushAddresses(words)
        } else if command.begins("help") {
            throw Failure(
                """
                Usage: ip address {add|change|replace} ADDRESS/LENGTH dev IFNAME [ peer ADDRESS ] [ broadcast ADDRESS ]
                                  [ scope SCOPE ] [ label LABEL ] [ metric METRIC ] [ valid_lft SECONDS ]
                                  [ preferred_lft SECONDS ] [ nodad ] [ noprefixroute ]
                       ip address delete ADDRESS/LENGTH dev IFNAME
                       ip address [ {show|flush} [ dev IFNAME ] [ scope SCOPE ] [ to PREFIX ] [ label PATTERN ] [ up ]
                                                 [ master IFNAME ] [ type KIND ] [ permanent | dynamic | … ] ]
                """, code: 255)
        } else {
            throw Failure.unknownCommand(command, of: "address")
        }
    }

    // MARK: Changing

    private func changeAddress<Called: Method>(_ method: Called.Type, _ given: Words) throws
    where Called.Params == ForNamespace<OnDevice<AddressSpec>> {
        let (spec, dev) = try addressSpec(given, isDeletion: Called.name == AddrDelete.name)
        try standing.call(method, OnDevice(dev, spec))
    }

    private func addressSpec(_ given: Words, isDeletion: Bool) throws -> (AddressSpec, InterfaceName) {
        var words = given
        var local: IPPrefix?
        var peer: IPPrefix?
        var dev: String?
        var broadcast: String?
        var rest = AddressSpec(IPPrefix(.unspecified(.inet)))
        while let word = words.next() {
            switch word {
            case "peer", "remote": peer = try addressPrefix(words.value())
            case _ where word.begins("broadcast") || word == "brd": broadcast = try words.value()
            case "scope": rest.scope = try scope(words.value())
            case "dev": dev = try words.value()
            case "label": rest.label = try label(words.value())
            case "metric", "priority", "preference": rest.metric = try metric(words.value())
            case _ where word.begins("valid_lft"): rest.validLifetime = try lifetime(words.value(), "valid_lft")
            case _ where word.begins("preferred_lft"):
                rest.preferredLifetime = try lifetime(words.value(), "preferred_lft")
            case "nodad": rest.nodad = true
            case "noprefixroute": rest.noprefixroute = true
            case "home", "mngtmpaddr", "autojoin", "optimistic", "proto", "anycast":
                throw Failure.notOffered("addresses with \(word)")
            case _ where word.begins("help"): try address(Words(["help"]))
            default:
                let word = word == "local" ? try words.value() : word
                if local != nil { throw Failure.duplicate("local", word) }
                local = try addressPrefix(word)
            }
        }
        guard let dev else { throw Failure.missing("dev") }
        guard let name = InterfaceName(dev) else { throw Failure.noDevice(dev) }
        guard let local = local ?? peer else { throw Failure("Error: an address is expected.", code: 1) }
        var spec = rest
        // The length is the peer's, where there is one.
        spec.local = peer.flatMap { IPPrefix(local.address, length: $0.length) } ?? local
        spec.peer = peer?.address
        spec.broadcast = try broadcast.map { try broadcastAddress($0, of: spec.local) } ?? nil
        // The kernel takes loopback addresses to be the host's own only if told so.
        if spec.scope == nil, !isDeletion, local.family == .inet, local.address.isLoopback { spec.scope = .host }
        return (spec, name)
    }

    /// `+` is the highest address of the network, `-` the lowest.
    private func broadcastAddress(_ word: String, of prefix: IPPrefix) throws -> IPAddress? {
        guard word == "+" || word == "-" else {
            guard let address = IPAddress(word) else { throw Failure.notAnAddress(word) }
            return address
        }
        guard prefix.family == .inet else { throw Failure("Broadcast can be set only for IPv4 addresses", code: 255) }
        return prefix.length >= 31 ? nil : prefix.edge(ones: word == "+")
    }

    private func flushAddresses(_ words: Words) throws {
        if words.isEmpty { throw Failure("Flush requires arguments.", code: 1) }
        let filter = try AddressSelection(words, family)
        guard filter.isForTheAgent else { throw Failure.notOffered("this selection of addresses to flush") }
        do {
            let flushed = try standing.call(AddrFlush.self, filter.agents)
            guard style.statistics > 0 else { return }
            console.write(
                flushed.removed == 0 ? "Nothing to flush.\n" : flushText(flushed.removed, "address", "addresses"))
        } catch let refusal as WireError {
            throw refusal.unknownDevice.map(Failure.absentDevice) ?? refusal
        }
    }

    // MARK: Showing

    private func showAddresses(_ words: Words) throws {
        let selection = try AddressSelection(words, family)
        let found: [LinkWithAddresses]
        var links: [String: ListedLink] = [:]
        do {
            found = try standing.list(AddrList.self, selection.agentsForList)
            // Statistics, and which namespace the other end is in, are told with the links alone.
            if style.statistics > 0 || found.contains(where: { $0.link.linkNetnsid != nil }) {
                var filter = LinkFilter()
                filter.dev = selection.agents.dev
                filter.statistics = style.statistics > 0 ? true : nil
                for link in try standing.links(filter) { links[link.link.ifname] = link }
            }
        } catch let refusal as WireError {
            throw refusal.unknownDevice.map(Failure.absentDevice) ?? refusal
        }
        show { printer in
            for entry in found {
                let listed = links[entry.link.ifname] ?? ListedLink(entry.link)
                let ofFamily = entry.addresses.filter {
                    ($0.family == selection.agents.family) || selection.agents.family == nil
                }
                let isAnyChosen = ofFamily.contains(where: selection.matches)
                guard selection.matches(listed.link), isAnyChosen || selection.shows(linkWithOnly: ofFamily) else {
                    continue
                }
                printer.linkWithAddresses(
                    listed, ofFamily.map { selection.matches($0) ? $0 : nil }, selection,
                    withLink: selection.labels == nil)
            }
        }
    }
}

/// What `ip address show` and `flush` are asked for.
struct AddressSelection {
    /// What the agent can choose by.
    var agents = AddressFilter()
    var to: IPPrefix?
    var labels: String?
    var up: Bool?
    var master: String?
    var kind: String?
    private var flags: [(word: String, wanted: Bool)] = []

    init(_ given: Words, _ family: Family?) throws {
        var words = given
        agents.family = family
        while let word = words.next() {
            switch word {
            case "to":
                to = try addressPrefix(words.value())
                agents.family = to?.family
            case "scope":
                let name = try words.value()
                if name != "all" { agents.scope = try OldCommands.scope(name) }
            case "up": up = true
            case "down": up = false
            case "label":
                labels = try words.value()
                agents.family = .inet
            case "master": master = try words.value()
            case "vrf": master = try words.value()
            case "type": kind = try words.value()
            case "dynamic", "permanent", "secondary", "primary", "temporary", "tentative", "-tentative", "deprecated",
                "-deprecated", "dadfailed", "-dadfailed", "nodad", "noprefixroute":
                let wanted = !(word.hasPrefix("-") || word == "primary" || word == "permanent")
                let names = ["primary": "secondary", "permanent": "dynamic", "temporary": "secondary"]
                let name = word.hasPrefix("-") ? String(word.dropFirst()) : word
                flags.append((names[name] ?? name, wanted))
            case _ where word.begins("help"): throw Failure(nil, code: 255)
            default:
                let name = word == "dev" ? try words.value() : word
                if agents.dev != nil { throw Failure.duplicate("dev", name) }
                guard let dev = InterfaceName(name) else { throw Failure.absentDevice(name) }
                agents.dev = dev
            }
        }
    }

    /// Nothing needs to be chosen here.
    var isForTheAgent: Bool { to == nil && labels == nil && up == nil && master == nil && kind == nil && flags.isEmpty }
    /// A link none of whose addresses matches is shown where it has none at all and no family was asked for.
    func shows(linkWithOnly addresses: [AddressInfo]) -> Bool { addresses.isEmpty && agents.family == nil }
    /// All links' IPv6 view, as the kernel lists it, says less than that of one link.
    var isBareView: Bool { agents.family == .inet6 && agents.dev == nil }
    /// All links are asked for, those without addresses too.
    var agentsForList: AddressFilter {
        var filter = AddressFilter()
        filter.dev = agents.dev
        return filter
    }

    func matches(_ link: Link) -> Bool {
        (up ?? link.isUp) == link.isUp && (master == nil || master == link.master)
            && (kind == nil || link.isOf(kind: kind!))
    }

    func matches(_ address: AddressInfo) -> Bool {
        if (agents.family ?? address.family) != address.family || (agents.scope ?? address.scope) != address.scope {
            return false
        }
        if let to, to.family != address.family || !to.contains(address.local) { return false }
        if let labels, address.label.map({ matchesPattern($0, labels) }) == false { return false }
        return flags.allSatisfy { address.has($0.word) == $0.wanted }
    }
}

extension AddressInfo {
    fileprivate func has(_ flag: String) -> Bool {
        switch flag {
        case "dynamic": dynamic == true
        case "secondary": secondary == true
        case "tentative": tentative == true
        case "deprecated": deprecated == true
        case "dadfailed": dadfailed == true
        case "nodad": nodad == true
        default: noprefixroute == true
        }
    }
}

extension Failure {
    /// A link that was to be shown.
    static func absentDevice(_ name: String) -> Failure { Failure("Device \"\(name)\" does not exist.", code: 1) }
}
