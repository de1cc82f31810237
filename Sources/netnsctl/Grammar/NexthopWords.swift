// ip-nexthop(8)'s and ip-maddress(8)'s words.

import ArgumentParser
import NetnsClient

/// `[NAMESPACE] [id N] [via A] [dev I] …`: a nexthop object and where it is for.
struct NexthopWords {
    let place: Place
    let spec: NexthopSpec

    static let help = ArgumentHelp(
        """
        NAMESPACE, then any of: id N, via A, dev I, onlink, blackhole, fdb, group ID[,WEIGHT]/…, proto P.
        """, valueName: "word")
    private static let keywords = ["id", "via", "dev", "onlink", "blackhole", "fdb", "group", "proto", "protocol"]

    init(_ list: [String], _ family: FamilyOption) throws {
        var words = Words(list)
        place = Place(orHere: try words.namespace(unless: Self.keywords.contains))
        var spec = NexthopSpec()
        spec.family = family.family
        while let keyword = try words.keyword() {
            switch keyword {
            case "id": spec.id = try words.value(keyword)
            case "via": spec.gateway = try words.value(keyword)
            case "dev": spec.dev = try words.value(keyword)
            case "onlink": spec.onlink = true
            case "blackhole": spec.blackhole = true
            case "fdb": spec.fdb = true
            case "group": spec.group = try Self.members(words.text(keyword))
            case "proto", "protocol": spec.protocol = try words.value(keyword)
            default: throw unknown(keyword, Self.keywords)
            }
        }
        if spec.gateway == nil && spec.dev == nil && spec.blackhole == nil && spec.group == nil {
            throw ValidationError("the way is missing: say via, dev, group or blackhole")
        }
        self.spec = spec
    }

    private static func members(_ text: String) throws -> [NexthopMember] {
        try text.split(separator: "/", omittingEmptySubsequences: false).map { part in
            let numbers = part.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let id = try NexthopId.read(numbers[0], "group's id")
            return NexthopMember(id, weight: try numbers.dropFirst().first.map { try .read($0, "weight") })
        }
    }

    var params: ForNamespace<NexthopSpec> { ForNamespace(place, spec) }
}

/// `[NAMESPACE] [id N] [dev I] [master I] [groups] [proto P]`: which nexthop objects, and where.
struct NexthopFilterWords {
    var namespace: NamespaceSelector?
    var filter = NexthopFilter()
    let isEmpty: Bool

    static let help = ArgumentHelp(
        "NAMESPACE, then any of: id N, dev I, master I, groups, proto P.", valueName: "word")
    private static let keywords = ["id", "dev", "master", "groups", "proto", "protocol"]

    init(_ list: [String], _ family: FamilyOption) throws {
        var words = Words(list)
        isEmpty = words.isEmpty && family.family == nil
        namespace = try words.namespace(unless: Self.keywords.contains)
        filter.family = family.family
        while let keyword = try words.keyword() {
            switch keyword {
            case "id": filter.id = try words.value(keyword)
            case "dev": filter.dev = try words.value(keyword)
            case "master": filter.master = try words.value(keyword)
            case "groups": filter.groups = true
            case "proto", "protocol": filter.protocol = try words.value(keyword)
            default: throw unknown(keyword, Self.keywords)
            }
        }
    }
}

/// `[PLACE] ADDRESS [dev I]`: a group of the link layer and the link that is to listen to it.
struct GroupWords {
    let place: Place
    let spec: MulticastSpec

    static let help = ArgumentHelp(
        "PLACE ADDRESS. Without PLACE, dev INTERFACE where you are.", valueName: "word")

    init(_ list: [String]) throws {
        var words = Words(list)
        let placeWord = try words.linkPlace(unless: { MulticastMAC($0) != nil })
        let address: MulticastMAC = try words.positional("address")
        var dev: InterfaceName?
        while let keyword = try words.keyword() {
            guard keyword == "dev" else { throw unknown(keyword, ["dev"]) }
            dev = try words.value(keyword)
        }
        let link: InterfaceName
        (place, link) = try linkPlace(placeWord, dev: dev)
        spec = MulticastSpec(address, dev: link)
    }

    var params: ForNamespace<MulticastSpec> { ForNamespace(place, spec) }
}
