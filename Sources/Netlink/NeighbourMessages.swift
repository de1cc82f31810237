// Neighbours as requests, and as the kernel tells of them: struct ndmsg and its attributes (rtnetlink(7),
// linux/neighbour.h).

import CMnl
import Glibc
import IPRoute

extension NetlinkMessage {
    /// RTM_NEWNEIGH. `flags` say whether it must be new. Without a state it stays for ever.
    static func addNeighbour(_ spec: NeighbourSpec, on index: Int32, _ flags: MessageFlags) -> NetlinkMessage {
        var message = neighbour(.newNeighbour, flags, spec, on: index, state: spec.state ?? .permanent)
        if let lladdr = spec.lladdr { message.attribute(NDA_LLADDR, bytes: lladdr.bytes) }
        if let maker = spec.protocol { message.attribute(NDA_PROTOCOL, maker.number) }
        return message
    }

    /// RTM_DELNEIGH.
    static func deleteNeighbour(_ spec: NeighbourSpec, on index: Int32) -> NetlinkMessage {
        neighbour(.deleteNeighbour, [], spec, on: index, state: nil)
    }

    /// RTM_GETNEIGH for one (Linux 5.0).
    static func getNeighbour(_ query: NeighbourQuery, on index: Int32) -> NetlinkMessage {
        var spec = NeighbourSpec(query.dst, dev: query.dev)
        spec.proxy = query.proxy
        return neighbour(.getNeighbour, [], spec, on: index, state: nil)
    }

    /// RTM_GETNEIGH for a dump, either of neighbours or of proxies; the kernel filters by device, by their masters
    /// (-1 being none) and by family.
    static func listNeighbours(
        family: Family? = nil, index: Int32? = nil, master: Int32? = nil, proxies: Bool = false
    ) -> NetlinkMessage {
        var body = ndmsg()
        body.ndm_family = family?.number ?? 0
        body.ndm_flags = proxies ? UInt8(NTF_PROXY) : 0
        var message = NetlinkMessage(.getNeighbour, body: body)
        if let index { message.attribute(NDA_IFINDEX, index) }
        if let master { message.attribute(NDA_MASTER, master) }
        return message
    }

    private static func neighbour(
        _ type: MessageType, _ flags: MessageFlags, _ spec: NeighbourSpec, on index: Int32, state: NeighbourState?
    ) -> NetlinkMessage {
        var body = ndmsg()
        body.ndm_family = spec.dst.family.number
        body.ndm_ifindex = index
        body.ndm_state = state?.bit ?? 0
        let marks = [(spec.proxy, NTF_PROXY), (spec.router, NTF_ROUTER), (spec.externLearn, NTF_EXT_LEARNED)]
        for (isSet, flag) in marks where isSet == true { body.ndm_flags |= UInt8(flag) }
        var message = NetlinkMessage(type, flags, body: body, subject: "\(spec.dst) on \(spec.dev)")
        message.attribute(NDA_DST, bytes: spec.dst.bytes)
        return message
    }
}

extension NetlinkReply {
    /// What an RTM_NEWNEIGH or RTM_DELNEIGH is about; nil where it is of another family (a bridge's forwarding
    /// entries are) or makes no sense.
    func neighbour(statistics: Bool = false, deviceName: (Int32) -> String?) -> Neighbour? {
        guard let (body, attributes) = body(ndmsg()), let family = Family(number: body.ndm_family),
            let dst = attributes.ipAddress(NDA_DST, family)
        else { return nil }
        var neighbour = Neighbour(dst, dev: deviceName(body.ndm_ifindex), state: states(body.ndm_state))
        neighbour.lladdr = (attributes[NDA_LLADDR]?.payload).map { linkLayerText($0) }
        if body.ndm_flags & UInt8(NTF_ROUTER) != 0 { neighbour.router = true }
        if body.ndm_flags & UInt8(NTF_PROXY) != 0 { neighbour.proxy = true }
        if body.ndm_flags & UInt8(NTF_EXT_LEARNED) != 0 { neighbour.externLearn = true }
        if body.ndm_flags & UInt8(NTF_OFFLOADED) != 0 { neighbour.offload = true }
        if (attributes[NDA_FLAGS_EXT]?.uint32 ?? 0) & UInt32(NTF_EXT_MANAGED) != 0 { neighbour.managed = true }
        neighbour.protocol = attributes[NDA_PROTOCOL]?.uint8.map { RouteProtocol($0) }
        if statistics { neighbour.readStatistics(attributes) }
        return neighbour
    }

    /// What a bridge's RTM_NEWNEIGH or RTM_DELNEIGH is about (AF_BRIDGE); nil for another.
    func forwardingEntry(deviceName: (Int32) -> String?) -> ForwardingEntry? {
        guard let (body, attributes) = body(ndmsg()), body.ndm_family == UInt8(AF_BRIDGE) else { return nil }
        return ForwardingEntry(
            (attributes[NDA_LLADDR]?.payload).map { linkLayerText($0) }, dev: deviceName(body.ndm_ifindex),
            state: states(body.ndm_state))
    }

    private func states(_ bits: UInt16) -> [NeighbourState] { NeighbourState.allCases.filter { bits & $0.bit != 0 } }
}

extension Neighbour {
    /// struct nda_cacheinfo, whose times are in hundredths of a second.
    fileprivate mutating func readStatistics(_ attributes: Attributes) {
        if let info = attributes[NDA_CACHEINFO]?.structure(zero: nda_cacheinfo()) {
            refcnt = info.ndm_refcnt == 0 ? nil : Int(info.ndm_refcnt)
            (used, confirmed, updated) = (
                Int(info.ndm_used / 100), Int(info.ndm_confirmed / 100), Int(info.ndm_updated / 100)
            )
        }
        probes = attributes[NDA_PROBES]?.uint32.map(Int.init)
    }
}
