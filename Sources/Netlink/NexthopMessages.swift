// Nexthop objects as requests, and as the kernel tells of them: struct nhmsg and its attributes (linux/nexthop.h).

import CMnl
import IPRoute
import SystemPackage

extension NetlinkMessage {
    /// RTM_NEWNEXTHOP. `flags` say whether it must be new.
    static func addNexthop(
        _ spec: NexthopSpec, _ flags: MessageFlags, index: DeviceIndex
    ) throws(NetlinkError) -> NetlinkMessage {
        var body = nhmsg()
        // A group is of no family.
        body.nh_family = spec.group == nil ? (spec.gateway?.family ?? spec.family ?? .inet).number : 0
        body.nh_protocol = spec.protocol?.number ?? 0
        if spec.onlink == true { body.nh_flags |= UInt32(RTNH_F_ONLINK) }
        var message = NetlinkMessage(.newNexthop, flags, body: body, subject: spec.id.map { "id \($0)" } ?? "")
        if let id = spec.id { message.attribute(NHA_ID, id.bits) }
        if let gateway = spec.gateway { message.attribute(NHA_GATEWAY, bytes: gateway.bytes) }
        if let dev = spec.dev { message.attribute(NHA_OIF, try index(dev)) }
        if spec.blackhole == true { message.flag(NHA_BLACKHOLE) }
        if spec.fdb == true { message.flag(NHA_FDB) }
        if let group = spec.group { message.attribute(NHA_GROUP, bytes: group.flatMap(\.bytes)) }
        return message
    }

    /// RTM_DELNEXTHOP.
    static func deleteNexthop(_ id: NexthopId) -> NetlinkMessage { nexthop(.deleteNexthop, id) }

    /// RTM_GETNEXTHOP for one.
    static func getNexthop(_ id: NexthopId) -> NetlinkMessage { nexthop(.getNexthop, id) }

    private static func nexthop(_ type: MessageType, _ id: NexthopId) -> NetlinkMessage {
        var message = NetlinkMessage(type, body: nhmsg(), subject: "id \(id)")
        message.attribute(NHA_ID, id.bits)
        return message
    }

    /// RTM_GETNEXTHOP for a dump; the kernel filters by what is given.
    static func listNexthops(
        family: Family? = nil, index: Int32? = nil, master: Int32? = nil, groups: Bool = false
    ) -> NetlinkMessage {
        var body = nhmsg()
        body.nh_family = family?.number ?? 0
        var message = NetlinkMessage(.getNexthop, body: body)
        if let index { message.attribute(NHA_OIF, index) }
        if let master { message.attribute(NHA_MASTER, master) }
        if groups { message.flag(NHA_GROUPS) }
        return message
    }
}

extension NexthopMember {
    /// struct nexthop_grp, whose weight is one less.
    fileprivate var bytes: [UInt8] {
        let member = nexthop_grp(
            id: id.bits, weight: UInt8((weight?.value ?? 1) - 1), resvd1: 0, resvd2: 0)
        return unsafe withUnsafeBytes(of: member) { unsafe [UInt8]($0) }
    }
}

extension NetlinkReply {
    /// What an RTM_NEWNEXTHOP or RTM_DELNEXTHOP is about; nil where it makes no sense.
    func nexthop(deviceName: (Int32) -> String?) -> Nexthop? {
        guard let (body, attributes) = body(nhmsg()),
            let id = attributes[NHA_ID]?.uint32.flatMap({ NexthopId(Int($0)) })
        else { return nil }
        var nexthop = Nexthop(
            id, scope: RouteScope(body.nh_scope), protocol: RouteProtocol(body.nh_protocol))
        nexthop.group = (attributes[NHA_GROUP]?.payload).map(members)
        nexthop.type = attributes[NHA_GROUP_TYPE]?.uint16.flatMap(groupType)
        nexthop.resilience = (attributes[NHA_RES_GROUP]?.nested).map(Nexthop.Resilience.init)
        if let family = Family(number: body.nh_family) { nexthop.gateway = attributes.ipAddress(NHA_GATEWAY, family) }
        nexthop.dev = attributes[NHA_OIF]?.int32.map { deviceName($0) ?? "if\($0)" }
        if attributes[NHA_BLACKHOLE] != nil { nexthop.blackhole = true }
        if attributes[NHA_FDB] != nil { nexthop.fdb = true }
        nexthop.flags = routeFlagNames(body.nh_flags)
        return nexthop
    }
}

/// The array in NHA_GROUP.
private func members(_ payload: ArraySlice<UInt8>) -> [NexthopMember] {
    let size = MemoryLayout<nexthop_grp>.size
    return stride(from: payload.startIndex, through: payload.endIndex - size, by: size).compactMap { start in
        let member = Attribute(type: 0, payload: payload[start..<start + size]).structure(zero: nexthop_grp())
        guard let id = NexthopId(Int(member.id)) else { return nil }
        return NexthopMember(id, weight: NexthopWeight(Int(member.weight) + 1))
    }
}

/// NEXTHOP_GRP_TYPE_*; nil for the usual one.
private func groupType(_ number: UInt16) -> String? {
    switch Int(number) {
    case NEXTHOP_GRP_TYPE_MPATH: nil
    case NEXTHOP_GRP_TYPE_RES: "resilient"
    default: "unknown"
    }
}

extension Nexthop.Resilience {
    /// Times come in hundredths of a second.
    fileprivate init(_ attributes: Attributes) {
        self.init(
            buckets: Int(attributes[NHA_RES_GROUP_BUCKETS]?.uint16 ?? 0),
            idleTimer: Double(attributes[NHA_RES_GROUP_IDLE_TIMER]?.uint32 ?? 0) / 100,
            unbalancedTimer: Double(attributes[NHA_RES_GROUP_UNBALANCED_TIMER]?.uint32 ?? 0) / 100,
            unbalancedTime: Double(attributes[NHA_RES_GROUP_UNBALANCED_TIME]?.uint64 ?? 0) / 100)
    }
}
