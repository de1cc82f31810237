// The verbs of `ip link` (ip-link(8)).

import CMnl
import Glibc
public import IPRoute
import SystemPackage

extension NetlinkSocket {
    // MARK: Finding

    /// The link of that name, or with that second name; nil where there is none.
    public func link(named name: InterfaceName, statistics: Bool = false) throws(NetlinkError) -> Link? {
        try link(.getLink(named: name.text, statistics: statistics))
    }

    /// The link of that number; nil where there is none.
    public func link(at index: Int32, statistics: Bool = false) throws(NetlinkError) -> Link? {
        try link(.getLink(at: index, statistics: statistics))
    }

    /// The number of the link of that name; ENODEV where there is none.
    public func index(of name: InterfaceName) throws(NetlinkError) -> Int32 {
        let message = NetlinkMessage.getLink(named: name.text, statistics: false)
        guard let link = try request(message).compactMap(RawLink.init).first else {
            throw NetlinkError(.operationNotSupportedByDevice, "\(message.type)", name.text)
        }
        return link.index
    }

    /// The links of the namespace, by number. ENODEV where the filter names a master that is not there.
    public func links(matching filter: LinkFilter = LinkFilter()) throws(NetlinkError) -> [Link] {
        let statistics = filter.statistics ?? false
        let master: Int32? = if let name = filter.master { try index(of: name) } else { nil }
        var found: [RawLink]
        if let name = filter.dev {
            found = try rawLinks(request(.getLink(named: name.text, statistics: statistics)))
        } else {
            found = try rawLinks(dump(.listLinks(kind: filter.kind, master: master, statistics: statistics)))
        }
        var names = LinkNames()
        for link in found { names.add(link) }
        // The kernel ignores a filter by a kind that it does not have.
        if let kind = filter.kind { found.removeAll { $0.kind != kind.rawValue } }
        if let master { found.removeAll { $0.master != master } }
        if let up = filter.up { found.removeAll { $0.isUp != up } }
        try complete(&names, for: found)
        return found.map { $0.link(names) }.sorted { $0.ifindex < $1.ifindex }
    }

    private func link(_ message: NetlinkMessage) throws(NetlinkError) -> Link? {
        do {
            guard let link = try rawLinks(request(message)).first else { return nil }
            var names = LinkNames()
            try complete(&names, for: [link])
            return link.link(names)
        } catch  where error.errno == .operationNotSupportedByDevice {  // ENODEV
            return nil
        }
    }

    private func rawLinks(_ replies: [NetlinkReply]) -> [RawLink] { replies.compactMap(RawLink.init) }

    /// Asks for the links that `links` refer to and `names` lacks. One that went away meanwhile stays a number.
    private func complete(_ names: inout LinkNames, for links: [RawLink]) throws(NetlinkError) {
        let missing = Set(links.flatMap(\.references)).filter { !names.knows($0) }
        let answers = try transact(missing.map { .getLink(at: $0, statistics: false) })
        for case .success(let replies) in answers {
            for link in rawLinks(replies) { names.add(link) }
        }
    }

    // MARK: Making and deleting

    /// Makes a link and gives it as it then is. With a veth comes its peer, in the namespace `peer` names.
    ///
    /// EEXIST where a name is taken. Where the kernel has no such kind, `isUnsupported` of the error says so. An alias
    /// cannot go with the request: where it fails, the link is deleted again.
    public func addLink(_ spec: LinkSpec, peer: VethPeer? = nil) throws(NetlinkError) -> Link {
        let spec = spec.findable
        let lower: Int32? = if let name = spec.link { try index(of: name) } else { nil }
        let master: Int32? = if let name = spec.master { try index(of: name) } else { nil }
        let replies = try request(.addLink(spec, lower: lower, master: master, peer: peer))
        let made: Int32
        if let echoed = rawLinks(replies).first { made = echoed.index } else { made = try indexOfMade(spec) }
        if let alias = spec.alias {
            var change = LinkChange()
            change.alias = alias
            do {
                try changeLink(made, change)
            } catch {
                try? deleteLink(made)
                throw error
            }
        }
        guard let link = try link(at: made) else {
            throw NetlinkError(
                .operationNotSupportedByDevice, "RTM_NEWLINK", spec.ifname?.text ?? spec.kind.rawValue,
                kernelMessage: "it was made and is gone again")
        }
        return link
    }

    /// Which link came of `spec` on a kernel that does not echo (before Linux 6.2).
    func indexOfMade(_ spec: LinkSpec) throws(NetlinkError) -> Int32 {
        if let name = spec.ifname { return try index(of: name) }
        let all = try rawLinks(dump(.listLinks(kind: spec.kind, master: nil, statistics: false)))
        let address = spec.address?.bytes
        guard let made = all.last(where: { $0.attributes[IFLA_ADDRESS]?.bytes == address }) else {
            throw NetlinkError(
                .notSupported, "RTM_NEWLINK", spec.kind.rawValue,
                kernelMessage: "it was made, but this kernel does not say under which name: give it one")
        }
        return made.index
    }

    /// Deletes a link, and its peer where it is a veth. EOPNOTSUPP for one that cannot go, `lo` among them.
    public func deleteLink(_ index: Int32) throws(NetlinkError) {
        var body = ifinfomsg()
        body.ifi_index = index
        try request(NetlinkMessage(.deleteLink, body: body, subject: "index \(index)"))
    }

    // MARK: Changing

    /// Changes a link. The steps are taken in order (second names to be removed, everything one request can say, bridge
    /// port options, second names to be added); the first that fails ends it, and what came before it stays.
    public func changeLink(_ index: Int32, _ change: LinkChange) throws(NetlinkError) {
        let subject = change.name?.text ?? "index \(index)"
        var master: Int32? = if let name = change.master { try self.index(of: name) } else { nil }
        if change.nomaster == true { master = 0 }
        if let names = change.removeAltnames, !names.isEmpty {
            try request(.alternativeNames(.deleteLinkProperty, [], index, names, subject: subject))
        }
        if let message = NetlinkMessage.changeLink(index, change, master: master, subject: subject) {
            try request(message)
        }
        if let options = change.bridgePort {
            try request(.changeBridgePort(index, options, subject: subject))
        }
        if let names = change.addAltnames, !names.isEmpty {
            let flags: MessageFlags = [.create, .exclusive, .append]
            try request(.alternativeNames(.newLinkProperty, flags, index, names, subject: subject))
        }
    }

    /// Moves a link to the namespace that `fd` is open on, under another name if one is given. It arrives down and
    /// without addresses. EEXIST where that namespace has the name; EINVAL for a link that is bound to its namespace.
    public func moveLink(_ index: Int32, to fd: CInt, name: InterfaceName? = nil) throws(NetlinkError) {
        try request(.moveLink(index, to: fd, name: name, subject: name?.text ?? "index \(index)"))
    }
}

extension LinkSpec {
    /// A spec whose link can be found again on a kernel that does not echo: without a name, by an address of our own
    /// choosing. The kernel would choose one at random too (eth_hw_addr_random(), linux/etherdevice.h).
    var findable: LinkSpec {
        guard ifname == nil, address == nil else { return self }
        switch kind {
        case .veth, .bridge, .dummy, .vxlan, .macvlan, .ifb, .gretap, .ip6gretap, .geneve, .bond:
            var copy = self
            var bytes = (0..<6).map { _ in UInt8.random(in: 0...255) }
            bytes[0] = bytes[0] & 0xfc | 0x02  // locally administered, not a group
            copy.address = MACAddress(bytes: bytes)
            return copy
        case .vlan, .ipvlan, .vrf, .gre, .ip6gre, .ipip, .sit, .ip6tnl:
            return self
        }
    }
}
