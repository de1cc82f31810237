// Places: NAMESPACE/INTERFACE, and what it means to leave a part out.

import ArgumentParser
import NetnsClient

/// A link: `server/eth0`, for root `alice:server/eth0`, or `eth0` where the caller is.
struct LinkPlace: WordValue {
    let netns: NamespaceSelector?
    let link: InterfaceName
    static let rule = "must be a place like server/eth0"

    static func make(_ word: String) -> LinkPlace? {
        guard let end = EndPlace.make(word), let link = end.link else { return nil }
        return LinkPlace(netns: end.netns, link: link)
    }

    var place: Place { Place(orHere: netns) }
}

/// A link to be made, which may leave its name to the kernel: `server/`.
struct EndPlace: WordValue {
    let netns: NamespaceSelector?
    let link: InterfaceName?
    static let rule = "must be a place like server/eth0, or server/ for a name the kernel chooses"

    static func make(_ word: String) -> EndPlace? {
        guard let slash = word.firstIndex(of: "/") else {
            return InterfaceName(word).map { EndPlace(netns: nil, link: $0) }
        }
        guard let netns = NamespaceSelector(String(word[..<slash])) else { return nil }
        let name = word[word.index(after: slash)...]
        if name.isEmpty { return EndPlace(netns: netns, link: nil) }
        return InterfaceName(String(name)).map { EndPlace(netns: netns, link: $0) }
    }
}

extension Place {
    /// Without a name, the namespace this process is in: its descriptor is the request's first.
    init(orHere netns: NamespaceSelector?) {
        if let netns { self.init(netns) } else { self.init(netnsFileDescriptor: 0) }
    }
}

extension Words {
    /// Takes the namespace that may stand before a specification. It is left out where the words begin a
    /// specification at once; where the second word begins one too, the first was a name that looks like one.
    mutating func namespace(unless begins: (String) -> Bool) throws -> NamespaceSelector? {
        guard let first else { return nil }
        if begins(first) {
            guard let second, begins(second) else { return nil }
        }
        return try positional("namespace")
    }

    /// Takes the namespace that may stand before a filter, or a place: the namespace and the link in it.
    mutating func namespaceOrPlace(
        unless begins: (String) -> Bool
    ) throws -> (netns: NamespaceSelector?, dev: InterfaceName?) {
        guard let first, first.contains("/") else { return (try namespace(unless: begins), nil) }
        let place = try positional("place", as: LinkPlace.self)
        return (place.netns, place.link)
    }

    /// Takes `PLACE ADDRESS` as far as it is there: the place is left out where the first word is an address and
    /// the second is none.
    mutating func linkPlace(unless isAddress: (String) -> Bool) throws -> String? {
        guard let first else { return nil }
        if isAddress(first) {
            guard let second, isAddress(second) else { return nil }
        }
        return next()
    }
}

/// Where something on a link is to be done, when both of a place's spellings are taken: `server/eth0 …`, or
/// `server … dev eth0` as with `ip -n server`.
func linkPlace(_ word: String?, dev: InterfaceName?) throws -> (place: Place, dev: InterfaceName) {
    switch (word, dev) {
    case (let word?, nil):
        let place = try LinkPlace.read(word, "place")
        return (place.place, place.link)
    case (let word?, let dev?):
        guard let netns = NamespaceSelector(word) else {
            throw ValidationError("'\(word)' says which link, and so does dev \(dev)")
        }
        return (Place(orHere: netns), dev)
    case (nil, let dev?): return (Place(orHere: nil), dev)
    case (nil, nil): throw ValidationError("the link is missing: begin with a place like server/eth0")
    }
}
