// Links as we show them against links as `ip -j -d -s link` shows them in the same namespace.

import IPRoute
import JSON
import Testing

@testable import Netlink

@Suite struct LinkComparisonTests {
    @Test func everyKeyWeGiveIsThatOfIproute2() throws {
        let namespace = try TestNamespace.fresh()
        let other = try TestNamespace.fresh()
        for command in [
            "link set lo up",
            "link add br0 type bridge stp_state 1 priority 4096 mcast_querier 1",
            "link add v0 mtu 1400 type veth peer name v1",
            "link set v0 master br0 up alias first",
            "link set v0 type bridge_slave hairpin on isolated on",
            "link set v1 up group 7 promisc on",
            "link property add dev v1 altname second altname a-rather-long-second-name",
            "link set br0 up",
            "link add x0 type vxlan id 7 remote 10.0.0.2 local 10.0.0.1 dev br0 dstport 4789 ttl 5 proxy noudpcsum",
            "link add x1 type vxlan id 8 group 239.0.0.1 dev v1 dstport 0 nolearning",
            "link add m0 link v1 type macvlan mode vepa",
            "link add m1 link m0 type macvlan mode private",
            "link add type ifb",
            "link add w0 type veth peer name w1 netns /proc/self/fd/0",
        ] {
            try namespace.ip(command.split(separator: " ").map(String.init), input: other.descriptor)
        }
        // Counters move when a packet comes: asked for again until nothing has.
        var found = try differences(in: namespace)
        for _ in 0..<50 where !found.isEmpty { found = try differences(in: namespace) }
        #expect(found == [])
    }

    private func differences(in namespace: borrowing TestNamespace) throws -> [String] {
        let theirs = try #require(try JSONValue.parse(namespace.ip("-j", "-d", "-s", "-s", "link")).arrayValue)
        let filter = LinkMessageCases.with(LinkFilter()) { $0.statistics = true }
        let ours = try namespace.socket.links(matching: filter)
        #expect(ours.count == theirs.count)
        return try ours.flatMap { link in
            let their = try #require(theirs.first { $0["ifindex"]?.integerValue == Int64(link.ifindex) })
            return differences(try JSONValue(encoding: link), their, link.ifname)
        }
    }

    /// Keys of `our` whose values `their` lacks or has differently, and keys of `their` top level that a link of ours
    /// can have but did not give.
    private func differences(_ our: JSONValue, _ their: JSONValue?, _ place: String = "") -> [String] {
        guard let object = our.objectValue else {
            return our == their ? [] : ["\(place): \(our), not \(their.map { "\($0)" } ?? "there")"]
        }
        var found: [String] = []
        for member in object {
            // A number here; `ip` has a string of hexadecimal digits.
            if member.key == "group_fwd_mask" { continue }
            // A bridge's clocks, in hundredths of a second, run on between the two.
            if member.key.hasSuffix("_timer"), their?[member.key] != nil { continue }
            found += differences(member.value, their?[member.key], "\(place).\(member.key)")
        }
        let known = [
            "link", "link_index", "master", "link_netnsid", "ifalias", "altnames", "txqlen", "broadcast", "qdisc",
            "info_kind", "info_slave_kind", "info_data", "info_slave_data", "remote", "group", "local", "ttl", "proxy",
        ]
        for key in known where their?[key] != nil && our[key] == nil {
            // The link below a vxlan: an option has no place for a name.
            if place.hasSuffix(".linkinfo.info_data") && key == "link" { continue }
            found.append("\(place).\(key): missing")
        }
        return found
    }
}
