// Forwarding entries as the kernel tells of them: RTM_GETNEIGH of the family AF_BRIDGE (linux/neighbour.h).

import CMnl
import Glibc
public import IPRoute

extension NetlinkSocket {
    /// The forwarding entries that `filter` lets through, in the kernel's order.
    public func forwardingEntries(
        _ filter: ForwardingFilter = ForwardingFilter()
    ) throws(NetlinkError) -> [ListedForwardingEntry] {
        var (index, master): (Int32?, Int32?)
        if let dev = filter.dev { index = try self.index(of: dev) }
        if let bridge = filter.bridge { master = try self.index(of: bridge) }
        let replies = try dump(.listForwarding())
        guard !replies.isEmpty else { return [] }
        let names = try deviceNames()
        return replies.compactMap { reply in
            guard let (body, attributes) = reply.body(ndmsg()), CInt(body.ndm_family) == AF_BRIDGE,
                (index ?? body.ndm_ifindex) == body.ndm_ifindex,
                master == nil || attributes[NDA_MASTER]?.int32 == master
            else { return nil }
            return ListedForwardingEntry(body, attributes) { names[$0] }
        }
    }
}

extension NetlinkMessage {
    /// All; old kernels filter by nothing. struct ndmsg and no attributes is what each of them takes.
    fileprivate static func listForwarding() -> NetlinkMessage {
        var body = ndmsg()
        body.ndm_family = UInt8(AF_BRIDGE)
        return NetlinkMessage(.getNeighbour, body: body)
    }
}

extension ListedForwardingEntry {
    fileprivate init?(_ body: ndmsg, _ attributes: Attributes, deviceName: (Int32) -> String?) {
        guard let mac = attributes[NDA_LLADDR] else { return nil }
        self.init(
            mac: linkLayerText(mac.payload), ifname: deviceName(body.ndm_ifindex), flags: Self.words(body),
            state: Self.word(ofState: body.ndm_state))
        let dst = attributes[NDA_DST]?.payload
        self.dst = dst.flatMap { IPAddress(bytes: $0) }
        vlan = attributes[NDA_VLAN]?.uint16.map(Int.init)
        vni = attributes[NDA_VNI]?.uint32.map(Int.init)
        port = attributes[NDA_PORT]?.uint16BigEndian.map(Int.init)
        viaIf = attributes[NDA_IFINDEX]?.int32.flatMap(deviceName)
        if let times = attributes[NDA_CACHEINFO]?.structure(zero: nda_cacheinfo()) {
            // clock_t, in hundredths of a second (USER_HZ).
            used = Double(times.ndm_used) / 100
            updated = Double(times.ndm_updated) / 100
        }
        master = attributes[NDA_MASTER]?.int32.flatMap(deviceName)
    }

    /// NUD_*, in the words of bridge(8).
    private static func word(ofState state: UInt16) -> String {
        let known: [(NeighbourState, String)] = [(.permanent, "permanent"), (.noarp, "static"), (.stale, "stale")]
        return known.first { state & $0.0.bit != 0 }?.1 ?? ""
    }

    /// NTF_*, in the words and the order of bridge(8).
    private static func words(_ body: ndmsg) -> [String] {
        let known: [(CInt, String)] = [
            (NTF_SELF, "self"), (NTF_ROUTER, "router"), (NTF_EXT_LEARNED, "extern_learn"), (NTF_OFFLOADED, "offload"),
            (NTF_STICKY, "sticky"),
        ]
        return known.filter { CInt(body.ndm_flags) & $0.0 != 0 }.map(\.1)
    }
}
