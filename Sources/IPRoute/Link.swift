// Links as they are made, changed, asked for and shown (ip-link(8)).

/// A link to be made.
public struct LinkSpec: Hashable, Sendable {
    /// Without it the kernel takes the first free of `veth0`, `veth1`, …, or of the kind's own word.
    public var ifname: InterfaceName?
    public var options: LinkOptions
    /// The link below: of a vlan, macvlan, ipvlan always; of a vxlan or tunnel if it is to be bound to one.
    public var link: InterfaceName?
    public var up: Bool?
    public var mtu: MTU?
    public var address: MACAddress?
    public var master: InterfaceName?
    public var txqlen: Word?
    public var alias: LinkAlias?
    public var group: LinkGroup?
    /// The number it is to have; without it the kernel's choice.
    public var index: LinkIndex?

    public var kind: LinkKind { options.kind }

    public init(_ options: LinkOptions, ifname: InterfaceName? = nil) {
        self.options = options
        self.ifname = ifname
    }
}

extension LinkSpec: Codable {
    private enum CodingKeys: String, CodingKey {
        case ifname, kind, options, link, up, mtu, address, master, txqlen, alias, group, index = "ifindex"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let kind = try container.decode(LinkKind.self, forKey: .kind)
        if container.contains(.options), try !container.decodeNil(forKey: .options) {
            options = try LinkOptions(kind, from: container.superDecoder(forKey: .options))
        } else if let defaults = LinkOptions(defaultsOf: kind) {
            options = defaults
        } else {
            throw DecodingError.dataCorruptedError(
                forKey: .kind, in: container, debugDescription: "\(kind.rawValue) needs its options")
        }
        ifname = try container.decodeIfPresent(InterfaceName.self, forKey: .ifname)
        link = try container.decodeIfPresent(InterfaceName.self, forKey: .link)
        up = try container.decodeIfPresent(Bool.self, forKey: .up)
        mtu = try container.decodeIfPresent(MTU.self, forKey: .mtu)
        address = try container.decodeIfPresent(MACAddress.self, forKey: .address)
        master = try container.decodeIfPresent(InterfaceName.self, forKey: .master)
        txqlen = try container.decodeIfPresent(Word.self, forKey: .txqlen)
        alias = try container.decodeIfPresent(LinkAlias.self, forKey: .alias)
        group = try container.decodeIfPresent(LinkGroup.self, forKey: .group)
        index = try container.decodeIfPresent(LinkIndex.self, forKey: .index)
        if case .vxlan(let vxlan) = options, vxlan.group != nil, vxlan.remote != nil {
            throw DecodingError.dataCorruptedError(
                forKey: .options, in: container, debugDescription: "group and remote exclude each other")
        }
        if kind.needsLower && link == nil {
            throw DecodingError.dataCorruptedError(
                forKey: .kind, in: container, debugDescription: "\(kind.rawValue) needs link, the one below it")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(ifname, forKey: .ifname)
        try container.encode(kind, forKey: .kind)
        try options.encodeOptions(to: container.superEncoder(forKey: .options))
        try container.encodeIfPresent(link, forKey: .link)
        try container.encodeIfPresent(up, forKey: .up)
        try container.encodeIfPresent(mtu, forKey: .mtu)
        try container.encodeIfPresent(address, forKey: .address)
        try container.encodeIfPresent(master, forKey: .master)
        try container.encodeIfPresent(txqlen, forKey: .txqlen)
        try container.encodeIfPresent(alias, forKey: .alias)
        try container.encodeIfPresent(group, forKey: .group)
        try container.encodeIfPresent(index, forKey: .index)
    }
}

/// What may be changed about a link; what is left out stays.
public struct LinkChange: Hashable, Sendable, Codable {
    public var name: InterfaceName?
    public var up: Bool?
    public var mtu: MTU?
    public var address: MACAddress?
    public var master: InterfaceName?
    /// Take it out of its bridge, bond or VRF; excludes `master`.
    public var nomaster: Bool?
    public var txqlen: Word?
    public var alias: LinkAlias?
    public var addAltnames: [AlternativeName]?
    public var removeAltnames: [AlternativeName]?
    public var multicast: Bool?
    public var allmulticast: Bool?
    public var arp: Bool?
    public var promisc: Bool?
    /// Its address may change when it goes down (IFF_DYNAMIC).
    public var dynamic: Bool?
    public var trailers: Bool?
    public var group: LinkGroup?
    /// How IPv6 makes its own addresses.
    public var addrgenmode: AddressGeneration?
    public var broadcast: LinkLayerAddress?
    /// What it waits for when it comes up.
    public var linkmode: LinkMode?
    /// What a program that drives it says of its state.
    public var operstate: OperationalState?
    public var carrier: Bool?
    /// Keep it without a carrier.
    public var protodown: Bool?
    /// Where it is a bridge.
    public var bridge: BridgeOptions?
    /// Where it is a bridge's port, or becomes one by `master`.
    public var bridgePort: BridgePortOptions?

    public init() {}
}

/// Which links to list; what is left out does not matter.
public struct LinkFilter: Hashable, Sendable, Codable {
    public var dev: InterfaceName?
    public var kind: LinkKind?
    public var master: InterfaceName?
    public var up: Bool?
    public var group: LinkGroup?
    /// Give `stats64` too.
    public var statistics: Bool?
    /// Leave out what only `ip -d` shows.
    public var brief: Bool?

    public init() {}
}

/// A link, under the keys of `ip -j -d link`.
public struct Link: Hashable, Sendable, Codable {
    public var ifindex: Int32
    public var ifname: String
    /// The link below, or a veth's other end, where it is in the same namespace.
    public var link: String?
    /// The same by number, where it is in another.
    public var linkIndex: Int32?
    /// Which other namespace: this namespace's id for it (ip-netns(8)).
    public var linkNetnsid: Int32?
    /// IFF_* without the prefix, in iproute2's order.
    public var flags: [String]
    public var mtu: Int
    public var qdisc: String?
    public var master: String?
    public var operstate: String
    public var linkmode: String
    public var group: String
    public var txqlen: Int?
    public var linkType: String
    public var address: String?
    public var broadcast: String?
    public var alias: String?
    public var altnames: [String]?
    public var promiscuity: Int?
    public var allmulti: Int?
    public var minMTU: Int?
    public var maxMTU: Int?
    public var linkinfo: LinkInfo?
    public var inet6AddressGenerationMode: String?
    public var numTxQueues: Int?
    public var numRxQueues: Int?
    public var gsoMaxSize: Int?
    public var gsoMaxSegs: Int?
    public var tsoMaxSize: Int?
    public var tsoMaxSegs: Int?
    public var groMaxSize: Int?
    public var stats64: LinkStatistics?
    /// In a notice of a change: what happened, `FEATURE CHANGE`.
    public var event: String?

    public init(
        ifindex: Int32, ifname: String, flags: [String], mtu: Int, operstate: String, linkmode: String, group: String,
        linkType: String
    ) {
        self.ifindex = ifindex
        self.ifname = ifname
        self.flags = flags
        self.mtu = mtu
        self.operstate = operstate
        self.linkmode = linkmode
        self.group = group
        self.linkType = linkType
    }

    public var isUp: Bool { flags.contains("UP") }

    enum CodingKeys: String, CodingKey {
        case ifindex, link, linkIndex = "link_index", ifname, flags, mtu, qdisc, master, operstate, linkmode, group
        case txqlen, linkType = "link_type", address, broadcast, linkNetnsid = "link_netnsid", alias = "ifalias"
        case promiscuity, allmulti, minMTU = "min_mtu", maxMTU = "max_mtu", linkinfo
        case inet6AddressGenerationMode = "inet6_addr_gen_mode", numTxQueues = "num_tx_queues"
        case numRxQueues = "num_rx_queues", gsoMaxSize = "gso_max_size", gsoMaxSegs = "gso_max_segs"
        case tsoMaxSize = "tso_max_size", tsoMaxSegs = "tso_max_segs", groMaxSize = "gro_max_size", altnames, stats64
        case event
    }
}

/// A link's kind and options, and its options as part of its master.
public struct LinkInfo: Hashable, Sendable, Codable {
    /// The kernel's word; there are more kinds than can be made here.
    public var kind: String?
    public var data: LinkOptions?
    public var slaveKind: String?
    public var slaveData: BridgePortOptions?
    /// What it says of itself beside `data`: under the same key, where it is of this kind.
    public var bridgeState: BridgeState?
    public var vxlanState: VXLANState?
    public var macvlanState: MacvlanState?
    /// The same of a bridge's port, beside `slaveData`.
    public var slaveState: BridgePortState?

    public init(kind: String? = nil, data: LinkOptions? = nil) {
        self.kind = kind
        self.data = data
    }

    private enum CodingKeys: String, CodingKey {
        case kind = "info_kind", data = "info_data", slaveKind = "info_slave_kind", slaveData = "info_slave_data"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        kind = try container.decodeIfPresent(String.self, forKey: .kind)
        let hasData = try container.contains(.data) && !container.decodeNil(forKey: .data)
        if hasData, let kind = kind.flatMap(LinkKind.init) {
            data = try LinkOptions(kind, from: container.superDecoder(forKey: .data))
            switch kind {
            case .bridge: bridgeState = try BridgeState(from: container.superDecoder(forKey: .data))
            case .vxlan: vxlanState = try VXLANState(from: container.superDecoder(forKey: .data))
            case .macvlan: macvlanState = try MacvlanState(from: container.superDecoder(forKey: .data))
            default: break
            }
        }
        slaveKind = try container.decodeIfPresent(String.self, forKey: .slaveKind)
        slaveData = try container.decodeIfPresent(BridgePortOptions.self, forKey: .slaveData)
        slaveState = try container.decodeIfPresent(BridgePortState.self, forKey: .slaveData)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(kind, forKey: .kind)
        switch data {
        case nil, .veth, .dummy, .ifb: break  // `ip` shows none for these
        case .some(let data):
            let encoder = container.superEncoder(forKey: .data)
            try data.encodeOptions(to: encoder)
            try bridgeState?.encode(to: encoder)
            try vxlanState?.encode(to: encoder)
            try macvlanState?.encode(to: encoder)
        }
        try container.encodeIfPresent(slaveKind, forKey: .slaveKind)
        guard slaveData != nil || slaveState != nil else { return }
        let encoder = container.superEncoder(forKey: .slaveData)
        try slaveData?.encode(to: encoder)
        try slaveState?.encode(to: encoder)
    }
}

/// Packets and bytes (IFLA_STATS64).
public struct LinkStatistics: Hashable, Sendable, Codable {
    public var rx: Received
    public var tx: Sent

    public init(rx: Received, tx: Sent) {
        self.rx = rx
        self.tx = tx
    }

    public struct Received: Hashable, Sendable, Codable {
        public var bytes, packets, errors, dropped, overErrors, multicast: UInt64
        /// Kinds of errors, as `ip -s -s` has them.
        public var lengthErrors, crcErrors, frameErrors, fifoErrors, missedErrors: UInt64?

        public init(
            bytes: UInt64, packets: UInt64, errors: UInt64, dropped: UInt64, overErrors: UInt64, multicast: UInt64
        ) {
            (self.bytes, self.packets, self.errors) = (bytes, packets, errors)
            (self.dropped, self.overErrors, self.multicast) = (dropped, overErrors, multicast)
        }

        private enum CodingKeys: String, CodingKey {
            case bytes, packets, errors, dropped, overErrors = "over_errors", multicast, lengthErrors = "length_errors"
            case crcErrors = "crc_errors", frameErrors = "frame_errors", fifoErrors = "fifo_errors"
            case missedErrors = "missed_errors"
        }
    }

    public struct Sent: Hashable, Sendable, Codable {
        public var bytes, packets, errors, dropped, carrierErrors, collisions: UInt64
        /// Kinds of errors, as `ip -s -s` has them, and how often the carrier came or went.
        public var abortedErrors, fifoErrors, windowErrors, heartbeatErrors, carrierChanges: UInt64?

        public init(
            bytes: UInt64, packets: UInt64, errors: UInt64, dropped: UInt64, carrierErrors: UInt64, collisions: UInt64
        ) {
            (self.bytes, self.packets, self.errors) = (bytes, packets, errors)
            (self.dropped, self.carrierErrors, self.collisions) = (dropped, carrierErrors, collisions)
        }

        private enum CodingKeys: String, CodingKey {
            case bytes, packets, errors, dropped, carrierErrors = "carrier_errors", collisions
            case abortedErrors = "aborted_errors", fifoErrors = "fifo_errors", windowErrors = "window_errors"
            case heartbeatErrors = "heartbeat_errors", carrierChanges = "carrier_changes"
        }
    }
}
