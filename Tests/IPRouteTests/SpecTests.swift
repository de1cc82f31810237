// What one part of a specification demands of another.

import IPRoute
import JSON
import Testing

@Suite("Specifications")
struct SpecTests {
    private func refusal<Spec: Decodable>(_ type: Spec.Type, _ text: String) throws -> String? {
        let value = try JSONValue.parse(text)
        do throws(JSONError) { _ = try value.decode(type) } catch { return error.description }
        return nil
    }

    @Test(
        "Routes",
        arguments: [
            (#"{"dst":"10.0.0.0/8"}"#, nil),
            (#"{"dst":"10.0.0.0/8","gateway":"fe80::1","dev":"eth0"}"#, nil),
            (#"{"dst":"default","gateway":"fe80::1","family":"inet"}"#, nil),
            (#"{"dst":"default","nexthops":[{"gateway":"10.0.0.1"},{"dev":"eth0","weight":256}]}"#, nil),
            (#"{"gateway":"10.0.0.1"}"#, "dst: is missing"),
            (#"{"dst":"10.0.0.1/8"}"#, "dst: \(Destination.rule)"),
            (#"{"dst":"10.0.0.0/8","family":"inet6"}"#, "family: must be the destination's, inet"),
            (#"{"dst":"fd00::/8","gateway":"10.0.0.1"}"#, "gateway: must be an inet6 address"),
            (#"{"dst":"default","family":"inet6","gateway":"10.0.0.1"}"#, "gateway: must be an inet6 address"),
            (#"{"dst":"fd00::/8","prefsrc":"10.0.0.1"}"#, "prefsrc: must be an inet6 address"),
            (#"{"dst":"10.0.0.0/8","prefsrc":"::1"}"#, "prefsrc: must be an inet address"),
            (#"{"dst":"default","nexthops":[]}"#, "nexthops: must be 1 to 64 ways"),
            (#"{"dst":"default","nexthops":[{}],"dev":"eth0"}"#, "nexthops: excludes gateway and dev"),
            (#"{"dst":"default","nexthops":[{}],"gateway":"10.0.0.1"}"#, "nexthops: excludes gateway and dev"),
            (#"{"dst":"fd00::/8","nexthops":[{"gateway":"10.0.0.1"}]}"#, "nexthops: must have inet6 gateways"),
            (#"{"dst":"default","nexthops":[{"weight":0}]}"#, "nexthops[0].weight: must be an integer from 1 to 256"),
        ] as [(String, String?)])
    func routes(_ text: String, _ message: String?) throws { #expect(try refusal(RouteSpec.self, text) == message) }

    @Test(
        "A route's family follows from what it says",
        arguments: [
            (#"{"dst":"default"}"#, Family.inet), (#"{"dst":"default","family":"inet6"}"#, .inet6),
            (#"{"dst":"default","gateway":"fe80::1"}"#, .inet6), (#"{"dst":"fd00::/8"}"#, .inet6),
            (#"{"dst":"10.0.0.0/8","gateway":"fe80::1"}"#, .inet), (#"{"dst":"default","prefsrc":"::1"}"#, .inet6),
            (#"{"dst":"default","nexthops":[{"gateway":"fe80::1"}]}"#, .inet6),
        ])
    func families(_ text: String, _ family: Family) throws {
        let spec = try JSONValue.parse(text).decode(RouteSpec.self)
        #expect(spec.family == family)
        #expect(try JSONValue(encoding: spec) == JSONValue.parse(text))
    }

    @Test("As many ways as a message holds", arguments: [(64, true), (65, false)])
    func ways(_ count: Int, _ isGood: Bool) throws {
        let ways = Array(repeating: #"{"gateway":"10.0.0.1"}"#, count: count).joined(separator: ",")
        #expect((try refusal(RouteSpec.self, #"{"dst":"default","nexthops":[\#(ways)]}"#) == nil) == isGood)
    }

    @Test(
        "Addresses",
        arguments: [
            (#"{"local":"10.0.0.1/24","peer":"10.0.0.2","broadcast":"10.0.0.255","label":"eth0:1"}"#, nil),
            (#"{"local":"fd00::1/64","valid_life_time":600,"preferred_life_time":600}"#, nil),
            (#"{"local":"fd00::1/64","preferred_life_time":0}"#, nil),
            (#"{"local":"fd00::1/64","peer":"10.0.0.2"}"#, "peer: must be an inet6 address like local"),
            (#"{"local":"10.0.0.1/24","peer":"fd00::2"}"#, "peer: must be an inet address like local"),
            (#"{"local":"fd00::1/64","broadcast":"10.0.0.255"}"#, "broadcast: is for IPv4 only"),
            (#"{"local":"10.0.0.1/24","broadcast":"fd00::2"}"#, "broadcast: must be an inet address like local"),
            (#"{"local":"fd00::1/64","label":"eth0:1"}"#, "label: is for IPv4 only"),
            (
                #"{"local":"fd00::1/64","valid_life_time":5,"preferred_life_time":6}"#,
                "preferred_life_time: must not be more than valid_life_time"
            ),
            (#"{"local":"fd00::1/64","valid_life_time":0}"#, "valid_life_time: must not be 0"),
            (#"{"local":"fd00::1/64","valid_life_time":4294967296}"#, "valid_life_time: \(Word.rule)"),
        ] as [(String, String?)])
    func addresses(_ text: String, _ message: String?) throws {
        #expect(try refusal(AddressSpec.self, text) == message)
    }

    @Test(
        "Rules",
        arguments: [
            ("{}", nil), (#"{"src":"10.0.0.0/8","dst":"default"}"#, nil),
            (#"{"family":"inet6","dst":"fd00::/8"}"#, nil),
            (#"{"src":"10.0.0.0/8","dst":"fd00::/8"}"#, "dst: must be of the rule's family, inet"),
            (#"{"family":"inet","dst":"fd00::/8"}"#, "family: must be of the rule's family, inet6"),
            (#"{"sport":0}"#, "sport: \(Port.rule)"),
        ] as [(String, String?)])
    func rules(_ text: String, _ message: String?) throws { #expect(try refusal(RuleSpec.self, text) == message) }

    @Test(
        "Links",
        arguments: [
            (#"{"kind":"bridge"}"#, nil), (#"{"kind":"bridge","options":{"stp_state":true}}"#, nil),
            (#"{"kind":"vlan","link":"eth0","options":{"id":7}}"#, nil), (#"{"kind":"veth","options":null}"#, nil),
            (#"{"kind":"vxlan","options":{"id":7}}"#, nil),
            (#"{"kind":"vlan","link":"eth0"}"#, "kind: vlan needs its options"),
            (#"{"kind":"vlan","options":{"id":7}}"#, "kind: vlan needs link, the one below it"),
            (#"{"kind":"macvlan"}"#, "kind: macvlan needs link, the one below it"),
            (#"{"kind":"vlan","link":"eth0","options":{"id":4095}}"#, "options.id: \(VLANId.rule)"),
            (#"{"kind":"veth","options":{"id":7}}"#, "options.id: unknown parameter"),
            (
                #"{"kind":"vxlan","options":{"id":7,"group":"239.0.0.1","remote":"10.0.0.1"}}"#,
                "options: group and remote exclude each other"
            ),
        ] as [(String, String?)])
    func links(_ text: String, _ message: String?) throws { #expect(try refusal(LinkSpec.self, text) == message) }
}
