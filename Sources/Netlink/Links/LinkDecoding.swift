// RTM_NEWLINK as the kernel sends it, made into what `ip -j -d link` shows (iproute2's ip/ipaddress.c).

import CMnl
import Glibc
import IPRoute

/// A link as it came: its numbers are known, the names of the links it refers to are not yet.
struct RawLink: Sendable {
    let family: UInt8
    let index: Int32
    let flags: UInt32
    let hardwareType: UInt16
    /// Escaped: the kernel accepts bytes that a terminal should not see.
    let name: String
    let attributes: Attributes

    init?(_ reply: NetlinkReply) {
        guard reply.type == .newLink || reply.type == .deleteLink,
            let (body, attributes) = reply.body(ifinfomsg()), let name = attributes[IFLA_IFNAME]
        else { return nil }
        family = body.ifi_family
        index = body.ifi_index
        flags = body.ifi_flags
        hardwareType = body.ifi_type
        self.name = escapedKernelName(name.stringBytes)
        self.attributes = attributes
    }

    /// A bridge's word about one of its ports (AF_BRIDGE).
    var isOfBridge: Bool { family == UInt8(AF_BRIDGE) }
    /// What happened to it, where a notice says (`enum ifla_event`, linux/if_link.h), in `ip`'s words.
    var event: String? {
        let words = [
            "NONE", "REBOOT", "FEATURE CHANGE", "BONDING FAILOVER", "NOTIFY PEERS", "RESEND IGMP", "BONDING OPTION",
        ]
        guard let number = attributes[IFLA_EVENT]?.uint32, number > 0 else { return nil }
        return words.indices.contains(Int(number)) ? words[Int(number)] : nil
    }
    private func has(_ flag: Int) -> Bool { Int(flags) & flag != 0 }
    /// The namespace's own `lo`, whatever it is called by now.
    var isLoopback: Bool { has(IFF_LOOPBACK) }
    var isUp: Bool { has(IFF_UP) }
    var kind: String? { attributes[IFLA_LINKINFO]?.nested[IFLA_INFO_KIND]?.string }
    /// The one it belongs to: a bridge, a bond, a VRF.
    var master: Int32? { attributes[IFLA_MASTER]?.int32 }
    /// The one below, or a veth's peer; 0 of a tunnel that is bound to none.
    var lower: Int32? { attributes[IFLA_LINK]?.int32.flatMap { $0 == 0 ? nil : $0 } }
    /// The namespace that `lower` is in, if another: our id for it, -1 where we have none.
    var lowerNamespaceId: Int32? { attributes[IFLA_LINK_NETNSID]?.int32 }
    /// The links in this namespace whose names it takes to show this one.
    var references: [Int32] { [lowerNamespaceId == nil ? lower : nil, master, vxlanLower].compactMap { $0 } }
    /// The link that a VXLAN's packets leave by.
    private var vxlanLower: Int32? {
        guard kind == LinkKind.vxlan.rawValue else { return nil }
        let index = attributes[IFLA_LINKINFO]?.nested[IFLA_INFO_DATA]?.nested[IFLA_VXLAN_LINK]?.int32
        return index == 0 ? nil : index
    }

    /// The link as it is shown. A reference that `names` does not know becomes `if7`, as `ip` has it.
    func link(_ names: LinkNames, statistics: Bool, brief: Bool = false) -> Link {
        let below = lowerNamespaceId == nil ? lower : nil
        var link = Link(
            ifindex: index, ifname: name, flags: flagWords(lowerIsDown: below.map { !names.isUp($0) } ?? false),
            mtu: Int(attributes[IFLA_MTU]?.uint32 ?? 0), operstate: operationalState, linkmode: linkMode,
            group: "\(group)", linkType: hardwareTypeWord(hardwareType))
        link.link = below.map(names.name)
        // 0, of one that could be built on another and is not, is said too.
        link.linkIndex = below == nil ? attributes[IFLA_LINK]?.int32 : nil
        link.linkNetnsid = lowerNamespaceId
        link.master = master.map(names.name)
        link.qdisc = attributes[IFLA_QDISC]?.string
        link.txqlen = attributes[IFLA_TXQLEN]?.uint32.flatMap { $0 == 0 ? nil : Int($0) }
        link.address = attributes[IFLA_ADDRESS].map(hardwareAddress)
        link.broadcast = attributes[IFLA_BROADCAST].map(hardwareAddress)
        link.alias = attributes[IFLA_IFALIAS]?.string
        link.altnames = alternativeNames
        if statistics {
            link.stats64 = attributes[IFLA_STATS64].map(LinkStatistics.init)
            link.stats64?.tx.carrierChanges = attributes[IFLA_CARRIER_CHANGES]?.uint32.map(UInt64.init)
        }
        if !brief { readDetails(into: &link, names) }
        return link
    }

    private func readDetails(into link: inout Link, _ names: LinkNames) {
        link.linkinfo = attributes[IFLA_LINKINFO].map { LinkInfo($0.nested) }
        link.linkinfo?.vxlanState?.link = vxlanLower.map(names.name)
        link.inet6AddressGenerationMode = addressGenerationMode
        func number(_ type: Int) -> Int? { attributes[type]?.uint32.map(Int.init) }
        link.promiscuity = number(IFLA_PROMISCUITY)
        link.allmulti = number(NetlinkMessage.Newer.allmulti)
        link.minMTU = number(IFLA_MIN_MTU)
        link.maxMTU = number(IFLA_MAX_MTU)
        link.numTxQueues = number(IFLA_NUM_TX_QUEUES)
        link.numRxQueues = number(IFLA_NUM_RX_QUEUES)
        link.gsoMaxSize = number(IFLA_GSO_MAX_SIZE)
        link.gsoMaxSegs = number(IFLA_GSO_MAX_SEGS)
        link.tsoMaxSize = number(NetlinkMessage.Newer.tsoMaxSize)
        link.tsoMaxSegs = number(NetlinkMessage.Newer.tsoMaxSegs)
        link.groMaxSize = number(NetlinkMessage.Newer.groMaxSize)
    }

    /// In `ip`'s order; NO-CARRIER and M-DOWN (the link below is down) are its own.
    private func flagWords(lowerIsDown: Bool) -> [String] {
        var words: [String] = []
        if isUp && !has(IFF_RUNNING) { words.append("NO-CARRIER") }
        words += interfaceFlagWords.filter { has($0.flag) }.map(\.word)
        if lowerIsDown { words.append("M-DOWN") }
        return words
    }

    private var operationalState: String {
        let number = Int(attributes[IFLA_OPERSTATE]?.uint8 ?? 0)
        return OperationalState(ordinal: number)?.rawValue ?? String(number)
    }

    private var linkMode: String {
        (attributes[IFLA_LINKMODE]?.uint8.flatMap { LinkMode(ordinal: Int($0)) } ?? .standard).rawValue
    }

    var group: LinkGroup { LinkGroup(attributes[IFLA_GROUP]?.uint32 ?? 0) }

    /// A tunnel's address is the IP address of its end.
    private func hardwareAddress(_ attribute: Attribute) -> String {
        switch CInt(hardwareType) {
        case ARPHRD_TUNNEL, ARPHRD_SIT, ARPHRD_IPGRE, ARPHRD_TUNNEL6, ARPHRD_IP6GRE:
            IPAddress(bytes: attribute.payload)?.description ?? linkLayerText(attribute.payload)
        default:
            linkLayerText(attribute.payload)
        }
    }

    private var alternativeNames: [String]? {
        attributes[IFLA_PROP_LIST]?.nested.filter { $0.type == UInt16(IFLA_ALT_IFNAME) }
            .map { escapedKernelName($0.stringBytes) }
    }

    private var addressGenerationMode: String? {
        let family = attributes[IFLA_AF_SPEC]?.nested[Int(AF_INET6)]?.nested
        return family?[IFLA_INET6_ADDR_GEN_MODE]?.uint8
            .map { AddressGeneration(ordinal: Int($0))?.rawValue ?? String($0) }
    }
}

/// The names of links by index, and whether each is up.
struct LinkNames {
    private var entries: [Int32: (name: String, isUp: Bool)] = [:]

    mutating func add(_ link: RawLink) {
        entries[link.index] = (link.name, link.isUp)
    }

    mutating func addUnlessKnown(_ link: Link) {
        if !knows(link.ifindex) { entries[link.ifindex] = (link.ifname, link.isUp) }
    }

    mutating func remove(_ index: Int32) {
        entries[index] = nil
    }

    func knows(_ index: Int32) -> Bool { entries[index] != nil }
    func knownName(_ index: Int32) -> String? { entries[index]?.name }
    func name(_ index: Int32) -> String { knownName(index) ?? "if\(index)" }
    func isUp(_ index: Int32) -> Bool { entries[index]?.isUp ?? true }
}

extension LinkInfo {
    init(_ info: Attributes) {
        let kind = info[IFLA_INFO_KIND]?.string
        self.init(kind: kind)
        if let kind = kind.flatMap(LinkKind.init) {
            let attributes = info[IFLA_INFO_DATA]?.nested ?? Attributes([])
            data = LinkOptions(kind, attributes)
            switch kind {
            case .bridge: bridgeState = BridgeState(attributes)
            case .vxlan: vxlanState = VXLANState(attributes)
            case .macvlan: macvlanState = MacvlanState(attributes)
            default: break
            }
        }
        slaveKind = info[IFLA_INFO_SLAVE_KIND]?.string
        if slaveKind == LinkKind.bridge.rawValue {
            slaveData = (info[IFLA_INFO_SLAVE_DATA]?.nested).map { BridgePortOptions($0) }
            slaveState = (info[IFLA_INFO_SLAVE_DATA]?.nested).map { BridgePortState($0) }
        }
    }
}

extension LinkOptions {
    /// nil where what identifies a link of this kind is missing.
    init?(_ kind: LinkKind, _ data: Attributes) {
        switch kind {
        case .veth: self = .veth
        case .dummy: self = .dummy
        case .ifb: self = .ifb
        case .bridge: self = .bridge(BridgeOptions(data))
        case .macvlan: self = .macvlan(MacvlanOptions(data))
        case .ipvlan: self = .ipvlan(IPVlanOptions(data))
        case .gre: self = .gre(TunnelOptions(gre: data, over: .inet))
        case .gretap: self = .gretap(TunnelOptions(gre: data, over: .inet))
        case .ip6gre: self = .ip6gre(TunnelOptions(gre: data, over: .inet6))
        case .ip6gretap: self = .ip6gretap(TunnelOptions(gre: data, over: .inet6))
        case .ipip: self = .ipip(TunnelOptions(ipTunnel: data, over: .inet))
        case .sit: self = .sit(TunnelOptions(ipTunnel: data, over: .inet))
        case .ip6tnl: self = .ip6tnl(TunnelOptions(ipTunnel: data, over: .inet6))
        case .bond: self = .bond(BondOptions(data))
        case .vlan:
            guard let options = VLANOptions(data) else { return nil }
            self = .vlan(options)
        case .vxlan:
            guard let options = VXLANOptions(data) else { return nil }
            self = .vxlan(options)
        case .geneve:
            guard let options = GeneveOptions(data) else { return nil }
            self = .geneve(options)
        case .vrf:
            guard let table = data[IFLA_VRF_TABLE]?.uint32 else { return nil }
            self = .vrf(VRFOptions(table: Word(table)))
        }
    }
}

extension LinkStatistics {
    /// `struct rtnl_link_stats64`.
    init(_ attribute: Attribute) {
        let all = attribute.structure(zero: rtnl_link_stats64())
        self.init(
            rx: Received(
                bytes: all.rx_bytes, packets: all.rx_packets, errors: all.rx_errors, dropped: all.rx_dropped,
                overErrors: all.rx_over_errors, multicast: all.multicast),
            tx: Sent(
                bytes: all.tx_bytes, packets: all.tx_packets, errors: all.tx_errors, dropped: all.tx_dropped,
                carrierErrors: all.tx_carrier_errors, collisions: all.collisions))
        (rx.lengthErrors, rx.crcErrors) = (all.rx_length_errors, all.rx_crc_errors)
        (rx.frameErrors, rx.fifoErrors, rx.missedErrors) = (
            all.rx_frame_errors, all.rx_fifo_errors, all.rx_missed_errors
        )
        (tx.abortedErrors, tx.fifoErrors) = (all.tx_aborted_errors, all.tx_fifo_errors)
        (tx.windowErrors, tx.heartbeatErrors) = (all.tx_window_errors, all.tx_heartbeat_errors)
    }
}
