// ip-address(8)'s words.

import ArgumentParser
import NetnsClient

/// `[PLACE] ADDRESS[/LENGTH] [broadcast A] …`: an address and the link it is for.
struct AddressWords {
    let place: Place
    let dev: InterfaceName
    let spec: AddressSpec

    static let help = ArgumentHelp(
        """
        PLACE ADDRESS/LENGTH, then any of: peer A, broadcast A|+, scope S, label L, metric N, valid_lft N|forever, \
        preferred_lft N|forever, nodad, noprefixroute. Without PLACE, dev INTERFACE where you are.
        """, valueName: "word")
    private static let keywords = [
        "peer", "broadcast", "brd", "scope", "label", "metric", "valid_lft", "preferred_lft", "nodad", "noprefixroute",
        "dev",
    ]

    init(_ list: [String]) throws {
        var words = Words(list)
        let placeWord = try words.linkPlace(unless: { IPPrefix($0) != nil || $0 == "local" })
        _ = words.take("local")
        var spec = AddressSpec(try words.positional("address"))
        var dev: InterfaceName?
        while let keyword = try words.keyword() {
            switch keyword {
            case "peer", "remote":
                let text = try words.text(keyword)
                let peer = try IPPrefix.read(text, keyword)
                spec.peer = peer.address
                // The length is that of the peer's network, wherever it is written.
                if text.contains("/") {
                    guard let local = IPPrefix(spec.local.address, length: peer.length) else {
                        throw ValidationError("peer '\(text)' must be of the address's family")
                    }
                    spec.local = local
                }
            case "broadcast", "brd":
                spec.broadcast = words.take("+") ? spec.local.broadcast : try words.value(keyword)
            case "scope": spec.scope = try words.value(keyword)
            case "label": spec.label = try words.value(keyword)
            case "metric", "priority", "preference": spec.metric = try words.value(keyword)
            case "valid_lft": spec.validLifetime = try words.value(keyword, as: Lifetime.self).seconds
            case "preferred_lft": spec.preferredLifetime = try words.value(keyword, as: Lifetime.self).seconds
            case "nodad": spec.nodad = true
            case "noprefixroute": spec.noprefixroute = true
            case "dev": dev = try words.value(keyword)
            default: throw unknown(keyword, Self.keywords)
            }
        }
        (place, self.dev) = try linkPlace(placeWord, dev: dev)
        self.spec = spec
    }

    var params: ForNamespace<OnDevice<AddressSpec>> { ForNamespace(place, OnDevice(dev, spec)) }
}

extension IPPrefix {
    /// The network's last address, IPv4's broadcast (RFC 919).
    var broadcast: IPAddress? {
        let bytes = address.bytes.enumerated().map { index, byte in
            byte | UInt8(truncatingIfNeeded: 0xFF >> max(0, min(8, length - index * 8)))
        }
        return IPAddress(bytes: bytes)
    }
}

/// `[NAMESPACE | PLACE] [dev I] [to A] [scope S]`: which addresses, and where.
struct AddressFilterWords {
    var namespace: NamespaceSelector?
    var filter = AddressFilter()
    /// Nothing was said at all.
    let isEmpty: Bool

    static let help = ArgumentHelp(
        "NAMESPACE or PLACE, then any of: dev INTERFACE, to ADDRESS, scope S.", valueName: "word")
    private static let keywords = ["dev", "to", "scope"]

    init(_ list: [String], _ family: FamilyOption) throws {
        var words = Words(list)
        isEmpty = words.isEmpty && family.family == nil
        (namespace, filter.dev) = try words.namespaceOrPlace(unless: Self.keywords.contains)
        filter.family = family.family
        while let keyword = try words.keyword() {
            switch keyword {
            case "dev": filter.dev = try words.value(keyword)
            case "to": filter.local = try words.value(keyword)
            case "scope": filter.scope = try words.value(keyword)
            default: throw unknown(keyword, Self.keywords)
            }
        }
    }
}

/// `-4` and `-6`.
struct FamilyOption: ParsableArguments {
    @Flag(name: .customShort("4"), help: "IPv4.")
    var inet = false

    @Flag(name: .customShort("6"), help: "IPv6.")
    var inet6 = false

    var family: Family? { inet == inet6 ? nil : inet ? .inet : .inet6 }
}
