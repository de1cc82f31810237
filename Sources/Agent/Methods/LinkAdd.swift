// link.add: a link, for a veth pair both ends, wherever they are to be; all of it or nothing.

import Descriptors
import IPRoute
import Linux
import Netlink
import Wire

extension LinkAdd: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [InNamespace<Link>] {
        try LinkGroup.requireOpen(params.link.group)
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

extension LinkGroup {
    /// Where a link is while it is being made, from its first moment on. Whatever is found there when an agent starts,
    /// an earlier one was ended over. The number is nobody's: "netn".
    static let unfinished = LinkGroup(0x6e65_746e)

    /// Refuses the agent's own.
    static func requireOpen(_ group: LinkGroup?) throws(WireError) {
        guard group == .unfinished else { return }
        throw WireError(.invalidParams, "params.group: \(unfinished) is what the agent calls its own; take another")
    }
}

/// Makes the link, its addresses and what belongs to the other end; on any failure takes it all back, and a veth's
/// other end with it. What others ask for this namespace waits meanwhile.
private func makeLink(
    _ params: LinkAdd.Params, _ near: KernelPlace, _ far: KernelPlace?
) throws -> (link: Link, peer: Link?) {
    try near.withNetlink { socket in
        var made: Link?
        do {
            let link = try socket.addLink(params.link, far, params.peer)
            made = link
            let end = try far.map { try finishOtherEnd(socket.otherEnd(of: link), in: $0, params.peer) }
            return (try socket.finish(link, params.addresses, group: params.link.group ?? LinkGroup(0)), end)
        } catch {
            // Where the kernel's answer is lost, the group says what there is.
            if let made { try? socket.deleteLink(made.ifindex) } else { try? socket.deleteLinks(in: .unfinished) }
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
    /// Makes the first end, or the only one, with the other where `far` says.
    fileprivate func addLink(_ spec: LinkSpec, _ far: KernelPlace?, _ other: LinkAdd.Peer?) throws -> Link {
        var spec = spec
        spec.group = .unfinished
        guard let far else { return try addLink(spec) }
        let farNamespace = try far.open()
        var peer = VethPeer(name: other?.ifname, namespaceDescriptor: farNamespace.descriptor.raw)
        peer.mtu = other?.mtu
        peer.address = other?.address
        return try addLink(spec, peer: peer)
    }

    /// Gives a link what it could not be made with, the group last, and shows it as it then is.
    fileprivate func finish(
        _ link: Link, _ addresses: [IPPrefix]?, _ change: LinkChange = LinkChange(), group: LinkGroup? = nil
    ) throws -> Link {
        if change != LinkChange() { try changeLink(link.ifindex, change) }
        for address in addresses ?? [] { try addAddress(AddressSpec(address), on: link.ifindex) }
        if let group {
            var last = LinkChange()
            last.group = group
            try changeLink(link.ifindex, last)
        }
        return try self.link(at: link.ifindex) ?? link
    }

    /// The number of a veth's other end: its `link`, by name where that is in the same namespace.
    fileprivate func otherEnd(of link: Link) throws -> Int32 {
        if let index = link.linkIndex { return index }
        guard let name = link.link.flatMap(InterfaceName.init) else { throw WireError.lostOtherEnd }
        return try index(of: name)
    }
}
