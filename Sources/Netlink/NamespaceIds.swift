// Namespace ids (nsid): the numbers by which one network namespace names another in its netlink messages
// (linux/net_namespace.h, ip-netns(8) set). An id is local to the namespace that assigned it.

import CMnl
import Glibc
import SystemPackage

extension NetlinkSocket {
    /// Has this namespace call the one that `fd` is open on `nsid`. EEXIST where it has an id, or the id is taken.
    public func assignNamespaceId(_ nsid: Int32, to fd: CInt) throws(NetlinkError) {
        var message = NetlinkMessage(.newNamespaceId, body: rtgenmsg(), subject: "nsid \(nsid)")
        message.attribute(NETNSA_NSID, nsid)
        message.attribute(NETNSA_FD, UInt32(bitPattern: fd))
        try request(message)
    }

    /// What this namespace calls the one that `fd` is open on; nil where it has no id for it.
    public func namespaceId(of fd: CInt) throws(NetlinkError) -> Int32? {
        var message = NetlinkMessage(.getNamespaceId, body: rtgenmsg(), subject: "fd \(fd)")
        message.attribute(NETNSA_FD, UInt32(bitPattern: fd))
        // NETNSA_NSID_NOT_ASSIGNED is -1.
        return try request(message).compactMap(NetlinkReply.namespaceId).first { $0 >= 0 }
    }

    /// Every id this namespace has given.
    public func namespaceIds() throws(NetlinkError) -> [Int32] {
        try dump(NetlinkMessage(.getNamespaceId, body: rtgenmsg())).compactMap(NetlinkReply.namespaceId)
    }

    /// The ids that another namespace has given, and what this one calls the same: by the other's id, ours. The other
    /// is named by our id for it. What we have no id for is left out.
    public func namespaceIds(givenBy target: Int32) throws(NetlinkError) -> [Int32: Int32] {
        var message = NetlinkMessage(.getNamespaceId, body: rtgenmsg(), subject: "nsid \(target)")
        message.attribute(NETNSA_TARGET_NSID, target)
        var ids: [Int32: Int32] = [:]
        for reply in try dump(message) {
            guard let attributes = reply.body(rtgenmsg())?.1, let theirs = attributes[NETNSA_NSID]?.int32,
                let ours = attributes[NETNSA_CURRENT_NSID]?.int32, ours >= 0
            else { continue }
            ids[theirs] = ours
        }
        return ids
    }
}

extension NetlinkReply {
    /// The NETNSA_NSID of an RTM_NEWNSID or RTM_DELNSID.
    static func namespaceId(_ reply: NetlinkReply) -> Int32? {
        reply.body(rtgenmsg())?.1[NETNSA_NSID]?.int32
    }
}
