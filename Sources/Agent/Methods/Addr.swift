// addr.add, replace, delete, flush, list: addresses of links.

import IPRoute
import Netlink
import Wire

extension AddrAdd: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let (dev, spec) = (params.value.dev, params.value.value)
        try await call.making(Usage(addresses: 1), in: target) {
            try await call.kernel(target) { try $0.addAddress(spec, on: $0.index(of: dev)) }
        }
        return Nothing()
    }
}

extension AddrReplace: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let (dev, spec) = (params.value.dev, params.value.value)
        // It may be new; if it was there, the next count finds that out.
        try await call.making(Usage(addresses: 1), in: target) {
            try await call.kernel(target) { try $0.replaceAddress(spec, on: $0.index(of: dev)) }
        }
        return Nothing()
    }
}

extension AddrDelete: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let (dev, spec) = (params.value.dev, params.value.value)
        try await call.kernel(target) { try $0.deleteAddress(spec, from: $0.index(of: dev)) }
        return Nothing()
    }
}

extension AddrFlush: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Flushed {
        let target = try await call.target(params.place)
        let filter = params.value
        return Flushed(removed: try await call.kernel(target) { try $0.flushAddresses(filter) })
    }
}

extension AddrList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [InNamespace<LinkWithAddresses>] {
        let filter = params.filter
        return try await call.kernelList(try call.namespaces(params.netns)) { socket in
            var links = LinkFilter()
            links.dev = filter.dev
            let addresses = try Dictionary(grouping: socket.addresses(filter), by: \.index)
            let isNarrow = filter != AddressFilter()
            return try socket.links(matching: links).compactMap { link in
                let own = addresses[link.ifindex]?.map(\.info) ?? []
                return own.isEmpty && isNarrow && filter.dev == nil ? nil : LinkWithAddresses(link, own)
            }
        }
    }
}
