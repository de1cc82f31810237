// Links read and asked for without Codable's machinery are what Codable makes of them.

import IPRoute
import JSON
import Testing
import Wire

@Suite struct LinkReadingTests {
    private static let links = Exemplars.methods.first { $0.name == LinkList.name }!.results!.json
        .flatMap { $0.arrayValue ?? [] }

    @Test(arguments: links) func aLinkIsReadAsItIsDecoded(json: JSONValue) throws {
        let decoded = try json.decode(ListedLink.self, unknownKeys: .ignore)
        let read = try ListedLink(reading: json)
        #expect(read.link == decoded.link && read.peer == decoded.peer && read.linkNetns == decoded.linkNetns)
    }

    @Test(arguments: links) func aSpoiltLinkIsRefusedAlike(json: JSONValue) throws {
        var known: Set<String> = []
        for mutation in Mutation.all(of: json, addingUnknown: true, known: &known) {
            let decoded = try? mutation.json.decode(ListedLink.self, unknownKeys: .ignore)
            let read = try? ListedLink(reading: mutation.json)
            #expect(read?.link == decoded?.link && read?.linkNetns == decoded?.linkNetns, "\(mutation.place)")
        }
    }

    @Test func aFilterIsAskedForAsItIsEncoded() throws {
        var filter = LinkFilter()
        #expect(try JSONValue.object(filter.json) == JSONValue(encoding: filter))
        filter.dev = "eth0"
        filter.kind = .ip6gre
        filter.master = "br"
        filter.up = false
        filter.group = LinkGroup(5)
        filter.statistics = true
        filter.brief = true
        #expect(try JSONValue.object(filter.json) == JSONValue(encoding: filter))
    }

    @Test func aRequestsLineIsAsItIsEncoded() throws {
        for request in [
            Request(id: .number(1), method: "netns.list", params: ["a": [1, "b", nil]]),
            Request(id: .text("x"), method: "netns.list", params: nil),
        ] { #expect(try request.json == JSONValue(encoding: request)) }
    }
}
