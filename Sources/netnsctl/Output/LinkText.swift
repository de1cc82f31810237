// Links and addresses as text.

import NetnsClient

extension Link {
    /// UP, DOWN, or NO-CARRIER where it is up and its other end is not (operstates.rst of the kernel).
    var state: Text {
        if !isUp { return Text("DOWN", .down) }
        if flags.contains("NO-CARRIER") { return Text("NO-CARRIER", .down) }
        // Kinds without a carrier, loopback among them, never say.
        return operstate == "UNKNOWN" || operstate == "UP" ? Text("UP", .up) : Text(operstate)
    }

    var kind: Text { Text(linkinfo?.kind ?? (linkType == "ether" ? "" : linkType)) }

    /// Its Ethernet address; loopback's says nothing.
    var macText: Text { linkType == "loopback" ? Text() : Text(address ?? "", .linkAddress) }
}

extension ListedLink {
    /// What it hangs on: its other end, its master, the link below.
    var relations: Text {
        var parts: [Text] = []
        if let peer {
            parts.append(Text("peer ") + Text(peer, .name))
        } else if let lower = link.link {
            parts.append(Text(link.linkinfo?.kind == "veth" ? "peer " : "on ") + Text(lower, .name))
        }
        if let master = link.master { parts.append(Text("master ") + Text(master, .name)) }
        return parts.joined(by: " ")
    }
}

extension Family {
    var style: Style { self == .inet ? .inet : .inet6 }
}

extension IPAddress {
    var text: Text { Text(description, family.style) }
}

extension AddressInfo {
    var text: Text {
        if let peer { return local.text + Text(" peer ") + Text("\(peer)/\(prefixlen)", family.style) }
        return Text("\(local)/\(prefixlen)", family.style)
    }

    /// The flags and lifetimes that are not what they are for most.
    var remarks: Text {
        var words: [String] = []
        let flags: [(Bool?, String)] = [
            (tentative, "tentative"), (dadfailed, "dadfailed"), (deprecated, "deprecated"), (dynamic, "dynamic"),
            (secondary, "secondary"), (nodad, "nodad"), (noprefixroute, "noprefixroute"),
        ]
        for case (true?, let word) in flags { words.append(word) }
        if let broadcast { words.append("brd \(broadcast)") }
        if validLifetime != .forever { words.append("valid_lft \(validLifetime)s") }
        if preferredLifetime != .forever { words.append("preferred_lft \(preferredLifetime)s") }
        return Text(words.joined(separator: " "))
    }
}

extension InNamespace {
    /// The namespace; `-` is the host.
    var netnsText: Text { Text(netns?.description ?? "-") }

    /// `server/eth0`; on the host, `eth0`.
    func place(_ link: String) -> String { (netns.map { "\($0)/" } ?? "") + link }
}
