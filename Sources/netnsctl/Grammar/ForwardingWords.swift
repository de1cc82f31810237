// bridge(8)'s words for forwarding entries.

import ArgumentParser
import NetnsClient

/// `[NAMESPACE | PLACE] [dev I] [br B]`: which forwarding entries, and where.
struct ForwardingFilterWords {
    var namespace: NamespaceSelector?
    var filter = ForwardingFilter()

    static let help = ArgumentHelp(
        "NAMESPACE or PLACE, then any of: dev INTERFACE, br BRIDGE.", valueName: "word")
    private static let keywords = ["dev", "br"]

    init(_ list: [String]) throws {
        var words = Words(list)
        (namespace, filter.dev) = try words.namespaceOrPlace(unless: Self.keywords.contains)
        while let keyword = try words.keyword() {
            switch keyword {
            case "dev": filter.dev = try words.value(keyword)
            case "br": filter.bridge = try words.value(keyword)
            default: throw unknown(keyword, Self.keywords)
            }
        }
    }
}
