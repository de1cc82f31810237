// ip link add and ip link set.

import NetnsClient

extension IP {
    // MARK: add

    func addLink(_ given: Words) throws {
        var words = given
        let near = try LinkWords(&words)
        guard let kindName = near.kind else {
            throw Failure("Not enough information: \"type\" argument is required", code: 1)
        }
        guard let kind = LinkKind(rawValue: kindName) else { throw Failure("Error: Unknown device type.", code: 2) }
        if near.change.addrgenmode != nil {
            // What the kernel says of it before there is a link.
            throw Failure("RTNETLINK answers: Address family not supported by protocol", code: 2)
        }
        let name = try near.name ?? near.dev.map(Self.newName)
        if kind == .veth { return try addVeth(near, name, &words) }

        guard let options = try KindWords(words).options(kind) else {
            throw Failure("Error: Unknown device type.", code: 2)
        }
        let spec = try linkSpec(near, options.options, name, lower: options.lower)
        let rest = near.change.unmade
        guard let netns = near.netns else { return try make(spec, then: rest) }
        let destination = try namespace(netns)
        // What is built on a link here has to be made here.
        guard spec.link != nil else { return try make(spec, then: rest, in: destination) }
        let made = try make(spec, at: standing.place())
        do {
            try set(InterfaceName(made.ifname) ?? .loopback, rest, moveTo: destination)
        } catch {
            _ = try? InterfaceName(made.ifname).map { try standing.call(LinkDelete.self, LinkName($0)) }
            throw error
        }
    }

    /// Of a name that no keyword stands before iproute2 leaves the length to the kernel.
    private static func newName(_ word: String) throws -> InterfaceName {
        if word.utf8.count > 15 { throw Failure("Error: Attribute failed policy validation.", code: 2) }
        return try LinkWords.linkName(word, "name")
    }

    private func linkSpec(
        _ words: LinkWords, _ options: LinkOptions, _ name: InterfaceName?, lower: String? = nil
    ) throws -> LinkSpec {
        var spec = LinkSpec(options, ifname: name)
        if let link = words.link ?? lower {
            guard let name = InterfaceName(link) else { throw Failure.noDevice(link) }
            spec.link = name
        }
        if spec.kind.needsLower && spec.link == nil {
            // What the kernel says of a link without the one below it.
            throw Failure("RTNETLINK answers: Invalid argument", code: 2)
        }
        let change = words.change
        spec.up = change.up == true ? true : nil
        (spec.mtu, spec.address, spec.master) = (change.mtu, change.address, change.master)
        (spec.txqlen, spec.alias, spec.group, spec.index) = (change.txqlen, change.alias, words.group, words.index)
        return spec
    }

    private func addVeth(_ near: LinkWords, _ name: InterfaceName?, _ words: inout Words) throws {
        var far: LinkWords?
        if let word = words.next() {
            guard word == "peer" else {
                throw Failure("Garbage instead of arguments \"\(word) ...\". Try \"ip link help\".", code: 255)
            }
            far = try LinkWords(&words)
        }
        let spec = try linkSpec(near, .veth, name)
        let farName = try far.flatMap { far in try far.name ?? far.dev.map { try LinkWords.linkName($0, "name") } }
        let farSpec = try linkSpec(far ?? emptyWords(), .veth, farName)
        let changes = [near.change.unmade, far?.changeOfPeer ?? LinkChange()]
        switch (try near.netns.map(namespace), try far?.netns.map(namespace)) {
        case (nil, let there):
            try make(spec, peer: farSpec, then: changes, in: there, at: standing.place())
        case (let here?, let there?):
            try make(spec, peer: farSpec, then: changes, in: there, at: (Place(here), []))
        case (let here?, nil):
            // The peer stays where this command acts, so it is the first end of the pair.
            try make(farSpec, peer: spec, then: [changes[1], changes[0]], in: here, at: standing.place())
        }
    }

    private func emptyWords() throws -> LinkWords {
        var none = Words([])
        return try LinkWords(&none)
    }

    private func make(_ spec: LinkSpec, then change: LinkChange, in netns: NamespaceSelector? = nil) throws {
        let place = try netns.map { (Place($0), []) } ?? standing.place()
        try finish([(try make(spec, at: place), place, change)])
    }

    /// Changes what was made; where that fails, it goes again, and with an end of a pair the other.
    private func finish(_ made: [(link: Link, place: (place: Place, descriptors: [CInt]), change: LinkChange)]) throws {
        let agent = try standing.agent()
        for (link, (place, descriptors), change) in made where change != LinkChange() {
            guard let name = InterfaceName(link.ifname) else { continue }
            do {
                try agent.call(LinkSet.self, .init(place, dev: name, change: change), descriptors: descriptors)
            } catch {
                _ = try? agent.call(LinkDelete.self, ForNamespace(place, LinkName(name)), descriptors: descriptors)
                throw error
            }
        }
    }

    private func make(_ spec: LinkSpec, at place: (place: Place, descriptors: [CInt])) throws -> Link {
        try refined {
            try standing.agent().call(
                LinkAdd.self, .init(place.place, link: spec), descriptors: place.descriptors)[0].value
        }
    }

    private func make(
        _ spec: LinkSpec, peer: LinkSpec, then changes: [LinkChange], in netns: NamespaceSelector?,
        at place: (place: Place, descriptors: [CInt])
    ) throws {
        let far = LinkAdd.Peer(
            netns: netns, ifname: peer.ifname, up: peer.up, mtu: peer.mtu, address: peer.address, master: peer.master)
        let ends = try refined {
            try standing.agent().call(
                LinkAdd.self, .init(place.place, link: spec, peer: far), descriptors: place.descriptors)
        }
        guard ends.count == 2 else { return }
        let there = netns.map { (Place($0), [CInt]()) } ?? (place.place, place.descriptors)
        try finish([(ends[0].value, place, changes[0]), (ends[1].value, there, changes[1])])
    }

    /// Words for a namespace that is not there, which iproute2 finds out by itself.
    private func refined<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let refusal as WireError {
            guard refusal.isNoNamespace, let name = refusal.quoted, name != standing.netns?.description else {
                throw refusal
            }
            throw Failure.noNetns(name)
        }
    }

    // MARK: set

    func setLink(_ given: Words) throws {
        var words = given
        let read = try LinkWords(&words)
        var change = read.change
        change.name = read.name
        guard let dev = read.dev else {
            guard let group = read.group else {
                throw Failure("Not enough information: \"dev\" argument is required.", code: 255)
            }
            for link in try links(of: group) { try set(link, change) }
            return
        }
        guard let name = InterfaceName(dev) else { throw Failure.noDevice(dev) }
        change.group = read.group
        if let kind = read.kind {
            switch kind {
            case "bridge":
                guard case .bridge(let options)? = try KindWords(words).options(.bridge)?.options else { break }
                change.bridge = options
            case "bridge_slave": change.bridgePort = try KindWords(words).bridgePort()
            default: throw Failure.notOffered("changes of a link's \(kind) options")
            }
        }
        let destination = try read.netns.map(namespace)
        do {
            try set(name, change, moveTo: destination)
        } catch let refusal as WireError {
            if let missing = refusal.unknownDevice, missing != dev, missing == change.master?.text {
                throw Failure.noMaster(missing)
            }
            if refusal.isNoNamespace, let destination, refusal.quoted == "\(destination)" {
                throw Failure.noNetns("\(destination)")
            }
            throw refusal
        }
    }
}

extension WireError {
    /// The name in a sentence about a namespace that is not there.
    var quoted: String? {
        let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.count == 3 ? String(parts[1]) : nil
    }
}

extension LinkWords {
    /// What the other end of a pair cannot be made with.
    fileprivate var changeOfPeer: LinkChange {
        var rest = change.unmade
        (rest.txqlen, rest.alias, rest.group) = (change.txqlen, change.alias, group)
        return rest
    }
}

extension LinkChange {
    /// What a link cannot be made with: it is changed when it is there.
    fileprivate var unmade: LinkChange {
        var rest = self
        (rest.up, rest.mtu, rest.address, rest.master, rest.txqlen, rest.alias) = (nil, nil, nil, nil, nil, nil)
        return rest
    }
}
