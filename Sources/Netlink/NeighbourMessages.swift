// Neighbours as requests, and as the kernel tells of them: struct ndmsg and its attributes (rtnetlink(7),
// linux/neighbour.h).

import CMnl
import IPRoute

extension NetlinkMessage {
    /// RTM_NEWNEIGH. `flags` say whether it must be new. Without a state it stays for ever.
    static func addNeighbour(_ spec: NeighbourSpec, on index: Int32, _ flags: MessageFlags) -> NetlinkMessage {
        var message = neighbour(.newNeighbour, flags, spec, on: index, state: spec.state ?? .permanent)
        if let lladdr = spec.lladdr { message.attribute(NDA_LLADDR, bytes: lladdr.bytes) }
        return message
    }

    /// RTM_DELNEIGH.
    static func deleteNeighbour(_ spec: NeighbourSpec, on index: Int32) -> NetlinkMessage {
        neighbour(.deleteNeighbour, [], spec, on: index, state: nil)
    }

    /// RTM_GETNEIGH for a dump, either of neighbours or of proxies; the kernel filters by device and family.
    static func listNeighbours(family: Family? = nil, index: Int32? = nil, proxies: Bool = false) -> NetlinkMessage {
        var body = ndmsg()
        body.ndm_family = family?.number ?? 0
        body.ndm_flags = proxies ? UInt8(NTF_PROXY) : 0
        var message = NetlinkMessage(.getNeighbour, body: body)
        if let index { message.attribute(NDA_IFINDEX, index) }
        return message
    }

    private static func neighbour(
        _ type: MessageType, _ flags: MessageFlags, _ spec: NeighbourSpec, on index: Int32, state: NeighbourState?
    ) -> NetlinkMessage {
        var body = ndmsg()
        body.ndm_family = spec.dst.family.number
        body.ndm_ifindex = index
        body.ndm_state = state?.bit ?? 0
        body.ndm_flags = UInt8((spec.proxy == true ? NTF_PROXY : 0) | (spec.router == true ? NTF_ROUTER : 0))
        var message = NetlinkMessage(type, flags, body: body, subject: "\(spec.dst) on \(spec.dev)")
        message.attribute(NDA_DST, bytes: spec.dst.bytes)
        return message
    }
}

extension NetlinkReply {
    /// What an RTM_NEWNEIGH or RTM_DELNEIGH is about; nil where it is of another family (a bridge's forwarding
    /// entries are) or makes no sense.
    func neighbour(deviceName: (Int32) -> String?) -> Neighbour? {
        guard let (body, attributes) = body(ndmsg()), let family = Family(number: body.ndm_family),
            let dst = attributes.ipAddress(NDA_DST, family)
        else { return nil }
        let states = NeighbourState.allCases.filter { body.ndm_state & $0.bit != 0 }
        var neighbour = Neighbour(dst, dev: deviceName(body.ndm_ifindex), state: states)
        neighbour.lladdr = (attributes[NDA_LLADDR]?.payload).map { linkLayerText($0) }
        if body.ndm_flags & UInt8(NTF_ROUTER) != 0 { neighbour.router = true }
        if body.ndm_flags & UInt8(NTF_PROXY) != 0 { neighbour.proxy = true }
        return neighbour
    }
}
