// Addresses as `ip address` shows them.

import NetnsClient

extension Printer {
    /// An address that was not chosen is nil: in JSON iproute2 leaves `{}` in its place.
    func linkWithAddresses(
        _ listed: ListedLink, _ addresses: [AddressInfo?], _ selection: AddressSelection, withLink: Bool
    ) {
        openObject()
        if style.brief {
            briefLink(listed.link, .address)
        } else if isJSON || (!style.oneline && withLink) {
            link(listed, .address, selection.agents.family, isBare: selection.isBareView)
            text("\n")
        }
        openArray("addr_info")
        for address in addresses {
            openObject()
            if let address {
                style.brief
                    ? briefAddress(address)
                    : self.address(
                        address, index: listed.link.ifindex, name: listed.link.ifname, isNamed: style.oneline)
            }
            closeObject()
        }
        closeArray()
        if style.brief {
            text("\n")
        } else if let statistics = listed.link.stats64, isJSON || !style.oneline {
            linkStatistics(statistics)
            text("\n")
        }
        closeObject()
    }

    private func briefAddress(_ address: AddressInfo) {
        string("local", "\(address.local)", "", "", address.family.colour)
        peerAndLength(address)
        if let metric = address.metric { number("metric", metric.value, "metric ") }
    }

    /// `/24 `, or ` peer 10.0.0.2/32 `.
    private func peerAndLength(_ address: AddressInfo) {
        if let peer = address.peer { string("address", "\(peer)", " peer ", "", address.family.colour) }
        number("prefixlen", address.prefixlen, "/")
    }

    /// With its line's end; `isNamed` where no link stands before it.
    func address(_ address: AddressInfo, index: Int32, name: String?, isNamed: Bool) {
        if isNamed { text("\(index): \(name ?? "if\(index)")") }
        string("family", address.family.rawValue, "    ")
        string("local", "\(address.local)", "", "", address.family.colour)
        peerAndLength(address)
        if let metric = address.metric { number("metric", metric.value, "metric ") }
        if let broadcast = address.broadcast { string("broadcast", "\(broadcast)", "brd ", " ", address.family.colour) }
        string("scope", "\(address.scope)", "scope ")
        let flags = [
            ("secondary", address.secondary), ("nodad", address.nodad), ("dadfailed", address.dadfailed),
            ("deprecated", address.deprecated), ("tentative", address.tentative), ("dynamic", address.dynamic),
            ("noprefixroute", address.noprefixroute),
        ]
        for (word, isSet) in flags where isSet == true { flag(word, word + " ") }
        if let label = address.label { string("label", label, "", "") }
        text(lineBreak + "       ")
        lifetime("valid_life_time", "valid_lft ", address.validLifetime, " ")
        lifetime("preferred_life_time", "preferred_lft ", address.preferredLifetime, "")
        text("\n")
    }

    private func lifetime(_ key: String, _ words: String, _ seconds: Word, _ after: String) {
        if isJSON { return json(key, raw: "\(seconds)") }
        text(words + (seconds == .forever ? "forever" : "\(seconds)sec") + after)
    }
}

extension Family {
    var colour: Colour { self == .inet ? .inet : .inet6 }
}
