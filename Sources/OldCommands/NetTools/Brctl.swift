// brctl, as bridge-utils has it.

import NetnsClient

struct Brctl {
    let standing: Standing
    let console: Console

    static func run(_ arguments: [String], _ console: Console) -> CInt {
        runTool(console) { try Brctl(standing: $0, console: console).run(arguments) }
    }

    private static let usage = """
        Usage: brctl [commands]
        commands:
        \taddbr     \t<bridge>
        \tdelbr     \t<bridge>
        \taddif     \t<bridge> <device>
        \tdelif     \t<bridge> <device>
        \thairpin   \t<bridge> <port> {on|off}
        \tsetageing \t<bridge> <time>
        \tsetbridgeprio\t<bridge> <prio>
        \tsetfd     \t<bridge> <time>
        \tsethello  \t<bridge> <time>
        \tsetmaxage \t<bridge> <time>
        \tsetpathcost\t<bridge> <port> <cost>
        \tsetportprio\t<bridge> <port> <prio>
        \tshow      \t[ <bridge> ]
        \tstp       \t<bridge> {on|off}

        """

    private func run(_ arguments: [String]) throws {
        guard let command = arguments.first else {
            console.write(Self.usage)
            throw Failure(nil, code: 1)
        }
        let words = Array(arguments.dropFirst())
        func need(_ count: Int) throws {
            if words.count < count {
                console.write("Incorrect number of arguments for command\n" + Self.usage)
                throw Failure(nil, code: 1)
            }
        }
        switch command {
        case "-V", "--version": console.write("bridge-utils, of netnsd\n")
        case "-h", "--help": console.write(Self.usage)
        case "show": try show(words)
        case "addbr": try need(1); try words.forEach(add)
        case "delbr": try need(1); try words.forEach(delete)
        case "addif": try need(2); try words.dropFirst().forEach { try join($0, words[0]) }
        case "delif": try need(2); try words.dropFirst().forEach { try leave($0, words[0]) }
        case "stp": try need(2); try setBridge(words[0]) { $0.stpState = Toggle(try yes(words[1])) }
        case "setageing": try need(2); try setBridge(words[0]) { $0.ageingTime = try centiseconds(words[1]) }
        case "setfd": try need(2); try setBridge(words[0]) { $0.forwardDelay = try centiseconds(words[1]) }
        case "sethello": try need(2); try setBridge(words[0]) { $0.helloTime = try centiseconds(words[1]) }
        case "setmaxage": try need(2); try setBridge(words[0]) { $0.maxAge = try centiseconds(words[1]) }
        case "setbridgeprio": try need(2); try setBridge(words[0]) { $0.priority = try bounded(words[1], "priority") }
        case "setpathcost": try need(3); try setPort(words[1]) { $0.cost = try bounded(words[2], "cost") }
        case "setportprio": try need(3); try setPort(words[1]) { $0.priority = try bounded(words[2], "priority") }
        case "hairpin": try need(3); try setPort(words[1]) { $0.hairpin = try yes(words[2]) }
        case "showmacs", "showstp": throw Failure("brctl: netnsd does not offer \(command)", code: 1)
        default:
            console.complain("never heard of command [\(command)]")
            console.write(Self.usage)
            throw Failure(nil, code: 1)
        }
    }

    private func yes(_ word: String) throws -> Bool {
        switch word {
        case "on", "yes", "1": return true
        case "off", "no", "0": return false
        default: throw Failure("expect on/off for argument", code: 1)
        }
    }

    private func centiseconds(_ word: String) throws -> Word {
        guard let seconds = Double(word), let time = Word(Int(seconds * 100)) else {
            throw Failure("bad time value", code: 1)
        }
        return time
    }

    private func name(_ word: String, _ missing: String) throws -> InterfaceName {
        guard let name = InterfaceName(word) else { throw Failure(missing, code: 1) }
        return name
    }

    // MARK: Bridges

    private func bridges() throws -> [Link] {
        var filter = LinkFilter()
        filter.kind = .bridge
        return try standing.links(filter).map(\.link).sorted { $0.ifname < $1.ifname }
    }

    private func show(_ names: [String]) throws {
        let links = try standing.links().map(\.link)
        var chosen = links.filter { $0.isOf(kind: "bridge") }.sorted { $0.ifname < $1.ifname }
        if !names.isEmpty {
            chosen = try names.map { name in
                guard let link = links.first(where: { $0.ifname == name }) else {
                    throw Failure("bridge \(name) does not exist!", code: 1)
                }
                guard link.isOf(kind: "bridge") else { throw Failure("device \(name) is not a bridge!", code: 1) }
                return link
            }
        }
        if !chosen.isEmpty { console.write("bridge name\tbridge id\t\tSTP enabled\tinterfaces\n") }
        for bridge in chosen { console.write(line(bridge, links)) }
    }

    private func line(_ bridge: Link, _ links: [Link]) -> String {
        guard case .bridge(let options)? = bridge.linkinfo?.data else { return "" }
        let ports = links.filter { $0.master == bridge.ifname }.map(\.ifname).sorted()
        let priority = String(options.priority?.value ?? 32768, radix: 16)
        // A bridge takes the least of its ports' addresses to be its own; without any its id has none.
        let address = ports.isEmpty ? "000000000000" : (bridge.address ?? "").filter { $0 != ":" }
        var text = "\(bridge.ifname)\t\t\(String(repeating: "0", count: 4 - priority.count))\(priority).\(address)\t"
        text += (options.stpState?.isOn == true ? "yes" : "no") + "\t\t"
        return text + ports.joined(separator: "\n\t\t\t\t\t\t\t") + "\n"
    }

    private func add(_ name: String) throws {
        let bridge = try self.name(name, "add bridge failed: Invalid argument")
        do {
            let (place, descriptors) = try standing.place()
            try standing.agent().call(
                LinkAdd.self, .init(place, link: LinkSpec(.bridge(BridgeOptions()), ifname: bridge)),
                descriptors: descriptors)
        } catch let refusal as WireError where refusal.reason == .alreadyExists {
            throw Failure("device \(name) already exists; can't create bridge with the same name", code: 1)
        } catch let refusal as WireError {
            throw Failure("add bridge failed: \(refusal.cause)", code: 1)
        }
    }

    private func delete(_ name: String) throws {
        guard let bridge = try bridges().first(where: { $0.ifname == name }) else {
            throw Failure("bridge \(name) doesn't exist; can't delete it", code: 1)
        }
        if bridge.isUp { throw Failure("bridge \(name) is still up; can't delete it", code: 1) }
        try standing.call(LinkDelete.self, LinkName(self.name(name, "")))
    }

    private func setBridge(_ name: String, _ fill: (inout BridgeOptions) throws -> Void) throws {
        var options = BridgeOptions()
        try fill(&options)
        var change = LinkChange()
        change.bridge = options
        try set(name, change, "bridge \(name) does not exist!")
    }

    // MARK: Ports

    private func set(_ name: String, _ change: LinkChange, _ missing: String) throws {
        let dev = try self.name(name, missing)
        let (place, descriptors) = try standing.place()
        do {
            try standing.agent().call(LinkSet.self, .init(place, dev: dev, change: change), descriptors: descriptors)
        } catch let refusal as WireError where refusal.unknownDevice == name {
            throw Failure(missing, code: 1)
        }
    }

    private func setPort(_ name: String, _ fill: (inout BridgePortOptions) throws -> Void) throws {
        var change = LinkChange()
        var port = BridgePortOptions()
        try fill(&port)
        change.bridgePort = port
        try set(name, change, "interface \(name) does not exist!")
    }

    private func join(_ port: String, _ bridge: String) throws {
        let links = try standing.links().map(\.link)
        guard links.contains(where: { $0.ifname == bridge && $0.isOf(kind: "bridge") }) else {
            throw Failure("bridge \(bridge) does not exist!", code: 1)
        }
        guard let link = links.first(where: { $0.ifname == port }) else {
            throw Failure("interface \(port) does not exist!", code: 1)
        }
        if link.master != nil {
            throw Failure("device \(port) is already a member of a bridge; can't add it to bridge \(bridge).", code: 1)
        }
        var change = LinkChange()
        change.master = InterfaceName(bridge)
        do {
            try set(port, change, "interface \(port) does not exist!")
        } catch let refusal as WireError {
            throw Failure("can't add \(port) to bridge \(bridge): \(refusal.cause)", code: 1)
        }
    }

    private func leave(_ port: String, _ bridge: String) throws {
        let links = try standing.links().map(\.link)
        guard links.contains(where: { $0.ifname == bridge && $0.isOf(kind: "bridge") }) else {
            throw Failure("bridge \(bridge) does not exist!", code: 1)
        }
        guard let link = links.first(where: { $0.ifname == port }) else {
            throw Failure("interface \(port) does not exist!", code: 1)
        }
        if link.master != bridge { throw Failure("device \(port) is not a port of \(bridge)", code: 1) }
        var change = LinkChange()
        change.nomaster = true
        try set(port, change, "interface \(port) does not exist!")
    }
}
