// The groups that the links of a namespace listen to: its files dev_mcast, igmp and igmp6 in /proc/net, which is where
// ip-maddress(8) finds them too (proc(5)).

import Descriptors
import IPRoute
import Linux
import Netlink

/// The links of the calling thread's network namespace that listen to any group which `filter` lets through, by number.
func linksWithGroups(_ filter: MulticastFilter) throws -> [LinkWithGroups] {
    var links: [LinkWithGroups] = []
    for (layer, parse) in [
        (MulticastFilter.Layer.link, linkLayerGroups), (.inet, inetGroups), (.inet6, inet6Groups),
    ] where (filter.family ?? layer) == layer {
        for entry in parse(try networkFile(layer.file)) where filter.dev.map({ $0.text == entry.ifname }) ?? true {
            if let index = links.firstIndex(where: { $0.ifindex == entry.ifindex }) {
                links[index].groups.append(entry.group)
            } else {
                links.append(LinkWithGroups(ifindex: entry.ifindex, ifname: entry.ifname, groups: [entry.group]))
            }
        }
    }
    return links.sorted { $0.ifindex < $1.ifindex }
}

/// How many groups people have made links listen to; those that the kernel joins by itself are not counted.
func countStaticGroups() throws -> Int {
    linkLayerGroups(try networkFile(MulticastFilter.Layer.link.file)).count { $0.group.isStatic }
}

extension MulticastFilter.Layer {
    fileprivate var file: String {
        switch self {
        case .link: "dev_mcast"
        case .inet: "igmp"
        case .inet6: "igmp6"
        }
    }
}

private typealias Entry = (ifindex: Int32, ifname: String, group: MulticastGroup)

/// `2    eth0            1     0     333300000001`: number, name, users, users by hand, address.
private func linkLayerGroups(_ text: String) -> [Entry] {
    text.split(separator: "\n").compactMap { line in
        let columns = line.split(separator: " ")
        guard columns.count == 5, let index = Int32(columns[0]), let users = Int(columns[2]),
            let byHand = Int(columns[3]), let address = bytes(hexadecimal: columns[4])
        else { return nil }
        let group = MulticastGroup(link: linkLayerText(address), users: users, isStatic: byHand > 0)
        return (index, String(columns[1]), group)
    }
}

/// A line a link, `2\teth0      :     1      V3`, and behind it one a group, `\t\t\t\t010000E0     1 0:00000000\t\t0`, whose
/// number is the address as it lies in memory.
private func inetGroups(_ text: String) -> [Entry] {
    var entries: [Entry] = []
    var link: (index: Int32, name: String)?
    for line in text.split(separator: "\n").dropFirst() {
        let columns = line.split { $0 == " " || $0 == "\t" }
        if !line.hasPrefix("\t") {
            guard columns.count > 1, let index = Int32(columns[0]) else { continue }
            let name = columns[1]
            link = (index, String(name.hasSuffix(":") ? name.dropLast() : name))
        } else if let link, columns.count > 1, let users = Int(columns[1]),
            let number = UInt32(columns[0], radix: 16),
            let address = IPAddress(bytes: unsafe withUnsafeBytes(of: number) { unsafe [UInt8]($0) })
        {
            entries.append((link.index, link.name, MulticastGroup(address: address, users: users)))
        }
    }
    return entries
}

/// `2    eth0            ff020000000000000000000000000001     1 0000000C 0`: number, name, address, users.
private func inet6Groups(_ text: String) -> [Entry] {
    text.split(separator: "\n").compactMap { line in
        let columns = line.split(separator: " ")
        guard columns.count > 3, let index = Int32(columns[0]), let users = Int(columns[3]),
            let address = bytes(hexadecimal: columns[2]).flatMap({ IPAddress(bytes: $0) })
        else { return nil }
        return (index, String(columns[1]), MulticastGroup(address: address, users: users))
    }
}

private func bytes(hexadecimal text: Substring) -> [UInt8]? {
    let digits = Array(text)
    guard digits.count % 2 == 0 else { return nil }
    let bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    return bytes.contains(nil) ? nil : bytes.compactMap { $0 }
}

/// What ioctl(2) refuses about a link is told as what netlink refuses.
func asKernels(_ body: () throws(SystemError) -> Void) throws(NetlinkError) {
    do { try body() } catch { throw NetlinkError(error.errno, error.operation, error.subject) }
}
