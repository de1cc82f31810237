// ip neighbour: who has which link-layer address.

import NetnsClient

extension IP {
    func neighbour(_ given: Words) throws {
        var words = given
        guard let command = words.next() else { return try showNeighbours(words) }
        if command.begins("add") {
            try standing.call(NeighAdd.self, neighbourSpec(words))
        } else if command.begins("change") || command == "chg" {
            try standing.call(NeighChange.self, neighbourSpec(words))
        } else if command.begins("replace") {
            try standing.call(NeighReplace.self, neighbourSpec(words))
        } else if command.begins("delete") {
            try standing.call(NeighDelete.self, neighbourSpec(words))
        } else if command.begins("get") {
            try lookUpNeighbour(words)
        } else if command.begins("show", "list") || command == "lst" {
            try showNeighbours(words)
        } else if command.begins("flush") {
            try flushNeighbours(words)
        } else if command.begins("help") {
            throw Failure.neighbourUsage
        } else {
            throw Failure.unknownCommand(command, of: "neigh")
        }
    }

    private func neighbourSpec(_ given: Words) throws -> NeighbourSpec {
        var words = given
        var dst: IPAddress?
        var dev: InterfaceName?
        var rest = NeighbourSpec(.unspecified(.inet), dev: .loopback)
        while let word = words.next() {
            switch word {
            case "lladdr":
                let text = try words.value()
                guard let address = LinkLayerAddress(text) else {
                    throw Failure("Error: Invalid link address.", code: 2)
                }
                rest.lladdr = address
            case "nud": rest.state = try state(words.value())
            case "proxy":
                rest.proxy = true
                dst = try address(words.value())
            case "router": rest.router = true
            case "dev": dev = try device(words.value())
            case "extern_learn": rest.externLearn = true
            case "protocol": rest.protocol = try maker(words.value())
            case "use", "managed", "vlan":
                throw Failure.notOffered("neighbours with \(word)")
            case _ where word.begins("help"): throw Failure.neighbourUsage
            default:
                if dst != nil { throw Failure.duplicate("to", word) }
                dst = try address(word == "to" ? words.value() : word)
            }
        }
        guard let dst, let dev else { throw Failure("Device and destination are required arguments.", code: 255) }
        (rest.dst, rest.dev) = (dst, dev)
        return rest
    }

    private func maker(_ word: String) throws -> RouteProtocol {
        guard let maker = RouteProtocol(word) else { throw Failure.invalid(word, "\"protocol\" value is invalid\n") }
        return maker
    }

    private func lookUpNeighbour(_ given: Words) throws {
        var words = given
        var dst: IPAddress?
        var dev: InterfaceName?
        var proxy: Bool?
        while let word = words.next() {
            switch word {
            case "dev": dev = try device(words.value())
            case "proxy":
                proxy = true
                dst = try anyAddress(words.value())
            case _ where word.begins("help"): throw Failure.neighbourUsage
            default:
                if dst != nil { throw Failure.duplicate("to", word) }
                dst = try anyAddress(word == "to" ? words.value() : word)
            }
        }
        guard let dst, let dev else { throw Failure("Device and address are required arguments.", code: 1) }
        var query = NeighbourQuery(dst, dev: dev)
        query.proxy = proxy
        let neighbour = try standing.call(NeighGet.self, query)
        // iproute2 gives no JSON here.
        var plain = style
        plain.json = false
        let printer = Printer(plain)
        printer.neighbour(neighbour, withDevice: true)
        console.write(printer.take())
    }

    private func anyAddress(_ word: String) throws -> IPAddress {
        guard let address = IPAddress(word) else {
            throw Failure("Error: any valid address is expected rather than \"\(word)\".", code: 1)
        }
        return address
    }

    private func address(_ word: String) throws -> IPAddress {
        guard let address = IPAddress(word) else { throw Failure.notAnAddress(word) }
        return address
    }

    private func state(_ word: String) throws -> NeighbourState {
        guard let state = NeighbourState(rawValue: word.uppercased()) else {
            throw Failure.invalid(word, "nud state is bad")
        }
        return state
    }

    private func neighbourFilter(_ given: Words) throws -> (filter: NeighbourFilter, all: Bool, unused: Bool) {
        var words = given
        var filter = NeighbourFilter()
        var (all, unused) = (false, false)
        filter.statistics = style.statistics > 0 ? true : nil
        filter.family = family
        while let word = words.next() {
            switch word {
            case "dev": filter.dev = try device(words.value())
            case "nud":
                let name = try words.value()
                if name == "all" { all = true } else { filter.state = try state(name) }
            case "proxy": filter.proxy = true
            case "master", "vrf": filter.master = try device(words.value())
            case "nomaster": filter.nomaster = true
            case "unused":
                unused = true
                filter.statistics = true
            case "protocol": filter.protocol = try maker(words.value())
            case _ where word.begins("help"): throw Failure.neighbourUsage
            default:
                let prefix = try addressPrefix(word == "to" ? words.value() : word)
                if prefix.isHost { filter.dst = prefix.address } else { filter.network = prefix }
            }
        }
        return (filter, all, unused)
    }

    private func showNeighbours(_ words: Words) throws {
        let (filter, all, unused) = try neighbourFilter(words)
        var neighbours: [Neighbour] = try standing.list(NeighList.self, filter)
        if all {
            var noARP = filter
            noARP.state = .noarp
            neighbours += try standing.list(NeighList.self, noARP) as [Neighbour]
        }
        show { printer in
            for neighbour in neighbours where !unused || neighbour.refcnt == nil {
                printer.openObject()
                printer.neighbour(neighbour, withDevice: filter.dev == nil)
                printer.closeObject()
            }
        }
    }

    private func flushNeighbours(_ words: Words) throws {
        if words.isEmpty { throw Failure("Flush requires arguments.", code: 1) }
        let (filter, all, unused) = try neighbourFilter(words)
        if unused { throw Failure.notOffered("unused neighbours to flush") }
        var removed = try standing.call(NeighFlush.self, filter).removed
        if all {
            for state in [NeighbourState.permanent, .noarp, .failed] {
                var others = filter
                others.state = state
                removed += try standing.call(NeighFlush.self, others).removed
            }
        }
        guard style.statistics > 0 else { return }
        console.write(removed == 0 ? "Nothing to flush.\n" : flushText(removed, "entry", "entries"))
    }
}

extension Printer {
    func neighbour(_ neighbour: Neighbour, withDevice: Bool) {
        if style.brief { return briefNeighbour(neighbour, withDevice: withDevice) }
        string("dst", "\(neighbour.dst)", "", " ", neighbour.dst.family.colour)
        if withDevice, let dev = neighbour.dev { string("dev", dev, "dev ", " ", .interface) }
        if let address = neighbour.lladdr { string("lladdr", address, "lladdr ", " ", .mac) }
        if neighbour.router == true { null("router", "router ") }
        if neighbour.proxy == true { null("proxy", "proxy ") }
        if neighbour.managed == true { null("managed", "managed ") }
        if neighbour.externLearn == true { null("extern_learn", "extern_learn ") }
        if neighbour.offload == true { null("offload", "offload ") }
        if style.statistics > 0 { statistics(neighbour) }
        if !neighbour.state.isEmpty && neighbour.proxy != true {
            openArray("state")
            for state in neighbour.state { json(nil, state.rawValue) }
            closeArray()
            text(neighbour.state.map(\.rawValue).joined(separator: ",") + " ")
        }
        if let maker = neighbour.protocol { string("protocol", "\(maker)", "proto ") }
        text("\n")
    }

    /// Times and counts, as iproute2 has them: without a blank between the last two.
    private func statistics(_ neighbour: Neighbour) {
        if let used = neighbour.used, let confirmed = neighbour.confirmed, let updated = neighbour.updated {
            if let count = neighbour.refcnt { number("refcnt", count, " ref ", "") }
            number("used", used, " used ", "/")
            number("confirmed", confirmed, "", "/")
            number("updated", updated, "", "")
        }
        if let probes = neighbour.probes { number("probes", probes, "probes ", " ") }
    }
}

extension Printer {
    private func briefNeighbour(_ neighbour: Neighbour, withDevice: Bool) {
        column("dst", "\(neighbour.dst)", 39, neighbour.dst.family.colour)
        if withDevice, let dev = neighbour.dev { column("dev", dev, 16, .interface) }
        if let address = neighbour.lladdr { string("lladdr", address, "", "", .mac) }
        text("\n")
    }
}

extension Printer {
    private func column(_ key: String, _ value: String, _ width: Int, _ colour: Colour) {
        isJSON ? json(key, value) : coloured(value.padded(width) + " ", colour)
    }
}

extension Failure {
    static let neighbourUsage = Failure(
        """
        Usage: ip neigh { add | del | change | replace | get } { ADDRESS [ lladdr LLADDR ] [ nud STATE ] | proxy ADDRESS }
                        [ router ] [ extern_learn ] [ protocol PROTOCOL ] dev DEV
               ip neigh { show | flush } [ proxy ] [ to PREFIX ] [ dev DEV ] [ nud STATE ] [ master DEV | nomaster ] [ unused ]
        STATE := { permanent | reachable | stale | noarp | delay | probe | failed | incomplete }
        """, code: 255)
}
