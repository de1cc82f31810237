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
        let name = try near.name ?? near.dev.map(Self.newName)
        if kind == .veth { return try addVeth(near, name, &words) }

        guard let options = try KindWords(words).options(kind) else {
            throw Failure("Error: Unknown device type.", code: 2)
        }
        let spec = try linkSpec(near, options.options, name, lower: options.lower)
        guard let netns = near.netns else { return try make(spec) }
        let destination = try namespace(netns)
        // What is built on a link here has to be made here.
        guard spec.link != nil else { return try make(spec, in: destination) }
        let made = try make(spec, at: standing.place())
        do {
            try set(InterfaceName(made.ifname) ?? .loopback, LinkChange(), moveTo: destination)
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
        (spec.txqlen, spec.alias) = (change.txqlen, change.alias)
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
        switch (try near.netns.map(namespace), try far?.netns.map(namespace)) {
        case (nil, let there):
            try make(spec, peer: farSpec, in: there, at: standing.place())
        case (let here?, let there?):
            try make(spec, peer: farSpec, in: there, at: (Place(here), []))
        case (let here?, nil):
            // The peer stays where this command acts, so it is the first end of the pair.
            try make(farSpec, peer: spec, in: here, at: standing.place())
        }
    }

    private func emptyWords() throws -> LinkWords {
        var none = Words([])
        return try LinkWords(&none)
    }

    private func make(_ spec: LinkSpec, in netns: NamespaceSelector? = nil) throws {
        _ = try make(spec, at: netns.map { (Place($0), []) } ?? standing.place())
    }

    private func make(_ spec: LinkSpec, at place: (place: Place, descriptors: [CInt])) throws -> Link {
        try refined {
            try standing.agent().call(
                LinkAdd.self, .init(place.place, link: spec), descriptors: place.descriptors)[0].value
        }
    }

    private func make(
        _ spec: LinkSpec, peer: LinkSpec, in netns: NamespaceSelector?,
        at place: (place: Place, descriptors: [CInt])
    ) throws {
        let far = LinkAdd.Peer(
            netns: netns, ifname: peer.ifname, up: peer.up, mtu: peer.mtu, address: peer.address, master: peer.master)
        _ = try refined {
            try standing.agent().call(
                LinkAdd.self, .init(place.place, link: spec, peer: far), descriptors: place.descriptors)
        }
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
        guard let dev = read.dev else {
            throw Failure("Not enough information: \"dev\" argument is required.", code: 255)
        }
        guard let name = InterfaceName(dev) else { throw Failure.noDevice(dev) }
        var change = read.change
        change.name = read.name
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
