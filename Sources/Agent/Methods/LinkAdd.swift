// link.add: a link, for a veth pair both ends, wherever they are to be; all of it or nothing.

import Descriptors
import IPRoute
import Linux
import Netlink
import Wire

extension LinkAdd: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [InNamespace<Link>] {
        let near = try await call.target(params.place)
        let far = try params.peer?.netns.map { Target.namespace(try call.namespace($0)) } ?? near
        try call.requireKind(params.link.kind)

        let isPair = params.link.kind == .veth
        let nearUse = Usage(links: 1, addresses: params.addresses?.count ?? 0)
        let farUse = isPair ? Usage(links: 1, addresses: params.peer?.addresses?.count ?? 0) : Usage()
        let farPlace = call.agent.kernelPlace(of: far)
        let (link, peer) = try await call.making([(nearUse, near), (farUse, far)]) {
            try await call.agent.kernel(near, for: call.owner) { nearPlace in
                try orUnsupported(params.link.options) { try makeLink(params, nearPlace, isPair ? farPlace : nil) }
            }
        }
        let ends = [InNamespace(call.selector(of: near), link)]
        return ends + (peer.map { [InNamespace(call.selector(of: far), $0)] } ?? [])
    }
}

/// Makes the link, its addresses and what belongs to the other end; on any failure takes it all back.
private func makeLink(
    _ params: LinkAdd.Params, _ near: KernelPlace, _ far: KernelPlace?
) throws -> (link: Link, peer: Link?) {
    try near.withNetlink { socket in
        guard let far else {
            let link = try socket.addLink(params.link)
            do {
                return (try socket.finish(link, params.addresses, LinkChange()), nil)
            } catch {
                try? socket.deleteLink(link.ifindex)
                throw error
            }
        }
        let farNamespace = try far.open()
        var peer = VethPeer(name: params.peer?.ifname, namespaceDescriptor: farNamespace.descriptor.raw)
        peer.mtu = params.peer?.mtu
        peer.address = params.peer?.address
        let link = try socket.addLink(params.link, peer: peer)
        do {
            let end = try finishOtherEnd(socket.otherEnd(of: link), in: far, params.peer)
            return (try socket.finish(link, params.addresses, LinkChange()), end)
        } catch {
            try? socket.deleteLink(link.ifindex)  // and with it the other end
            throw error
        }
    }
}

private func finishOtherEnd(_ index: Int32, in far: KernelPlace, _ peer: LinkAdd.Peer?) throws -> Link {
    try far.withNetlink { socket in
        guard let end = try socket.link(at: index) else { throw WireError.lostOtherEnd }
        var change = LinkChange()
        change.up = peer?.up
        change.master = peer?.master
        return try socket.finish(end, peer?.addresses, change)
    }
}

extension WireError {
    fileprivate static var lostOtherEnd: WireError {
        WireError(.kernel, "the veth pair was made, but its other end is not to be found")
    }
}

extension NetlinkSocket {
    /// Gives a link what it could not be made with, and shows it as it then is.
    fileprivate func finish(_ link: Link, _ addresses: [IPPrefix]?, _ change: LinkChange) throws -> Link {
        if change != LinkChange() { try changeLink(link.ifindex, change) }
        for address in addresses ?? [] { try addAddress(AddressSpec(address), on: link.ifindex) }
        return try self.link(at: link.ifindex) ?? link
    }

    /// The number of a veth's other end: its `link`, by name where that is in the same namespace.
    fileprivate func otherEnd(of link: Link) throws -> Int32 {
        if let index = link.linkIndex { return index }
        guard let name = link.link.flatMap(InterfaceName.init) else { throw WireError.lostOtherEnd }
        return try index(of: name)
    }
}
