// Routes, rules and neighbours as text, in the words that make them.

import NetnsClient

extension Route {
    var text: Text {
        var text = Text()
        func add(_ word: String, _ value: Text) { text += Text(text.isEmpty ? "" : " ") + Text(word) + value }
        add(type == .unicast ? "" : "\(type.rawValue) ", Text(dst.description, family.style))
        if let tos { add("tos ", Text(tos)) }
        if let nhid { add("nhid ", Text(nhid.description)) }
        if let from { add("from ", Text(from, family.style)) }
        if let gateway { add("via ", gateway.text) }
        if let via { add("via \(via.family.rawValue) ", via.host.text) }
        if let dev { add("dev ", Text(dev, .name)) }
        if table != .main { add("table ", Text(table.description)) }
        // Those that people make are of protocol boot, what the kernel answers to a question is of none.
        if self.protocol != .boot && self.protocol != .unspecified { add("proto ", Text(self.protocol.description)) }
        if scope != .global { add("scope ", Text(scope.description)) }
        if let prefsrc { add("src ", prefsrc.text) }
        if let metric, metric.value > 0 { add("metric ", Text(metric.description)) }
        for values in metrics ?? [] {
            for (_, key, path) in RouteMetrics.members {
                if let value = values[keyPath: path] { add("\(key) ", Text(value.description)) }
            }
        }
        if let expires { add("expires ", Text("\(expires)sec")) }
        if let pref, pref != "medium" { add("pref ", Text(pref)) }
        for flag in flags { add("", Text(flag)) }
        for way in nexthops ?? [] { add("nexthop ", way.text) }
        return text
    }

    /// What the kernel makes for each link with an IPv6 address, and which tells nobody anything.
    var isLinkLocalNoise: Bool {
        guard self.protocol == .kernel, case .prefix(let prefix) = dst else { return false }
        return prefix.family == .inet6 && (prefix.address.isLinkLocal || prefix.address.isMulticast)
    }
}

extension Route.Nexthop {
    fileprivate var text: Text {
        var parts: [Text] = []
        if let gateway { parts.append(Text("via ") + gateway.text) }
        if let via { parts.append(Text("via \(via.family.rawValue) ") + via.host.text) }
        if let dev { parts.append(Text("dev ") + Text(dev, .name)) }
        parts.append(Text("weight \(weight)"))
        return (parts + flags.map { Text($0) }).joined(by: " ")
    }
}

extension Rule {
    var text: Text {
        var words: [String] = []
        if self.not == true { words.append("not") }
        words.append("from " + src + (srclen.map { "/\($0)" } ?? ""))
        if let dst { words.append("to " + dst + (dstlen.map { "/\($0)" } ?? "")) }
        if let tos { words.append("tos \(tos)") }
        if let fwmark { words.append("fwmark \(fwmark)" + (fwmask.map { "/\($0)" } ?? "")) }
        if let iif { words.append("iif \(iif)") }
        if let oif { words.append("oif \(oif)") }
        if let ipproto { words.append("ipproto \(ipproto)") }
        if let sport { words.append("sport \(sport)") }
        if let sportStart, let sportEnd { words.append("sport \(sportStart)-\(sportEnd)") }
        if let dport { words.append("dport \(dport)") }
        if let dportStart, let dportEnd { words.append("dport \(dportStart)-\(dportEnd)") }
        if let uidStart, let uidEnd { words.append("uidrange \(uidStart)-\(uidEnd)") }
        if let tunId { words.append("tun_id \(tunId)") }
        if let suppressPrefixlength { words.append("suppress_prefixlength \(suppressPrefixlength)") }
        if let suppressIfgroup { words.append("suppress_ifgroup \(suppressIfgroup)") }
        if l3mdev == true { words.append("l3mdev") }
        if let goto { words.append("goto \(goto)") }
        if let action, action != .lookup { words.append(action.rawValue) }
        if let table { words.append("lookup \(table)") }
        return Text(words.joined(separator: " "))
    }
}

extension Neighbour {
    /// REACHABLE, STALE, …; proxies and routers say so.
    var stateText: Text {
        var words = state.map(\.rawValue)
        if router == true { words.append("router") }
        if proxy == true { words.append("proxy") }
        return Text(words.joined(separator: " "))
    }

    var text: Text {
        var parts = [dst.text]
        if let dev { parts.append(Text("dev ") + Text(dev, .name)) }
        if let lladdr { parts.append(Text("lladdr ") + Text(lladdr, .linkAddress)) }
        return (parts + [stateText]).joined(by: " ")
    }
}

extension Nexthop {
    var text: Text {
        var parts = [Text("id \(id)")]
        if let group {
            let members = group.map { "\($0.id)" + ($0.weight.map { ",\($0)" } ?? "") }
            parts.append(Text("group \(members.joined(separator: "/"))"))
        }
        if let type { parts.append(Text("type \(type)")) }
        if let gateway { parts.append(Text("via ") + gateway.text) }
        if let dev { parts.append(Text("dev ") + Text(dev, .name)) }
        if blackhole == true { parts.append(Text("blackhole")) }
        if self.protocol != .unspecified { parts.append(Text("proto \(self.protocol)")) }
        if fdb == true { parts.append(Text("fdb")) }
        return (parts + flags.map { Text($0) }).joined(by: " ")
    }
}
