// ip-neighbour(8)'s words.

import ArgumentParser
import NetnsClient

/// `[PLACE] ADDRESS [lladdr] MAC [nud STATE] …`: a neighbour and the link it is on.
struct NeighbourWords {
    let place: Place
    let spec: NeighbourSpec

    static let help = ArgumentHelp(
        """
        PLACE ADDRESS, then any of: lladdr MAC, nud STATE, router, proxy, extern_learn. Without PLACE, dev INTERFACE where you are.
        """, valueName: "word")
    private static let keywords = ["lladdr", "nud", "router", "proxy", "extern_learn", "dev"]

    init(_ list: [String]) throws {
        var words = Words(list)
        let placeWord = try words.linkPlace(unless: { IPAddress($0) != nil || $0 == "proxy" || $0 == "to" })
        var isProxy = words.take("proxy")
        _ = words.take("to")
        let address: IPAddress = try words.positional("address")
        var (lladdr, state, dev): (LinkLayerAddress?, NeighbourState?, InterfaceName?)
        var (router, externLearn): (Bool?, Bool?)
        while let keyword = try words.keyword() {
            switch keyword {
            case "lladdr": lladdr = try words.value(keyword)
            case "nud": state = try words.value(keyword)
            case "router": router = true
            case "extern_learn": externLearn = true
            case "proxy": isProxy = true
            case "dev": dev = try words.value(keyword)
            default: throw unknown(keyword, Self.keywords)
            }
        }
        let link: InterfaceName
        (place, link) = try linkPlace(placeWord, dev: dev)
        var spec = NeighbourSpec(address, dev: link)
        (spec.lladdr, spec.state, spec.router, spec.proxy) = (lladdr, state, router, isProxy ? true : nil)
        spec.externLearn = externLearn
        self.spec = spec
    }

    var params: ForNamespace<NeighbourSpec> { ForNamespace(place, spec) }
}

/// `[NAMESPACE | PLACE] [dev I] [to A] [nud STATE] [proxy]`: which neighbours, and where.
struct NeighbourFilterWords {
    var namespace: NamespaceSelector?
    var filter = NeighbourFilter()
    let isEmpty: Bool

    static let help = ArgumentHelp(
        "NAMESPACE or PLACE, then any of: dev INTERFACE, to ADDRESS, nud STATE, proxy.", valueName: "word")
    private static let keywords = ["dev", "to", "nud", "proxy"]

    init(_ list: [String], _ family: FamilyOption) throws {
        var words = Words(list)
        isEmpty = words.isEmpty && family.family == nil
        (namespace, filter.dev) = try words.namespaceOrPlace(unless: Self.keywords.contains)
        filter.family = family.family
        while let keyword = try words.keyword() {
            switch keyword {
            case "dev": filter.dev = try words.value(keyword)
            case "to": filter.dst = try words.value(keyword)
            case "nud": filter.state = try words.value(keyword)
            case "proxy": filter.proxy = true
            default: throw unknown(keyword, Self.keywords)
            }
        }
    }
}
