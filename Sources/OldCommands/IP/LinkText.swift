// A link as `ip link` and `ip addr` show it (iproute2's ip/ipaddress.c).

import NetnsClient

/// Which of the two shows it: `ip addr` leaves out some and adds addresses.
enum LinkView { case link, address }

extension Printer {
    /// A link, up to the line's end, which is the caller's.
    func link(_ listed: ListedLink, _ view: LinkView, _ family: Family?, isBare: Bool = false) {
        let link = listed.link
        number("ifindex", link.ifindex, "", ": ")
        linkName(link, after: ": ")
        linkFlags(link.flags)
        number("mtu", link.mtu, "mtu ")
        // In IPv6's view of links the kernel leaves these out.
        let isWhole = !isBare
        if isWhole, let qdisc = link.qdisc { string("qdisc", qdisc, "qdisc ") }
        if isWhole, let master = link.master { string("master", master, "master ") }
        string("operstate", link.operstate, "state ", " ", stateColour(link.operstate))
        if view == .link { string("linkmode", link.linkmode, "mode ") }
        if isWhole { string("group", link.group, "group ") }
        if let length = link.txqlen { number("txqlen", length, "qlen ", "") }
        if view == .link || family == nil || style.details > 0 { linkAddress(link) }
        if isWhole, let id = link.linkNetnsid {
            isJSON ? json("link_netnsid", raw: String(id)) : text(neighbourText(id, listed.linkNetns))
        }
        if style.details > 0 { linkDetails(link, view) }
        if let alias = link.alias, view == .link || style.details > 0 {
            string("ifalias", alias, lineBreak + "    alias ", "")
        }
        if view == .link, let statistics = link.stats64 {
            text(lineBreak)
            linkStatistics(statistics)
        }
        if isWhole, let names = link.altnames, !names.isEmpty {
            openArray("altnames")
            for name in names { isJSON ? json(nil, name) : text("\(lineBreak)    altname \(name)") }
            closeArray()
        }
    }

    /// `v1@v0`; in JSON what is below has a member of its own, which stands first.
    private func linkName(_ link: Link, after: String) {
        if isJSON {
            belowInJSON(link)
            return json("ifname", link.ifname)
        }
        coloured(nameText(link) + after, .interface)
    }

    private func belowInJSON(_ link: Link) {
        if let below = link.link {
            json("link", below)
        } else if let index = link.linkIndex {
            json("link_index", raw: String(index))
        } else if isUnboundTunnel(link) {
            json("link", raw: "null")
        }
    }

    private func nameText(_ link: Link) -> String {
        if let below = link.link { return "\(link.ifname)@\(below)" }
        if let index = link.linkIndex { return "\(link.ifname)@if\(index)" }
        return isUnboundTunnel(link) ? "\(link.ifname)@NONE" : link.ifname
    }

    /// These always say what is below them, if only that it is nothing.
    private func isUnboundTunnel(_ link: Link) -> Bool {
        link.link == nil && link.linkIndex == nil && ["ipip", "sit", "gre", "tunnel6", "gre6"].contains(link.linkType)
    }

    private func linkFlags(_ flags: [String]) {
        guard isJSON else { return text("<\(flags.joined(separator: ","))> ") }
        openArray("flags")
        for flag in flags { json(nil, flag) }
        closeArray()
    }

    private func stateColour(_ state: String) -> Colour? { state == "UP" ? .up : state == "DOWN" ? .down : nil }

    private func linkAddress(_ link: Link) {
        text(lineBreak)
        string("link_type", link.linkType, "    link/")
        if let address = link.address { string("address", address, "", "", .mac) }
        guard let broadcast = link.broadcast else { return }
        let isPointToPoint = link.flags.contains("POINTOPOINT")
        if isPointToPoint { json("link_pointtopoint", raw: "true") }
        text(isPointToPoint ? " peer " : " brd ")
        string("broadcast", broadcast, "", "", .mac)
    }

    private func neighbourText(_ id: Int32, _ name: NamespaceSelector?) -> String {
        if let name { return " link-netns \(name)" }
        return " link-netnsid \(id < 0 ? "unknown" : String(id))"
    }

    // MARK: Brief

    /// `ip -br`: a line, its end being the caller's.
    func briefLink(_ link: Link, _ view: LinkView) {
        if isJSON {
            belowInJSON(link)
            json("ifname", link.ifname)
        } else {
            coloured(nameText(link).padded(16) + " ", .interface)
        }
        isJSON
            ? json("operstate", link.operstate)
            : coloured(link.operstate.padded(14) + " ", stateColour(link.operstate))
        guard view == .link else { return }
        if let address = link.address { string("address", address, "", " ", .mac) }
        linkFlags(link.flags)
    }
}
