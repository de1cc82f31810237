// What a change is about. Each kind of message is decoded by the file that lists the same thing.

import Glibc
public import IPRoute

/// A change the kernel told of.
public enum Notification: Hashable, Sendable {
    /// A link was made, changed or taken away. Others it refers to are named by number, `if7`: the notice has no names.
    case link(Change, Link)
    /// This namespace got an id for another; or gave it up, at the latest when the other one ended.
    case namespaceId(Change, Int32)

    public enum Change: Hashable, Sendable {
        /// Made, or changed: the kernel has one message for both.
        case new
        case deleted
    }

    /// nil for messages that say nothing we know.
    init?(_ reply: NetlinkReply) {
        switch reply.type {
        case .newLink, .deleteLink:
            // AF_BRIDGE's are a bridge's words about its port: a fragment, and its RTM_DELLINK deletes no link.
            guard let link = RawLink(reply), link.family != UInt8(AF_BRIDGE) else { return nil }
            self = .link(reply.type == .newLink ? .new : .deleted, link.link(LinkNames()))
        case .newNamespaceId, .deleteNamespaceId:
            guard let nsid = NetlinkReply.namespaceId(reply) else { return nil }
            self = .namespaceId(reply.type == .newNamespaceId ? .new : .deleted, nsid)
        default:
            return nil
        }
    }
}
