// IP in IP and GRE (IFLA_IPTUN_*, IFLA_GRE_*, linux/if_tunnel.h; net/ipv4/ip_gre.c, net/ipv6/ip6_tunnel.c).
//
// What `ip` fills in for tunnels over IPv6 is filled in here too, because the kernel's zeros make a tunnel that carries
// nothing far: a hop limit of 64 and an encapsulation limit of 4 (RFC 2473).

import CMnl
import IPRoute
import SystemPackage

private let greKey: UInt16 = 0x2000  // GRE_KEY, a macro that computes
private let defaultHopLimit: UInt8 = 64  // RFC 1700's, iproute2's DEFAULT_TNL_HOP_LIMIT
private let defaultEncapsulationLimit: UInt8 = 4  // IPV6_DEFAULT_TNL_ENCAP_LIMIT, linux/ip6_tunnel.h

extension NetlinkMessage {
    mutating func gre(_ options: TunnelOptions, over family: Family, lower: Int32?) {
        ends(options, family, local: IFLA_GRE_LOCAL, remote: IFLA_GRE_REMOTE)
        if let lower { attribute(IFLA_GRE_LINK, UInt32(bitPattern: lower)) }
        if let key = options.inputKey {
            attribute(IFLA_GRE_IFLAGS, bigEndian: greKey)
            attribute(IFLA_GRE_IKEY, bigEndian: key.value)
        }
        if let key = options.outputKey {
            attribute(IFLA_GRE_OFLAGS, bigEndian: greKey)
            attribute(IFLA_GRE_OKEY, bigEndian: key.value)
        }
        outerHeader(
            options, family, ttl: IFLA_GRE_TTL, tos: IFLA_GRE_TOS, pathMTUDiscovery: IFLA_GRE_PMTUDISC,
            encapsulationLimit: IFLA_GRE_ENCAP_LIMIT, flowInformation: IFLA_GRE_FLOWINFO)
    }

    mutating func ipTunnel(_ options: TunnelOptions, over family: Family, lower: Int32?) {
        ends(options, family, local: IFLA_IPTUN_LOCAL, remote: IFLA_IPTUN_REMOTE)
        if let lower { attribute(IFLA_IPTUN_LINK, UInt32(bitPattern: lower)) }
        if options.inputKey != nil || options.outputKey != nil { refuse(.invalidArgument, "only GRE has keys") }
        outerHeader(
            options, family, ttl: IFLA_IPTUN_TTL, tos: IFLA_IPTUN_TOS, pathMTUDiscovery: IFLA_IPTUN_PMTUDISC,
            encapsulationLimit: IFLA_IPTUN_ENCAP_LIMIT, flowInformation: IFLA_IPTUN_FLOWINFO)
    }

    private mutating func ends(_ options: TunnelOptions, _ family: Family, local: Int, remote: Int) {
        for (type, address) in [(local, options.local), (remote, options.remote)] {
            guard let address else { continue }
            guard address.family == family else {
                refuse(.invalidArgument, "\(address) is not of the tunnel's family, \(family.rawValue)")
                return
            }
            attribute(type, bytes: address.bytes)
        }
    }

    private mutating func outerHeader(
        _ options: TunnelOptions, _ family: Family, ttl: Int, tos: Int, pathMTUDiscovery: Int, encapsulationLimit: Int,
        flowInformation: Int
    ) {
        switch family {
        case .inet:
            if let value = options.ttl { attribute(ttl, UInt8(value.value)) }
            if let value = options.tos { attribute(tos, UInt8(value.value)) }
            toggle(pathMTUDiscovery, options.pathMTUDiscovery)
        case .inet6:
            attribute(ttl, options.ttl.map { UInt8($0.value) } ?? defaultHopLimit)
            attribute(encapsulationLimit, defaultEncapsulationLimit)
            // The traffic class is in bits 20 to 27 of the header's first word (RFC 8200).
            if let value = options.tos { attribute(flowInformation, bigEndian: UInt32(value.value) << 20) }
            if options.pathMTUDiscovery == false { refuse(.invalidArgument, "IPv6 always discovers the path MTU") }
        }
    }
}

extension TunnelOptions {
    init(gre data: Attributes, over family: Family) {
        self.init()
        local = data[IFLA_GRE_LOCAL]?.address
        remote = data[IFLA_GRE_REMOTE]?.address
        if let flags = data[IFLA_GRE_IFLAGS]?.uint16BigEndian, flags & greKey != 0 {
            inputKey = data[IFLA_GRE_IKEY]?.uint32BigEndian.map(TunnelKey.init)
        }
        if let flags = data[IFLA_GRE_OFLAGS]?.uint16BigEndian, flags & greKey != 0 {
            outputKey = data[IFLA_GRE_OKEY]?.uint32BigEndian.map(TunnelKey.init)
        }
        ttl = data[IFLA_GRE_TTL]?.octet
        readOuterHeader(
            family, tos: data[IFLA_GRE_TOS], flowInformation: data[IFLA_GRE_FLOWINFO],
            pathMTUDiscovery: data[IFLA_GRE_PMTUDISC])
    }

    init(ipTunnel data: Attributes, over family: Family) {
        self.init()
        local = data[IFLA_IPTUN_LOCAL]?.address
        remote = data[IFLA_IPTUN_REMOTE]?.address
        ttl = data[IFLA_IPTUN_TTL]?.octet
        readOuterHeader(
            family, tos: data[IFLA_IPTUN_TOS], flowInformation: data[IFLA_IPTUN_FLOWINFO],
            pathMTUDiscovery: data[IFLA_IPTUN_PMTUDISC])
    }

    private mutating func readOuterHeader(
        _ family: Family, tos: Attribute?, flowInformation: Attribute?, pathMTUDiscovery: Attribute?
    ) {
        switch family {
        case .inet:
            self.tos = tos?.octetUnlessZero
            self.pathMTUDiscovery = pathMTUDiscovery?.isOn
        case .inet6:
            let trafficClass = flowInformation?.uint32BigEndian.map { Int($0 >> 20 & 0xff) }
            self.tos = trafficClass == 0 ? nil : trafficClass.flatMap(Octet.init)
        }
    }
}
