// How IP is set up on a link, as the kernel tells of it (linux/netconf.h).

import CMnl
import IPRoute

extension NetlinkReply {
    /// What an RTM_NEWNETCONF or RTM_DELNETCONF is about; nil where it is of another family.
    func netconf(deviceName: (Int32) -> String?) -> Netconf? {
        guard let (body, attributes) = body(netconfmsg()), let family = Family(number: body.ncm_family),
            let index = attributes[NETCONFA_IFINDEX]?.int32
        else { return nil }
        var netconf = Netconf(family, interface: interface(index, deviceName))
        func flag(_ type: Int) -> Bool? { attributes[type]?.int32.map { $0 != 0 } }
        netconf.forwarding = flag(NETCONFA_FORWARDING)
        netconf.rpFilter = attributes[NETCONFA_RP_FILTER]?.int32.flatMap { .init(ordinal: Int($0)) }
        netconf.mcForwarding = flag(NETCONFA_MC_FORWARDING)
        netconf.proxyNeigh = flag(NETCONFA_PROXY_NEIGH)
        netconf.ignoreRoutesWithLinkdown = flag(NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN)
        return netconf
    }

    private func interface(_ index: Int32, _ deviceName: (Int32) -> String?) -> String {
        switch index {
        case NETCONFA_IFINDEX_ALL: "all"
        case NETCONFA_IFINDEX_DEFAULT: "default"
        default: deviceName(index) ?? "if\(index)"
        }
    }
}
