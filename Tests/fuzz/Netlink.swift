// What a netlink socket gives, as a datagram: replies, dumps, notifications.

import IPRoute
import JSON

@testable import Netlink

/// Everything decoded must be what JSON can hold, and a name free of what a terminal acts on.
func fuzzNetlink(_ input: [UInt8]) {
    let replies = NetlinkReply.messages(in: input)
    let request = NetlinkMessage(.getLink, body: UInt32(0))
    var names = HeardNames()
    for notification in names.notifications(in: replies, of: nil) {
        switch notification {
        case .link(_, let link), .bridgePort(_, let link):
            require(!link.ifname.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "a name with a control: \(link.ifname)")
            write(link)
        case .address(_, let address): write(address.info)
        case .route(_, let route): write(route)
        case .neighbour(_, let neighbour): write(neighbour)
        case .rule(_, let rule): write(rule)
        case .nexthop(_, let nexthop): write(nexthop)
        case .netconf(_, let netconf): write(netconf)
        case .forwardingEntry(_, let entry): write(entry)
        case .namespaceId: break
        }
    }
    var exchange = Exchange([request], firstSequence: 1)
    var dump = Dump(request, sequence: 1)
    for reply in replies {
        exchange.receive(reply)
        dump.receive(reply)
        _ = reply.isAddressOfPeople(kernelMarksIts: true)
        _ = reply.failure(of: request).map { "\($0)" }
    }
}

private func write(_ value: some Encodable) {
    guard let json = try? JSONValue(encoding: value) else { fatalError("cannot be written: \(value)") }
    _ = json.serialized()
}
