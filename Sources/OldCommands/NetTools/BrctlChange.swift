// What brctl changes: bridges and their ports come and go, and are set.

import Glibc
import NetnsClient

extension Brctl {
    // MARK: Bridges

    func add(_ name: String) throws {
        guard let bridge = InterfaceName(name) else { throw Failure("add bridge failed: Invalid argument", code: 1) }
        let (place, descriptors) = try standing.place()
        do {
            try standing.agent().call(
                LinkAdd.self, .init(place, link: LinkSpec(.bridge(BridgeOptions()), ifname: bridge)),
                descriptors: descriptors)
        } catch let refusal as WireError where refusal.reason == .alreadyExists {
            throw Failure("device \(name) already exists; can't create bridge with the same name", code: 1)
        } catch let refusal as WireError {
            throw Failure("add bridge failed: \(refusal.cause)", code: 1)
        }
    }

    func delete(_ name: String) throws {
        guard let bridge = try links().first(where: { $0.ifname == name && $0.isOf(kind: "bridge") }),
            let dev = InterfaceName(name)
        else { throw Failure("bridge \(name) doesn't exist; can't delete it", code: 1) }
        if bridge.isUp { throw Failure("bridge \(name) is still up; can't delete it", code: 1) }
        try standing.call(LinkDelete.self, LinkName(dev))
    }

    func setSpanningTree(_ words: [String]) throws {
        let isOn = try isOn(words[1])
        try setBridge(words[0], "stp status") { $0.stpState = Toggle(isOn) }
    }

    func setPriority(_ words: [String]) throws {
        guard let number = integer(words[1]) else { throw Failure("bad priority", code: 1) }
        // 16 bits are taken of it.
        try setBridge(words[0], "bridge priority") { $0.priority = Halfword(Int(UInt16(truncatingIfNeeded: number))) }
    }

    func setTime(_ words: [String], _ what: String, _ path: WritableKeyPath<BridgeOptions, Word?>) throws {
        guard let time = centiseconds(words[1]) else { throw Failure("bad \(what) value", code: 1) }
        try setBridge(words[0], what) { $0[keyPath: path] = time }
    }

    private func setBridge(_ name: String, _ what: String, _ fill: (inout BridgeOptions) -> Void) throws {
        var change = LinkChange()
        var options = BridgeOptions()
        fill(&options)
        change.bridge = options
        let link = try links().first { $0.ifname == name }
        guard let dev = link.flatMap({ InterfaceName($0.ifname) }) else {
            throw Failure("set \(what) failed: No such device", code: 1)
        }
        if link?.isOf(kind: "bridge") != true { throw Failure("set \(what) failed: Operation not supported", code: 1) }
        try set(dev, change) { "set \(what) failed: \($0)" }
    }

    // MARK: Ports

    func joinAll(_ words: [String]) throws { try words.dropFirst().forEach { try join($0, words[0]) } }
    func leaveAll(_ words: [String]) throws { try words.dropFirst().forEach { try leave($0, words[0]) } }

    private func join(_ port: String, _ name: String) throws {
        let (bridge, link) = try pair(port, name)
        if link.master != nil {
            throw Failure("device \(port) is already a member of a bridge; can't add it to bridge \(name).", code: 1)
        }
        if link.isOf(kind: "bridge") {
            throw Failure(
                "device \(port) is a bridge device itself; can't add a bridge device to a bridge device.", code: 1)
        }
        var change = LinkChange()
        change.master = InterfaceName(bridge.ifname)
        try set(link, change) { "can't add \(port) to bridge \(name): \($0)" }
    }

    private func leave(_ port: String, _ name: String) throws {
        let (bridge, link) = try pair(port, name)
        if link.master != bridge.ifname { throw Failure("device \(port) is not a port of \(name)", code: 1) }
        var change = LinkChange()
        change.nomaster = true
        try set(link, change) { "can't delete \(port) from \(name): \($0)" }
    }

    func setHairpin(_ words: [String]) throws {
        let isOn = try isOn(words[2])
        let (_, link) = try pair(words[1], words[0])
        if link.master == nil {
            throw Failure("can't set \(words[1]) to hairpin on bridge \(words[0]): No such file or directory", code: 1)
        }
        try setPort(link, { "can't set \(words[1]) to hairpin on bridge \(words[0]): \($0)" }) { $0.hairpin = isOn }
    }

    func setPathCost(_ words: [String]) throws {
        guard let number = integer(words[2]) else { throw Failure("bad path cost value", code: 1) }
        try setPort(words[1], "path cost") { options in
            // 1 to 65535, as the kernel has it (BR_MIN_PATH_COST).
            guard (1...65535).contains(number) else { return false }
            options.cost = Word(number)
            return true
        }
    }

    func setPortPriority(_ words: [String]) throws {
        guard let number = integer(words[2]) else { throw Failure("bad path priority value", code: 1) }
        try setPort(words[1], "port priority") { options in
            options.priority = PortPriority(number)
            return options.priority != nil
        }
    }

    /// The bridge that is named does not matter to bridge-utils, nor here. `fill` says whether the number can be.
    private func setPort(_ name: String, _ what: String, _ fill: (inout BridgePortOptions) -> Bool) throws {
        func refused(_ why: String) -> String { "set \(what) failed: \(why)" }
        guard let link = try links().first(where: { $0.ifname == name }) else {
            throw Failure(refused("No such device"), code: 1)
        }
        guard link.linkinfo?.slaveKind == "bridge" else { throw Failure(refused("No such file or directory"), code: 1) }
        try setPort(link, refused) { options in
            guard fill(&options) else { throw Failure(refused("Numerical result out of range"), code: 1) }
        }
    }

    private func setPort(
        _ link: Link, _ words: (String) -> String, _ fill: (inout BridgePortOptions) throws -> Void
    ) throws {
        var change = LinkChange()
        var options = BridgePortOptions()
        try fill(&options)
        change.bridgePort = options
        try set(link, change, words)
    }

    // MARK: What they have in common

    /// A bridge and a link, both there.
    private func pair(_ port: String, _ name: String) throws -> (bridge: Link, port: Link) {
        let links = try links()
        guard let bridge = links.first(where: { $0.ifname == name && $0.isOf(kind: "bridge") }) else {
            throw Failure("bridge \(name) does not exist!", code: 1)
        }
        guard let link = links.first(where: { $0.ifname == port }) else {
            throw Failure("interface \(port) does not exist!", code: 1)
        }
        return (bridge, link)
    }

    private func set(_ link: Link, _ change: LinkChange, _ words: (String) -> String) throws {
        guard let dev = InterfaceName(link.ifname) else { return }
        try set(dev, change, words)
    }

    private func set(_ dev: InterfaceName, _ change: LinkChange, _ words: (String) -> String) throws {
        let (place, descriptors) = try standing.place()
        do {
            try standing.agent().call(LinkSet.self, .init(place, dev: dev, change: change), descriptors: descriptors)
        } catch let refusal as WireError { throw Failure(words(refusal.cause), code: 1) }
    }

    private func isOn(_ word: String) throws -> Bool {
        switch word {
        case "on", "yes", "1": return true
        case "off", "no", "0": return false
        default: throw Failure("expect on/off for argument", code: 1)
        }
    }

    /// The number a word begins with (strtol(3), base 0), as bridge-utils reads it.
    private func integer(_ word: String) -> Int? {
        unsafe word.withCString { text in
            var end: UnsafeMutablePointer<CChar>?
            let number = unsafe strtol(text, &end, 0)
            return unsafe end == UnsafeMutablePointer(mutating: text) ? nil : number
        }
    }

    /// Seconds with a fraction (strtod(3)), likewise.
    private func centiseconds(_ word: String) -> Word? {
        unsafe word.withCString { text in
            var end: UnsafeMutablePointer<CChar>?
            let seconds = unsafe strtod(text, &end)
            guard unsafe end != UnsafeMutablePointer(mutating: text), seconds.isFinite else { return nil }
            return Word(Int((min(max(seconds, 0), 42_949_672) * 100).rounded()))
        }
    }
}
