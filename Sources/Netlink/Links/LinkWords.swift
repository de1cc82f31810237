// The words `ip` has for the kernel's numbers about links.

import CMnl
import Glibc

/// IFF_* (netdevice(7)) in the order iproute2 prints them. RUNNING is shown by its absence, as NO-CARRIER.
let interfaceFlagWords: [(flag: Int, word: String)] = [
    (IFF_LOOPBACK, "LOOPBACK"), (IFF_BROADCAST, "BROADCAST"),
    (IFF_POINTOPOINT, "POINTOPOINT"), (IFF_MULTICAST, "MULTICAST"), (IFF_NOARP, "NOARP"),
    (IFF_ALLMULTI, "ALLMULTI"), (IFF_PROMISC, "PROMISC"), (IFF_MASTER, "MASTER"),
    (IFF_SLAVE, "SLAVE"), (IFF_DEBUG, "DEBUG"), (IFF_DYNAMIC, "DYNAMIC"),
    (IFF_AUTOMEDIA, "AUTOMEDIA"), (IFF_PORTSEL, "PORTSEL"), (IFF_NOTRAILERS, "NOTRAILERS"),
    (IFF_UP, "UP"),
    // linux/if.h has three that net/if.h lacks.
    (1 << 16, "LOWER_UP"), (1 << 17, "DORMANT"), (1 << 18, "ECHO"),
]

/// ARPHRD_* (linux/if_arp.h) as iproute2's ll_types.c names them; `[number]` for the rest.
func hardwareTypeWord(_ type: UInt16) -> String {
    hardwareTypeWords[CInt(type)] ?? "[\(type)]"
}

private let hardwareTypeWords: [CInt: String] = [
    ARPHRD_NETROM: "netrom", ARPHRD_ETHER: "ether", ARPHRD_EETHER: "eether", ARPHRD_AX25: "ax25",
    ARPHRD_IEEE802: "ieee802", ARPHRD_ARCNET: "arcnet", ARPHRD_ATM: "atm", ARPHRD_IEEE1394: "ieee1394",
    ARPHRD_INFINIBAND: "infiniband", ARPHRD_SLIP: "slip", ARPHRD_CAN: "can", ARPHRD_X25: "x25", ARPHRD_PPP: "ppp",
    ARPHRD_HDLC: "hdlc", ARPHRD_LAPB: "lapb", ARPHRD_RAWIP: "rawip", ARPHRD_TUNNEL: "ipip",
    ARPHRD_TUNNEL6: "tunnel6", ARPHRD_LOOPBACK: "loopback", ARPHRD_FDDI: "fddi", ARPHRD_SIT: "sit",
    ARPHRD_IPGRE: "gre", ARPHRD_PIMREG: "pimreg", ARPHRD_IEEE80211: "ieee802.11",
    ARPHRD_IEEE80211_PRISM: "ieee802.11/prism", ARPHRD_IEEE80211_RADIOTAP: "ieee802.11/radiotap",
    ARPHRD_IEEE802154: "ieee802.15.4", ARPHRD_IEEE802154_MONITOR: "ieee802.15.4/monitor",
    ARPHRD_PHONET: "phonet", ARPHRD_PHONET_PIPE: "phonet_pipe", ARPHRD_CAIF: "caif", ARPHRD_IP6GRE: "gre6",
    ARPHRD_NETLINK: "netlink", ARPHRD_6LOWPAN: "6lowpan", ARPHRD_NONE: "none", ARPHRD_VOID: "void",
]
