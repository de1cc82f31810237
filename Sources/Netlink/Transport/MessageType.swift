// The types and flags in a netlink header (netlink(7), linux/netlink.h, linux/rtnetlink.h).

import CMnl

/// `nlmsg_type`.
struct MessageType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    let rawValue: UInt16

    init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    private init(_ value: Int) {
        rawValue = UInt16(value)
    }

    // linux/netlink.h
    static let noOperation = Self(Int(NLMSG_NOOP))
    static let error = Self(Int(NLMSG_ERROR))
    static let done = Self(Int(NLMSG_DONE))
    static let overrun = Self(Int(NLMSG_OVERRUN))

    // linux/rtnetlink.h
    static let newLink = Self(RTM_NEWLINK)
    static let deleteLink = Self(RTM_DELLINK)
    static let getLink = Self(RTM_GETLINK)
    static let setLink = Self(RTM_SETLINK)
    static let newAddress = Self(RTM_NEWADDR)
    static let deleteAddress = Self(RTM_DELADDR)
    static let getAddress = Self(RTM_GETADDR)
    static let newRoute = Self(RTM_NEWROUTE)
    static let deleteRoute = Self(RTM_DELROUTE)
    static let getRoute = Self(RTM_GETROUTE)
    static let newNeighbour = Self(RTM_NEWNEIGH)
    static let deleteNeighbour = Self(RTM_DELNEIGH)
    static let getNeighbour = Self(RTM_GETNEIGH)
    static let newRule = Self(RTM_NEWRULE)
    static let deleteRule = Self(RTM_DELRULE)
    static let getRule = Self(RTM_GETRULE)
    static let newNexthop = Self(RTM_NEWNEXTHOP)
    static let deleteNexthop = Self(RTM_DELNEXTHOP)
    static let getNexthop = Self(RTM_GETNEXTHOP)
    static let newNetconf = Self(RTM_NEWNETCONF)
    static let deleteNetconf = Self(RTM_DELNETCONF)
    static let newNamespaceId = Self(RTM_NEWNSID)
    static let deleteNamespaceId = Self(RTM_DELNSID)
    static let getNamespaceId = Self(RTM_GETNSID)
    static let newLinkProperty = Self(RTM_NEWLINKPROP)
    static let deleteLinkProperty = Self(RTM_DELLINKPROP)

    private static let names: [Self: String] = [
        .noOperation: "NLMSG_NOOP", .error: "NLMSG_ERROR", .done: "NLMSG_DONE", .overrun: "NLMSG_OVERRUN",
        .newLink: "RTM_NEWLINK", .deleteLink: "RTM_DELLINK", .getLink: "RTM_GETLINK", .setLink: "RTM_SETLINK",
        .newAddress: "RTM_NEWADDR", .deleteAddress: "RTM_DELADDR", .getAddress: "RTM_GETADDR",
        .newRoute: "RTM_NEWROUTE", .deleteRoute: "RTM_DELROUTE", .getRoute: "RTM_GETROUTE",
        .newNeighbour: "RTM_NEWNEIGH", .deleteNeighbour: "RTM_DELNEIGH", .getNeighbour: "RTM_GETNEIGH",
        .newRule: "RTM_NEWRULE", .deleteRule: "RTM_DELRULE", .getRule: "RTM_GETRULE",
        .newNexthop: "RTM_NEWNEXTHOP", .deleteNexthop: "RTM_DELNEXTHOP", .getNexthop: "RTM_GETNEXTHOP",
        .newNetconf: "RTM_NEWNETCONF", .deleteNetconf: "RTM_DELNETCONF",
        .newNamespaceId: "RTM_NEWNSID", .deleteNamespaceId: "RTM_DELNSID", .getNamespaceId: "RTM_GETNSID",
        .newLinkProperty: "RTM_NEWLINKPROP", .deleteLinkProperty: "RTM_DELLINKPROP",
    ]

    /// The name in the header file, which people search for.
    var description: String { Self.names[self] ?? "netlink message \(rawValue)" }
}

/// `nlmsg_flags`. Some bits mean one thing in a GET, another in a NEW and a third in a reply.
struct MessageFlags: OptionSet, Hashable, Sendable {
    let rawValue: UInt16

    init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    private init(_ value: CInt) {
        rawValue = UInt16(value)
    }

    static let request = Self(NLM_F_REQUEST)
    static let acknowledge = Self(NLM_F_ACK)
    /// In a reply to a dump: what is listed changed meanwhile, the list may be wrong.
    static let dumpInterrupted = Self(NLM_F_DUMP_INTR)

    // GET
    static let dump = Self(NLM_F_ROOT | NLM_F_MATCH)

    // NEW
    static let replace = Self(NLM_F_REPLACE)
    static let exclusive = Self(NLM_F_EXCL)
    static let create = Self(NLM_F_CREATE)
    static let append = Self(NLM_F_APPEND)

    // NLMSG_ERROR
    /// The request is not quoted beyond its header (NETLINK_CAP_ACK).
    static let capped = Self(NLM_F_CAPPED)
    /// Attributes follow (NETLINK_EXT_ACK).
    static let acknowledgeAttributes = Self(NLM_F_ACK_TLVS)
}
