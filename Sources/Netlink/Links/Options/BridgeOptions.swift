// A bridge's options and those of its ports (IFLA_BR_*, IFLA_BRPORT_*; net/bridge/br_netlink.c).

import CMnl
import IPRoute

extension NetlinkMessage {
    mutating func bridge(_ options: BridgeOptions) {
        if let time = options.forwardDelay { attribute(IFLA_BR_FORWARD_DELAY, time.bits) }
        if let time = options.helloTime { attribute(IFLA_BR_HELLO_TIME, time.bits) }
        if let time = options.maxAge { attribute(IFLA_BR_MAX_AGE, time.bits) }
        if let time = options.ageingTime { attribute(IFLA_BR_AGEING_TIME, time.bits) }
        if let isOn = options.stpState?.isOn { attribute(IFLA_BR_STP_STATE, UInt32(isOn ? 1 : 0)) }
        if let priority = options.priority { attribute(IFLA_BR_PRIORITY, priority.value, as: UInt16.self) }
        toggle(IFLA_BR_VLAN_FILTERING, options.vlanFiltering?.isOn)
        if let id = options.vlanDefaultPvid { attribute(IFLA_BR_VLAN_DEFAULT_PVID, id.value, as: UInt16.self) }
        toggle(IFLA_BR_VLAN_STATS_ENABLED, options.vlanStatsEnabled?.isOn)
        toggle(IFLA_BR_MCAST_SNOOPING, options.mcastSnooping?.isOn)
        toggle(IFLA_BR_MCAST_QUERIER, options.mcastQuerier?.isOn)
        if let mask = options.groupForwardMask { attribute(IFLA_BR_GROUP_FWD_MASK, mask.value, as: UInt16.self) }
        if let address = options.groupAddress { attribute(IFLA_BR_GROUP_ADDR, bytes: address.bytes) }
        bridgeSwitches(options)
        bridgeMulticast(options)
    }

    /// IFLA_BR_MULTI_BOOLOPT: struct br_boolopt_multi, values and which of them are meant.
    private mutating func bridgeSwitches(_ options: BridgeOptions) {
        var switches = br_boolopt_multi()
        for (bit, toggle) in [(0, options.noLinkLocalLearn), (1, options.mcastVlanSnooping)] {
            guard let toggle else { continue }
            switches.optmask |= 1 << UInt32(bit)
            if toggle.isOn { switches.optval |= 1 << UInt32(bit) }
        }
        if switches.optmask != 0 { attribute(IFLA_BR_MULTI_BOOLOPT, structure: switches) }
    }

    private mutating func bridgeMulticast(_ options: BridgeOptions) {
        for (type, path) in BridgeOptions.toggles { toggle(type, options[keyPath: path]?.isOn) }
        for (type, path) in BridgeOptions.octets {
            if let octet = options[keyPath: path] { attribute(type, UInt8(octet.value)) }
        }
        for (type, path) in BridgeOptions.counts {
            if let count = options[keyPath: path] { attribute(type, count.bits) }
        }
        if let most = options.mcastHashMax { attribute(IFLA_BR_MCAST_HASH_MAX, UInt32(most.value)) }
        for (type, path) in BridgeOptions.intervals {
            if let time = options[keyPath: path] { attribute(type, UInt64(time.value)) }
        }
    }

    mutating func bridgePort(_ options: BridgePortOptions) {
        if let state = options.state { attribute(IFLA_BRPORT_STATE, UInt8(state.ordinal)) }
        if let priority = options.priority { attribute(IFLA_BRPORT_PRIORITY, UInt16(priority.value)) }
        if let cost = options.cost { attribute(IFLA_BRPORT_COST, cost.bits) }
        toggle(IFLA_BRPORT_MODE, options.hairpin)
        toggle(IFLA_BRPORT_GUARD, options.guardBPDU)
        toggle(IFLA_BRPORT_PROTECT, options.rootBlock)
        toggle(IFLA_BRPORT_FAST_LEAVE, options.fastLeave)
        toggle(IFLA_BRPORT_LEARNING, options.learning)
        toggle(IFLA_BRPORT_UNICAST_FLOOD, options.flood)
        toggle(IFLA_BRPORT_MCAST_FLOOD, options.mcastFlood)
        toggle(IFLA_BRPORT_BCAST_FLOOD, options.bcastFlood)
        toggle(IFLA_BRPORT_PROXYARP, options.proxyARP)
        toggle(IFLA_BRPORT_NEIGH_SUPPRESS, options.neighbourSuppress)
        toggle(IFLA_BRPORT_ISOLATED, options.isolated)
        toggle(Newer.portLocked, options.locked)
        toggle(IFLA_BRPORT_PROXYARP_WIFI, options.proxyARPWifi)
        toggle(IFLA_BRPORT_MCAST_TO_UCAST, options.mcastToUnicast)
        toggle(IFLA_BRPORT_VLAN_TUNNEL, options.vlanTunnel)
        if let router = options.multicastRouter { attribute(IFLA_BRPORT_MULTICAST_ROUTER, UInt8(router.value)) }
        if let mask = options.groupForwardMask { attribute(IFLA_BRPORT_GROUP_FWD_MASK, mask.value, as: UInt16.self) }
    }

    /// A byte that is 0 or 1; nothing where it is not said.
    mutating func toggle(_ type: some AttributeType, _ isOn: Bool?) {
        if let isOn { attribute(type, UInt8(isOn ? 1 : 0)) }
    }
}

extension BridgeOptions {
    init(_ data: Attributes) {
        self.init()
        forwardDelay = data[IFLA_BR_FORWARD_DELAY]?.uint32.map(Word.init)
        helloTime = data[IFLA_BR_HELLO_TIME]?.uint32.map(Word.init)
        maxAge = data[IFLA_BR_MAX_AGE]?.uint32.map(Word.init)
        ageingTime = data[IFLA_BR_AGEING_TIME]?.uint32.map(Word.init)
        // 2 is STP in user space (BR_USER_STP).
        stpState = data[IFLA_BR_STP_STATE]?.uint32.map { Toggle($0 != 0) }
        priority = data[IFLA_BR_PRIORITY]?.uint16.flatMap { Halfword(Int($0)) }
        vlanFiltering = data[IFLA_BR_VLAN_FILTERING]?.isOn.map { Toggle($0) }
        vlanDefaultPvid = data[IFLA_BR_VLAN_DEFAULT_PVID]?.uint16.flatMap { PortVLAN(Int($0)) }
        vlanStatsEnabled = data[IFLA_BR_VLAN_STATS_ENABLED]?.isOn.map { Toggle($0) }
        mcastSnooping = data[IFLA_BR_MCAST_SNOOPING]?.isOn.map { Toggle($0) }
        mcastQuerier = data[IFLA_BR_MCAST_QUERIER]?.isOn.map { Toggle($0) }
        groupForwardMask = data[IFLA_BR_GROUP_FWD_MASK]?.uint16.flatMap { Halfword(Int($0)) }
        groupAddress = (data[IFLA_BR_GROUP_ADDR]?.bytes).flatMap { LinkLayerAddress(bytes: $0) }
        noLinkLocalLearn = data[IFLA_BR_MULTI_BOOLOPT]?.uint32.map { Toggle($0 & 1 != 0) }
        mcastVlanSnooping = data[IFLA_BR_MULTI_BOOLOPT]?.uint32.map { Toggle($0 & 2 != 0) }
        for (type, path) in Self.toggles { self[keyPath: path] = data[type]?.isOn.map { Toggle($0) } }
        for (type, path) in Self.octets { self[keyPath: path] = data[type]?.uint8.flatMap { Octet(Int($0)) } }
        for (type, path) in Self.counts { self[keyPath: path] = data[type]?.uint32.map { Word($0) } }
        mcastHashMax = data[IFLA_BR_MCAST_HASH_MAX]?.uint32.flatMap { GroupCount(Int($0)) }
        for (type, path) in Self.intervals {
            self[keyPath: path] = data[type]?.uint64.flatMap { Word(Int(clamping: $0)) }
        }
    }

    // What is about multicast, and about netfilter, by the kernel's number for it.
    fileprivate static var toggles: [(Int, WritableKeyPath<BridgeOptions, Toggle?>)] {
        [
            (IFLA_BR_MCAST_QUERY_USE_IFADDR, \.mcastQueryUseIfaddr), (IFLA_BR_MCAST_STATS_ENABLED, \.mcastStatsEnabled),
            (IFLA_BR_NF_CALL_IPTABLES, \.nfCallIptables), (IFLA_BR_NF_CALL_IP6TABLES, \.nfCallIp6tables),
            (IFLA_BR_NF_CALL_ARPTABLES, \.nfCallArptables),
        ]
    }
    fileprivate static var octets: [(Int, WritableKeyPath<BridgeOptions, Octet?>)] {
        [
            (IFLA_BR_MCAST_ROUTER, \.mcastRouter), (IFLA_BR_MCAST_IGMP_VERSION, \.mcastIgmpVersion),
            (IFLA_BR_MCAST_MLD_VERSION, \.mcastMldVersion),
        ]
    }
    fileprivate static var counts: [(Int, WritableKeyPath<BridgeOptions, Word?>)] {
        [
            (IFLA_BR_MCAST_HASH_ELASTICITY, \.mcastHashElasticity),
            (IFLA_BR_MCAST_LAST_MEMBER_CNT, \.mcastLastMemberCount),
            (IFLA_BR_MCAST_STARTUP_QUERY_CNT, \.mcastStartupQueryCount),
        ]
    }
    fileprivate static var intervals: [(Int, WritableKeyPath<BridgeOptions, Word?>)] {
        [
            (IFLA_BR_MCAST_LAST_MEMBER_INTVL, \.mcastLastMemberInterval),
            (IFLA_BR_MCAST_MEMBERSHIP_INTVL, \.mcastMembershipInterval),
            (IFLA_BR_MCAST_QUERIER_INTVL, \.mcastQuerierInterval),
            (IFLA_BR_MCAST_QUERY_INTVL, \.mcastQueryInterval),
            (IFLA_BR_MCAST_QUERY_RESPONSE_INTVL, \.mcastQueryResponseInterval),
            (IFLA_BR_MCAST_STARTUP_QUERY_INTVL, \.mcastStartupQueryInterval),
        ]
    }
}

extension BridgePortOptions {
    init(_ data: Attributes) {
        self.init()
        state = data[IFLA_BRPORT_STATE]?.uint8.flatMap { State(ordinal: Int($0)) }
        priority = data[IFLA_BRPORT_PRIORITY]?.uint16.flatMap { PortPriority(Int($0)) }
        cost = data[IFLA_BRPORT_COST]?.uint32.map(Word.init)
        hairpin = data[IFLA_BRPORT_MODE]?.isOn
        guardBPDU = data[IFLA_BRPORT_GUARD]?.isOn
        rootBlock = data[IFLA_BRPORT_PROTECT]?.isOn
        fastLeave = data[IFLA_BRPORT_FAST_LEAVE]?.isOn
        learning = data[IFLA_BRPORT_LEARNING]?.isOn
        flood = data[IFLA_BRPORT_UNICAST_FLOOD]?.isOn
        mcastFlood = data[IFLA_BRPORT_MCAST_FLOOD]?.isOn
        bcastFlood = data[IFLA_BRPORT_BCAST_FLOOD]?.isOn
        proxyARP = data[IFLA_BRPORT_PROXYARP]?.isOn
        neighbourSuppress = data[IFLA_BRPORT_NEIGH_SUPPRESS]?.isOn
        isolated = data[IFLA_BRPORT_ISOLATED]?.isOn
        locked = data[NetlinkMessage.Newer.portLocked]?.isOn
        proxyARPWifi = data[IFLA_BRPORT_PROXYARP_WIFI]?.isOn
        multicastRouter = data[IFLA_BRPORT_MULTICAST_ROUTER]?.uint8.flatMap { Octet(Int($0)) }
        mcastToUnicast = data[IFLA_BRPORT_MCAST_TO_UCAST]?.isOn
        groupForwardMask = data[IFLA_BRPORT_GROUP_FWD_MASK]?.uint16.flatMap { Halfword(Int($0)) }
        vlanTunnel = data[IFLA_BRPORT_VLAN_TUNNEL]?.isOn
    }
}

extension Attribute {
    /// A byte as a flag.
    var isOn: Bool? { uint8.map { $0 != 0 } }
}

extension CaseIterable where Self: Equatable {
    /// The kernel's number for a word of an enumeration listed in the kernel's order.
    var ordinal: Int {
        Self.allCases.enumerated().first { $0.element == self }!.offset
    }

    init?(ordinal: Int) {
        guard let found = Self.allCases.enumerated().first(where: { $0.offset == ordinal }) else { return nil }
        self = found.element
    }
}
