// Links that divide another: VLANs, macvlans, ipvlans (IFLA_VLAN_*, IFLA_MACVLAN_*, IFLA_IPVLAN_*).

import CMnl
import IPRoute

extension NetlinkMessage {
    mutating func vlan(_ options: VLANOptions) {
        attribute(IFLA_VLAN_ID, UInt16(options.id.value))
        if let tag = options.networkProtocol { attribute(IFLA_VLAN_PROTOCOL, bigEndian: tag.etherType) }
    }

    mutating func macvlan(_ options: MacvlanOptions) {
        if let mode = options.mode { attribute(IFLA_MACVLAN_MODE, mode.number) }
    }

    mutating func ipvlan(_ options: IPVlanOptions) {
        if let mode = options.mode { attribute(IFLA_IPVLAN_MODE, UInt16(mode.ordinal)) }
        if let flag = options.flag { attribute(IFLA_IPVLAN_FLAGS, UInt16(flag.ordinal)) }
    }
}

extension VLANOptions {
    init?(_ data: Attributes) {
        guard let id = data[IFLA_VLAN_ID]?.uint16.flatMap({ VLANId(Int($0)) }) else { return nil }
        self.init(id: id)
        let type = data[IFLA_VLAN_PROTOCOL]?.uint16BigEndian
        networkProtocol = NetworkProtocol.allCases.first { $0.etherType == type }
    }
}

extension VLANOptions.NetworkProtocol {
    /// ETH_P_8021Q, ETH_P_8021AD (linux/if_ether.h).
    var etherType: UInt16 {
        switch self {
        case .dot1q: UInt16(ETH_P_8021Q)
        case .dot1ad: UInt16(ETH_P_8021AD)
        }
    }
}

extension MacvlanOptions {
    init(_ data: Attributes) {
        self.init()
        let number = data[IFLA_MACVLAN_MODE]?.uint32
        mode = Mode.allCases.first { $0.number == number }
    }
}

extension MacvlanOptions.Mode {
    /// `enum macvlan_mode`: one bit each (linux/if_link.h).
    var number: UInt32 {
        switch self {
        case .private: MACVLAN_MODE_PRIVATE.rawValue
        case .vepa: MACVLAN_MODE_VEPA.rawValue
        case .bridge: MACVLAN_MODE_BRIDGE.rawValue
        case .passthru: MACVLAN_MODE_PASSTHRU.rawValue
        case .source: MACVLAN_MODE_SOURCE.rawValue
        }
    }
}

extension IPVlanOptions {
    /// `enum ipvlan_mode` counts from 0; the flags are 0 for bridge, IPVLAN_F_PRIVATE 1, IPVLAN_F_VEPA 2.
    init(_ data: Attributes) {
        self.init()
        mode = data[IFLA_IPVLAN_MODE]?.uint16.flatMap { Mode(ordinal: Int($0)) }
        flag = data[IFLA_IPVLAN_FLAGS]?.uint16.flatMap { Flag(ordinal: Int($0)) }
    }
}
