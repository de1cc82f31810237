// A bond's options (IFLA_BOND_*; drivers/net/bonding/bond_netlink.c). Its words are listed in the kernel's order.

import CMnl
import IPRoute

extension NetlinkMessage {
    mutating func bond(_ options: BondOptions) {
        if let mode = options.mode { attribute(IFLA_BOND_MODE, UInt8(mode.ordinal)) }
        if let time = options.miimon { attribute(IFLA_BOND_MIIMON, time.bits) }
        if let time = options.updelay { attribute(IFLA_BOND_UPDELAY, time.bits) }
        if let time = options.downdelay { attribute(IFLA_BOND_DOWNDELAY, time.bits) }
        if let policy = options.xmitHashPolicy { attribute(IFLA_BOND_XMIT_HASH_POLICY, UInt8(policy.ordinal)) }
        if let count = options.minLinks { attribute(IFLA_BOND_MIN_LINKS, count.bits) }
        if let rate = options.lacpRate { attribute(IFLA_BOND_AD_LACP_RATE, UInt8(rate.ordinal)) }
    }
}

extension BondOptions {
    init(_ data: Attributes) {
        self.init()
        mode = data[IFLA_BOND_MODE]?.uint8.flatMap { Mode(ordinal: Int($0)) }
        miimon = data[IFLA_BOND_MIIMON]?.uint32.map(Word.init)
        updelay = data[IFLA_BOND_UPDELAY]?.uint32.map(Word.init)
        downdelay = data[IFLA_BOND_DOWNDELAY]?.uint32.map(Word.init)
        xmitHashPolicy = data[IFLA_BOND_XMIT_HASH_POLICY]?.uint8.flatMap { HashPolicy(ordinal: Int($0)) }
        minLinks = data[IFLA_BOND_MIN_LINKS]?.uint32.map(Word.init)
        lacpRate = data[IFLA_BOND_AD_LACP_RATE]?.uint8.flatMap { LACPRate(ordinal: Int($0)) }
    }
}
