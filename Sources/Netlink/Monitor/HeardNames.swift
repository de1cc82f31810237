// What links are called, as far as a monitor has heard. A notice about an address or a route has a link's number only,
// and the monitor cannot ask: it hears of namespaces that it has no socket in.

import IPRoute

/// The names of links, by namespace (nil is the monitor's own).
struct HeardNames {
    private var namespaces: [Int32?: LinkNames] = [:]

    /// What `replies` say, in their order, each with the names as they were when it was sent.
    mutating func notifications(in replies: [NetlinkReply], of namespaceId: Int32?) -> [Notification] {
        replies.compactMap { reply in
            if reply.type == .newLink, let link = RawLink(reply), !link.isOfBridge {
                namespaces[namespaceId, default: LinkNames()].add(link)
            }
            let notification = Notification(reply, namespaces[namespaceId] ?? LinkNames())
            switch notification {
            case .link(.deleted, let link): namespaces[namespaceId]?.remove(link.ifindex)
            case .namespaceId(.deleted, let id) where namespaceId == nil:
                namespaces[id] = nil  // the next of that id is another
            default: break
            }
            return notification
        }
    }

    /// Takes in what a list said. What was heard since is newer.
    mutating func learn(_ links: [Link], of namespaceId: Int32?) {
        for link in links { namespaces[namespaceId, default: LinkNames()].addUnlessKnown(link) }
    }
}
