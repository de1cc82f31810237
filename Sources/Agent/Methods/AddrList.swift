// addr.list: links with their addresses.

import IPRoute
import Netlink
import Wire

extension AddrList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [InNamespace<LinkWithAddresses>] {
        let filter = params.filter
        return try await call.kernelList(params) { socket in
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
