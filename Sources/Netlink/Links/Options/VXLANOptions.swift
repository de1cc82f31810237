// Ethernet over UDP: VXLAN and Geneve (IFLA_VXLAN_*, IFLA_GENEVE_*; drivers/net/vxlan, drivers/net/geneve.c).

import CMnl
import IPRoute
import SystemPackage

extension NetlinkMessage {
    mutating func vxlan(_ options: VXLANOptions, lower: Int32?) {
        attribute(IFLA_VXLAN_ID, UInt32(options.id.value))
        if let lower { attribute(IFLA_VXLAN_LINK, UInt32(bitPattern: lower)) }
        if options.group != nil && options.remote != nil { refuse(.invalidArgument, "group excludes remote") }
        if let remote = options.group ?? options.remote {
            attribute(remote.family == .inet ? IFLA_VXLAN_GROUP : IFLA_VXLAN_GROUP6, bytes: remote.bytes)
        }
        if let local = options.local {
            attribute(local.family == .inet ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6, bytes: local.bytes)
        }
        if let port = options.port { attribute(IFLA_VXLAN_PORT, bigEndian: UInt16(port.value)) }
        if let ttl = options.ttl { attribute(IFLA_VXLAN_TTL, UInt8(ttl.value)) }
        if let tos = options.tos { attribute(IFLA_VXLAN_TOS, UInt8(tos.value)) }
        if let seconds = options.ageing { attribute(IFLA_VXLAN_AGEING, seconds.bits) }
        toggle(IFLA_VXLAN_LEARNING, options.learning)
        toggle(IFLA_VXLAN_PROXY, options.proxy)
        toggle(IFLA_VXLAN_RSC, options.rsc)
        toggle(IFLA_VXLAN_L2MISS, options.l2miss)
        toggle(IFLA_VXLAN_L3MISS, options.l3miss)
        toggle(IFLA_VXLAN_UDP_CSUM, options.udpChecksum)
    }

    mutating func geneve(_ options: GeneveOptions) {
        attribute(IFLA_GENEVE_ID, UInt32(options.id.value))
        let type = options.remote.family == .inet ? IFLA_GENEVE_REMOTE : IFLA_GENEVE_REMOTE6
        attribute(type, bytes: options.remote.bytes)
        if let port = options.port { attribute(IFLA_GENEVE_PORT, bigEndian: UInt16(port.value)) }
        if let ttl = options.ttl { attribute(IFLA_GENEVE_TTL, UInt8(ttl.value)) }
        if let tos = options.tos { attribute(IFLA_GENEVE_TOS, UInt8(tos.value)) }
    }
}

extension VXLANOptions {
    init?(_ data: Attributes) {
        guard let id = data[IFLA_VXLAN_ID]?.uint32.flatMap({ VNI(Int($0)) }) else { return nil }
        self.init(id: id)
        if let address = data[IFLA_VXLAN_GROUP]?.address ?? data[IFLA_VXLAN_GROUP6]?.address {
            if address.isMulticast { group = address } else { remote = address }
        }
        local = data[IFLA_VXLAN_LOCAL]?.address ?? data[IFLA_VXLAN_LOCAL6]?.address
        port = data[IFLA_VXLAN_PORT]?.uint16BigEndian.flatMap { Port(Int($0)) }
        ttl = data[IFLA_VXLAN_TTL]?.octet
        tos = data[IFLA_VXLAN_TOS]?.octetUnlessZero
        ageing = data[IFLA_VXLAN_AGEING]?.uint32.map(Word.init)
        learning = data[IFLA_VXLAN_LEARNING]?.isOn
        udpChecksum = data[IFLA_VXLAN_UDP_CSUM]?.isOn
        // `ip` shows these only where they are on.
        proxy = data[IFLA_VXLAN_PROXY]?.isOn.trueOrNil
        rsc = data[IFLA_VXLAN_RSC]?.isOn.trueOrNil
        l2miss = data[IFLA_VXLAN_L2MISS]?.isOn.trueOrNil
        l3miss = data[IFLA_VXLAN_L3MISS]?.isOn.trueOrNil
    }
}

extension GeneveOptions {
    /// nil for one that takes its ends from elsewhere (IFLA_GENEVE_COLLECT_METADATA).
    init?(_ data: Attributes) {
        guard let id = data[IFLA_GENEVE_ID]?.uint32.flatMap({ VNI(Int($0)) }),
            let remote = data[IFLA_GENEVE_REMOTE]?.address ?? data[IFLA_GENEVE_REMOTE6]?.address
        else { return nil }
        self.init(id: id, remote: remote)
        port = data[IFLA_GENEVE_PORT]?.uint16BigEndian.flatMap { Port(Int($0)) }
        ttl = data[IFLA_GENEVE_TTL]?.octet
        tos = data[IFLA_GENEVE_TOS]?.octetUnlessZero
    }
}

extension Attribute {
    /// An IPv4 or IPv6 address; nil for the unspecified one, which says that there is none.
    var address: IPAddress? {
        IPAddress(bytes: payload).flatMap { $0.isUnspecified ? nil : $0 }
    }

    var octet: Octet? { uint8.flatMap { Octet(Int($0)) } }
    var octetUnlessZero: Octet? { octet.flatMap { $0.value == 0 ? nil : $0 } }
}

extension Bool? {
    fileprivate var trueOrNil: Bool? { self == true ? true : nil }
}
