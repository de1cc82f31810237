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
