// Requests about links, built: what goes where in RTM_NEWLINK and its kin (rtnetlink(7), linux/if_link.h).

import CMnl
import Glibc
public import IPRoute
import SystemPackage

/// A veth's other end, where it is to be more than the kernel's choice (VETH_INFO_PEER). It cannot be made up: the kernel
/// makes it before there is anything to connect it to (ENOTCONN, drivers/net/veth.c).
public struct VethPeer: Hashable, Sendable {
    /// Without it the kernel takes the first free of `veth0`, `veth1`, … in the peer's namespace.
    public var name: InterfaceName?
    /// Open on the network namespace it is to be in; nil is that of the first end.
    public var namespaceDescriptor: CInt?
    public var mtu: MTU?
    public var address: MACAddress?

    public init(name: InterfaceName? = nil, namespaceDescriptor: CInt? = nil) {
        self.name = name
        self.namespaceDescriptor = namespaceDescriptor
    }
}

extension NetlinkMessage {
    /// Attributes and types that came after the oldest headers we build with.
    enum Newer {
        static let groMaxSize = 58  // IFLA_GRO_MAX_SIZE, Linux 5.18
        static let tsoMaxSize = 59  // IFLA_TSO_MAX_SIZE, Linux 5.19
        static let tsoMaxSegs = 60  // IFLA_TSO_MAX_SEGS, Linux 5.19
        static let allmulti = 61  // IFLA_ALLMULTI, Linux 6.0
        static let portLocked = 39  // IFLA_BRPORT_LOCKED, Linux 5.18
    }

    /// RTM_NEWLINK that makes a link. `lower` and `master` are the spec's `link` and `master` by index.
    static func addLink(_ spec: LinkSpec, lower: Int32?, master: Int32?, peer: VethPeer?) -> NetlinkMessage {
        var body = ifinfomsg()
        if let up = spec.up { body.set(IFF_UP, up) }
        if let index = spec.index { body.ifi_index = Int32(index.value) }
        var message = NetlinkMessage(
            .newLink, [.create, .exclusive], body: body, subject: spec.ifname?.text ?? spec.kind.rawValue)
        if let name = spec.ifname { message.attribute(IFLA_IFNAME, name.text) }
        if let mtu = spec.mtu { message.attribute(IFLA_MTU, mtu.value, as: UInt32.self) }
        if let address = spec.address { message.attribute(IFLA_ADDRESS, bytes: address.bytes) }
        if let length = spec.txqlen { message.attribute(IFLA_TXQLEN, length.bits) }
        if let group = spec.group { message.attribute(IFLA_GROUP, group.number) }
        if let master { message.attribute(IFLA_MASTER, UInt32(bitPattern: master)) }
        if spec.kind.needsLower, let lower { message.attribute(IFLA_LINK, UInt32(bitPattern: lower)) }
        if lower != nil && !spec.kind.takesLower {
            message.refuse(.invalidArgument, "\(spec.kind.rawValue) is not built on another link")
        }
        if peer != nil && spec.kind != .veth { message.refuse(.invalidArgument, "only a veth has a peer") }
        message.nested(IFLA_LINKINFO) { message in
            message.attribute(IFLA_INFO_KIND, spec.kind.rawValue)
            message.nested(IFLA_INFO_DATA) { message in
                if let peer { message.vethPeer(peer) }
                message.options(spec.options, lower: lower)
            }
        }
        return message
    }

    private mutating func vethPeer(_ peer: VethPeer) {
        nested(VETH_INFO_PEER) { message in
            message.structure(ifinfomsg())
            if let name = peer.name { message.attribute(IFLA_IFNAME, name.text) }
            if let mtu = peer.mtu { message.attribute(IFLA_MTU, mtu.value, as: UInt32.self) }
            if let address = peer.address { message.attribute(IFLA_ADDRESS, bytes: address.bytes) }
            if let fd = peer.namespaceDescriptor { message.attribute(IFLA_NET_NS_FD, UInt32(bitPattern: fd)) }
        }
    }

    /// What IFLA_INFO_DATA holds for a kind.
    mutating func options(_ options: LinkOptions, lower: Int32?) {
        switch options {
        case .veth, .dummy, .ifb: break
        case .bridge(let options): bridge(options)
        case .vlan(let options): vlan(options)
        case .vxlan(let options): vxlan(options, lower: lower)
        case .macvlan(let options): macvlan(options)
        case .ipvlan(let options): ipvlan(options)
        case .vrf(let options): attribute(IFLA_VRF_TABLE, options.table.bits)
        case .gre(let options), .gretap(let options): gre(options, over: .inet, lower: lower)
        case .ip6gre(let options), .ip6gretap(let options): gre(options, over: .inet6, lower: lower)
        case .ipip(let options), .sit(let options): ipTunnel(options, over: .inet, lower: lower)
        case .ip6tnl(let options): ipTunnel(options, over: .inet6, lower: lower)
        case .geneve(let options): geneve(options)
        case .bond(let options): bond(options)
        }
    }

    /// RTM_NEWLINK about a link that exists.
    static func link(_ index: Int32, _ body: ifinfomsg = ifinfomsg(), subject: String) -> NetlinkMessage {
        var body = body
        body.ifi_index = index
        return NetlinkMessage(.newLink, body: body, subject: subject)
    }

    /// What changes in one RTM_NEWLINK. Bridge port options and altnames are requests of their own. nil: nothing.
    static func changeLink(_ index: Int32, _ change: LinkChange, master: Int32?, subject: String) -> NetlinkMessage? {
        var body = ifinfomsg()
        if let up = change.up { body.set(IFF_UP, up) }
        if let multicast = change.multicast { body.set(IFF_MULTICAST, multicast) }
        if let allmulticast = change.allmulticast { body.set(IFF_ALLMULTI, allmulticast) }
        if let arp = change.arp { body.set(IFF_NOARP, !arp) }
        if let promisc = change.promisc { body.set(IFF_PROMISC, promisc) }
        if let dynamic = change.dynamic { body.set(IFF_DYNAMIC, dynamic) }
        if let trailers = change.trailers { body.set(IFF_NOTRAILERS, !trailers) }
        let empty = link(index, body, subject: subject)
        var message = empty
        if let name = change.name { message.attribute(IFLA_IFNAME, name.text) }
        if let mtu = change.mtu { message.attribute(IFLA_MTU, mtu.value, as: UInt32.self) }
        if let address = change.address { message.attribute(IFLA_ADDRESS, bytes: address.bytes) }
        if let master { message.attribute(IFLA_MASTER, UInt32(bitPattern: master)) }
        if let length = change.txqlen { message.attribute(IFLA_TXQLEN, length.bits) }
        if let address = change.broadcast { message.attribute(IFLA_BROADCAST, bytes: address.bytes) }
        if let group = change.group { message.attribute(IFLA_GROUP, group.number) }
        if let mode = change.linkmode { message.attribute(IFLA_LINKMODE, UInt8(mode.ordinal)) }
        if let state = change.operstate { message.attribute(IFLA_OPERSTATE, UInt8(state.ordinal)) }
        message.toggle(IFLA_CARRIER, change.carrier)
        message.toggle(IFLA_PROTO_DOWN, change.protodown)
        if let mode = change.addrgenmode {
            message.nested(IFLA_AF_SPEC) { message in
                message.nested(Int(AF_INET6)) { $0.attribute(IFLA_INET6_ADDR_GEN_MODE, UInt8(mode.ordinal)) }
            }
        }
        // Stored with its length: no NUL (dev_set_alias(), net/core/dev.c). An empty one takes the alias away.
        if let alias = change.alias { message.attribute(IFLA_IFALIAS, bytes: Array(alias.text.utf8)) }
        if let options = change.bridge {
            message.nested(IFLA_LINKINFO) { message in
                message.attribute(IFLA_INFO_KIND, LinkKind.bridge.rawValue)
                message.nested(IFLA_INFO_DATA) { $0.bridge(options) }
            }
        }
        return body.ifi_change == 0 && message.bytes == empty.bytes && message.defect == nil ? nil : message
    }

    /// RTM_NEWLINK with a bridge port's options, as part of its master (IFLA_INFO_SLAVE_DATA).
    static func changeBridgePort(_ index: Int32, _ options: BridgePortOptions, subject: String) -> NetlinkMessage {
        var message = link(index, subject: subject)
        message.nested(IFLA_LINKINFO) { message in
            message.attribute(IFLA_INFO_SLAVE_KIND, LinkKind.bridge.rawValue)
            message.nested(IFLA_INFO_SLAVE_DATA) { $0.bridgePort(options) }
        }
        return message
    }

    /// RTM_NEWLINK that moves a link to the namespace `fd` is open on, under `name` there.
    static func moveLink(_ index: Int32, to fd: CInt, name: InterfaceName?, subject: String) -> NetlinkMessage {
        var message = link(index, subject: subject)
        message.attribute(IFLA_NET_NS_FD, UInt32(bitPattern: fd))
        if let name { message.attribute(IFLA_IFNAME, name.text) }
        return message
    }

    /// RTM_NEWLINKPROP, RTM_DELLINKPROP: second names.
    static func alternativeNames(
        _ type: MessageType, _ flags: MessageFlags, _ index: Int32, _ names: [AlternativeName], subject: String
    ) -> NetlinkMessage {
        var body = ifinfomsg()
        body.ifi_index = index
        var message = NetlinkMessage(type, flags, body: body, subject: subject)
        message.nested(IFLA_PROP_LIST, marked: true) { message in
            for name in names { message.attribute(IFLA_ALT_IFNAME, name.text) }
        }
        return message
    }

    /// RTM_GETLINK for one link.
    static func getLink(named name: String, statistics: Bool) -> NetlinkMessage {
        var message = NetlinkMessage(.getLink, body: ifinfomsg(), subject: name)
        // IFLA_IFNAME holds 15 bytes; longer ones can only be second names.
        message.attribute(name.utf8.count < Int(IFNAMSIZ) ? IFLA_IFNAME : IFLA_ALT_IFNAME, name)
        message.extent(statistics: statistics)
        return message
    }

    static func getLink(at index: Int32, statistics: Bool) -> NetlinkMessage {
        var body = ifinfomsg()
        body.ifi_index = index
        var message = NetlinkMessage(.getLink, body: body, subject: "index \(index)")
        message.extent(statistics: statistics)
        return message
    }

    /// RTM_GETLINK for a dump. The kernel leaves out other masters' links, and other kinds' if it knows the kind.
    static func listLinks(kind: LinkKind?, master: Int32?, statistics: Bool) -> NetlinkMessage {
        var message = NetlinkMessage(.getLink, body: ifinfomsg())
        if let kind { message.nested(IFLA_LINKINFO) { $0.attribute(IFLA_INFO_KIND, kind.rawValue) } }
        if let master { message.attribute(IFLA_MASTER, UInt32(bitPattern: master)) }
        message.extent(statistics: statistics)
        return message
    }

    /// Leaves out IPv6's counters, most of the reply; IFLA_STATS64 comes in any case.
    private mutating func extent(statistics: Bool) {
        if !statistics { attribute(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS)) }
    }
}

extension ifinfomsg {
    /// Sets or clears a flag and says that this one is meant.
    mutating func set(_ flag: Int, _ isOn: Bool) {
        ifi_change |= UInt32(flag)
        if isOn { ifi_flags |= UInt32(flag) }
    }
}

extension LinkKind {
    /// May be built on another link, the spec's `link`.
    var takesLower: Bool {
        switch self {
        case .vlan, .macvlan, .ipvlan, .vxlan, .gre, .gretap, .ip6gre, .ip6gretap, .ipip, .sit, .ip6tnl: true
        case .veth, .bridge, .dummy, .ifb, .vrf, .geneve, .bond: false
        }
    }
}
