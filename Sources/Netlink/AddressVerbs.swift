// Addresses put on links, taken off and listed (ip-address(8)).

import CMnl
public import IPRoute

extension NetlinkSocket {
    /// EEXIST where the link has it.
    public func addAddress(_ spec: AddressSpec, on index: Int32) throws(NetlinkError) {
        try request(.addAddress(spec, on: index, [.create, .exclusive]))
    }

    /// Makes it, or gives the one that is there these lifetimes, this metric and these flags.
    public func replaceAddress(_ spec: AddressSpec, on index: Int32) throws(NetlinkError) {
        try request(.addAddress(spec, on: index, [.create, .replace]))
    }

    /// EADDRNOTAVAIL where the link has no such address with this prefix length and peer.
    public func deleteAddress(_ spec: AddressSpec, from index: Int32) throws(NetlinkError) {
        try request(.deleteAddress(spec, on: index))
    }

    /// The addresses that `filter` lets through, each with its link's index.
    public func addresses(
        _ filter: AddressFilter = AddressFilter()
    ) throws(NetlinkError) -> [(index: Int32, info: AddressInfo)] {
        try described(filter).map { ($0.index, $0.info) }
    }

    /// Deletes the addresses that `filter` lets through and gives their number.
    @discardableResult
    public func flushAddresses(_ filter: AddressFilter) throws(NetlinkError) -> Int {
        try flush { () throws(NetlinkError) in
            try described(filter).compactMap { entry in
                entry.reply.deletion(
                    .deleteAddress, ifaddrmsg(), subject: "\(entry.info.local)/\(entry.info.prefixlen)")
            }
        }
    }

    private func described(
        _ filter: AddressFilter
    ) throws(NetlinkError) -> [(reply: NetlinkReply, index: Int32, info: AddressInfo)] {
        var index: Int32?
        if let dev = filter.dev { index = try self.index(of: dev) }
        return try dump(.listAddresses(family: filter.family, index: index)).compactMap { reply in
            guard let address = reply.address(), filter.matches(address.info), index ?? address.index == address.index
            else { return nil }
            return (reply, address.index, address.info)
        }
    }
}

extension AddressFilter {
    fileprivate func matches(_ info: AddressInfo) -> Bool {
        (family ?? info.family) == info.family && (scope ?? info.scope) == info.scope
            && (local ?? info.local) == info.local
    }
}
