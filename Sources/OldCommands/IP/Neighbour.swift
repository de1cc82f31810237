// ip neighbour: who has which link-layer address.

import NetnsClient

extension IP {
    func neighbour(_ given: Words) throws {
        var words = given
        guard let command = words.next() else { return try showNeighbours(words) }
        if command.begins("add") {
            try standing.call(NeighAdd.self, neighbourSpec(words))
        } else if command.begins("change", "replace") || command == "chg" {
            try standing.call(NeighReplace.self, neighbourSpec(words))
        } else if command.begins("delete") {
            try standing.call(NeighDelete.self, neighbourSpec(words))
        } else if command.begins("get") {
            throw Failure.notOffered("ip neigh get")
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
            case "extern_learn", "use", "managed", "protocol", "vlan":
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

    private func neighbourFilter(_ given: Words) throws -> (filter: NeighbourFilter, to: IPPrefix?, all: Bool) {
        var words = given
        var filter = NeighbourFilter()
        var to: IPPrefix?
        var all = false
        filter.family = family
        while let word = words.next() {
            switch word {
            case "dev": filter.dev = try device(words.value())
            case "nud":
                let name = try words.value()
                if name == "all" { all = true } else { filter.state = try state(name) }
            case "proxy": filter.proxy = true
            case "unused", "router", "extern_learn", "master", "vrf", "nomaster", "protocol":
                throw Failure.notOffered("neighbours selected by \(word)")
            case _ where word.begins("help"): throw Failure.neighbourUsage
            default:
                let prefix = try addressPrefix(word == "to" ? words.value() : word)
                to = prefix
                if prefix.isHost { filter.dst = prefix.address }
            }
        }
        return (filter, to, all)
    }

    private func showNeighbours(_ words: Words) throws {
        let (filter, to, all) = try neighbourFilter(words)
        var neighbours: [Neighbour] = try standing.list(NeighList.self, filter)
        if all {
            var noARP = filter
            noARP.state = .noarp
            neighbours += try standing.list(NeighList.self, noARP) as [Neighbour]
        }
        show { printer in
            for neighbour in neighbours where to?.contains(neighbour.dst) ?? true {
                printer.openObject()
                printer.neighbour(neighbour, withDevice: filter.dev == nil)
                printer.closeObject()
            }
        }
    }

    private func flushNeighbours(_ words: Words) throws {
        if words.isEmpty { throw Failure("Flush requires arguments.", code: 1) }
        let (filter, to, all) = try neighbourFilter(words)
        guard to?.isHost ?? true else { throw Failure.notOffered("networks of neighbours to flush") }
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
        if !neighbour.state.isEmpty && neighbour.proxy != true {
            openArray("state")
            for state in neighbour.state { json(nil, state.rawValue) }
            closeArray()
            text(neighbour.state.map(\.rawValue).joined(separator: ",") + " ")
        }
        text("\n")
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
        Usage: ip neigh { add | del | change | replace } { ADDRESS [ lladdr LLADDR ] [ nud STATE ] | proxy ADDRESS }
                        [ router ] dev DEV
               ip neigh { show | flush } [ proxy ] [ to PREFIX ] [ dev DEV ] [ nud STATE ]
        STATE := { permanent | reachable | stale | noarp | delay | probe | failed | incomplete }
        """, code: 255)
}
