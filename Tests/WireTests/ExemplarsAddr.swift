// Exemplars of addr.*.

import IPRoute
import Wire

extension Exemplars {
    static let addr: [Exemplars] = [
        Exemplars(AddrAdd.self, specs, [Nothing()]),
        Exemplars(AddrReplace.self, specs, [Nothing()]),
        Exemplars(AddrDelete.self, specs, [Nothing()]),
        Exemplars(
            AddrFlush.self, [.init(Place("server"), filter), .init(Place(netnsFileDescriptor: 0), .init())],
            [.init(removed: 2)]),
        Exemplars(
            AddrList.self, [.init(["server"], filter), .init(nil, .init()), .init(netnsFileDescriptor: 0, .init())],
            [[InNamespace("server", LinkWithAddresses(fullLink, [fullAddress, leastAddress]))]]),
    ]

    private static var specs: [AddrAdd.Params] {
        var full = AddressSpec("10.0.0.1/24")
        full.peer = "10.0.0.2"
        full.broadcast = "10.0.0.255"
        full.scope = .link
        full.label = AddressLabel("eth0:1")
        full.validLifetime = Word(600)
        full.preferredLifetime = Word(300)
        full.nodad = true
        full.noprefixroute = true
        full.metric = Word(7)
        return [
            .init(Place("server"), .init("eth0", full)), .init(Place(nil), .init("eth0", .init("fd00::1/64"))),
            .init(Place(netnsFileDescriptor: 0), .init("eth0", .init("10.0.0.1"))),
        ]
    }

    private static var filter: AddressFilter {
        var filter = AddressFilter()
        filter.dev = "eth0"
        filter.family = .inet6
        filter.scope = .link
        filter.local = "fe80::1"
        return filter
    }

    static let leastAddress = AddressInfo(family: .inet6, local: "fe80::1", prefixlen: 64, scope: .link)

    static var fullAddress: AddressInfo {
        var address = AddressInfo(family: .inet, local: "10.0.0.1", prefixlen: 24, scope: .global)
        address.peer = "10.0.0.2"
        address.metric = Word(7)
        address.broadcast = "10.0.0.255"
        address.dynamic = true
        address.tentative = true
        address.deprecated = true
        address.dadfailed = true
        address.nodad = true
        address.noprefixroute = true
        address.secondary = true
        address.protocol = "kernel_lo"
        address.label = "eth0:1"
        return address
    }
}
