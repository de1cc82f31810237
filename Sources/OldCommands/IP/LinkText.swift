// A link as `ip link` and `ip addr` show it (iproute2's ip/ipaddress.c).

import NetnsClient

/// Which of the two shows it: `ip addr` leaves out some and adds addresses.
/// `.change` is a monitor's.
enum LinkView { case link, address, change }

extension Printer {
    /// A link, up to the line's end, which is the caller's. A bridge says little of a port of its own.
    func link(
        _ listed: ListedLink, _ view: LinkView, _ family: Family?, isBare: Bool = false, isPort: Bool = false
    ) {
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
        if isWhole && !isPort { string("group", link.group, "group ") }
        if view != .change, let length = link.txqlen { number("txqlen", length, "qlen ", "") }
        if let event = link.event { string("event", event, "event ") }
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
        } else if link.isUnbound {
            json("link", raw: "null")
        } else if let index = link.linkIndex {
            json("link_index", raw: String(index))
        }
    }

    private func nameText(_ link: Link) -> String {
        if let below = link.link { return "\(link.ifname)@\(below)" }
        if link.isUnbound { return "\(link.ifname)@NONE" }
        return link.linkIndex.map { "\(link.ifname)@if\($0)" } ?? link.ifname
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

extension Link {
    /// It could be built on another, and is not.
    fileprivate var isUnbound: Bool { linkIndex == 0 && linkNetnsid == nil }
}
