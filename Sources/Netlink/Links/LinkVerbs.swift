// The verbs of `ip link` (ip-link(8)).

import CMnl
import Glibc
public import IPRoute
import SystemPackage

extension NetlinkSocket {
    // MARK: Finding

    /// The link of that name, or with that second name; nil where there is none.
    public func link(named name: InterfaceName, statistics: Bool = false) throws(NetlinkError) -> Link? {
        try link(.getLink(named: name.text, statistics: statistics), statistics)
    }

    /// The link of that number; nil where there is none.
    public func link(at index: Int32, statistics: Bool = false) throws(NetlinkError) -> Link? {
        try link(.getLink(at: index, statistics: statistics), statistics)
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
        if let group = filter.group { found.removeAll { $0.group != group } }
        try complete(&names, for: found)
        return found.map { $0.link(names, statistics: statistics, brief: filter.brief ?? false) }.sorted {
            $0.ifindex < $1.ifindex
        }
    }

    private func link(_ message: NetlinkMessage, _ statistics: Bool) throws(NetlinkError) -> Link? {
        do {
            guard let link = try rawLinks(request(message)).first else { return nil }
            var names = LinkNames()
            try complete(&names, for: [link])
            return link.link(names, statistics: statistics)
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
        let lower: Int32? = if let name = spec.link { try index(of: name) } else { nil }
        let master: Int32? = if let name = spec.master { try index(of: name) } else { nil }
        var spec = spec
        if spec.ifname != nil {
            try request(.addLink(spec, lower: lower, master: master, peer: peer))
        } else if spec.kind == .veth {
            // The kernel numbers both ends and does not say how: an address of our own choosing finds ours. It would
            // choose one at random too (eth_hw_addr_random(), linux/etherdevice.h).
            spec.address = spec.address ?? .random()
            try request(.addLink(spec, lower: lower, master: master, peer: peer))
        } else {
            spec.ifname = try addUnderFreeName(spec, lower: lower, master: master)
        }
        return try made(spec)
    }

    /// Names a link by its kind and the first free number, as the kernel does, which would not say what it took.
    private func addUnderFreeName(_ spec: LinkSpec, lower: Int32?, master: Int32?) throws(NetlinkError) -> InterfaceName
    {
        var spec = spec
        var number = 0
        while true {
            guard let name = InterfaceName("\(spec.kind.rawValue)\(number)") else {
                throw NetlinkError(.fileExists, "RTM_NEWLINK", spec.kind.rawValue, kernelMessage: "no number is free")
            }
            spec.ifname = name
            do {
                try request(.addLink(spec, lower: lower, master: master, peer: nil))
                return name
            } catch  where error.errno == .fileExists {
                // A second VXLAN of one id is EEXIST too: that the name is taken has to be seen.
                guard try link(named: name) != nil else { throw error }
                number += 1
            }
        }
    }

    /// The link that came of `spec`, by its name or its address, with its alias set.
    private func made(_ spec: LinkSpec) throws(NetlinkError) -> Link {
        var found: Link?
        if let name = spec.ifname {
            found = try link(named: name)
        } else {
            let address = spec.address?.description
            var filter = LinkFilter()
            filter.kind = spec.kind
            found = try links(matching: filter).last { $0.address == address }
        }
        guard let link = found else {
            throw NetlinkError(
                .operationNotSupportedByDevice, "RTM_NEWLINK", spec.ifname?.text ?? spec.kind.rawValue,
                kernelMessage: "it was made and is gone again")
        }
        guard let alias = spec.alias else { return link }
        var change = LinkChange()
        change.alias = alias
        do {
            try changeLink(link.ifindex, change)
            return try self.link(at: link.ifindex) ?? link
        } catch {
            try? deleteLink(link.ifindex)
            throw error
        }
    }

    /// Deletes a link, and its peer where it is a veth. EOPNOTSUPP for one that cannot go, `lo` among them.
    public func deleteLink(_ index: Int32) throws(NetlinkError) {
        var body = ifinfomsg()
        body.ifi_index = index
        try request(NetlinkMessage(.deleteLink, body: body, subject: "index \(index)"))
    }

    /// Deletes all links of a group, which is not the standard one; none is no error.
    public func deleteLinks(in group: LinkGroup) throws(NetlinkError) {
        var message = NetlinkMessage(.deleteLink, body: ifinfomsg(), subject: "group \(group)")
        message.attribute(IFLA_GROUP, group.number)
        do {
            try request(message)
        } catch  where error.errno == .operationNotSupportedByDevice {}  // ENODEV
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

extension MACAddress {
    /// One that is locally administered and no group's.
    static func random() -> MACAddress {
        var bytes = (0..<6).map { _ in UInt8.random(in: 0...255) }
        bytes[0] = bytes[0] & 0xfc | 0x02
        return MACAddress(bytes: bytes)!
    }
}
