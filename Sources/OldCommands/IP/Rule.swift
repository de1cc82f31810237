// ip rule: the rules that choose a routing table.

import NetnsClient

extension IP {
    func rule(_ given: Words) throws {
        var words = given
        guard let command = words.next() else { return try showRules(words) }
        if command.begins("list", "show") || command == "lst" {
            try showRules(words)
        } else if command.begins("add") {
            if words.isEmpty { throw Failure("\"ip rule add\" requires arguments.", code: 1) }
            try standing.call(RuleAdd.self, ruleSpec(words))
        } else if command.begins("delete") {
            if words.isEmpty { throw Failure("\"ip rule del\" requires arguments.", code: 1) }
            try standing.call(RuleDelete.self, ruleSpec(words))
        } else if command.begins("flush") {
            try flushRules(words)
        } else if command.begins("help") {
            throw Failure.ruleUsage
        } else {
            throw Failure.unknownCommand(command, of: "rule")
        }
    }

    /// The real one takes away all but the first, the kernel's own for main and default among them.
    private func flushRules(_ words: Words) throws {
        let (filter, selection) = try ruleFilter(words)
        guard selection.isEmpty else { throw Failure.notOffered("this selection of rules to flush") }
        try standing.call(RuleFlush.self, filter)
        guard words.isEmpty else { return }
        for (priority, table) in [(32766, RouteTable.main), (32767, .standard)] {
            var rule = RuleSpec()
            (rule.family, rule.priority, rule.table) = (filter.family, Word(priority), table)
            do {
                try standing.call(RuleDelete.self, rule)
            } catch let refusal as WireError where refusal.reason == .notFound && refusal.details.errno != nil {}
        }
    }

    private func ruleSpec(_ given: Words) throws -> RuleSpec {
        var words = given
        var rule = RuleSpec()
        rule.family = family
        while let word = words.next() {
            switch word {
            case "not": rule.not = true
            case "from": rule.src = try destination(words.value())
            case "to": rule.dst = try destination(words.value())
            case _ where word.begins("preference", "order", "priority"):
                rule.priority = try bounded(words.value(), "preference")
            case "tos", "dsfield": rule.tos = try tos(words.value())
            case "fwmark":
                let parts = try words.value().split(separator: "/", maxSplits: 1).map(String.init)
                rule.fwmark = try bounded(parts[0], "fwmark")
                if parts.count > 1 { rule.fwmask = try bounded(parts[1], "fwmark") }
            case _ where word.begins("table") || word == "lookup": rule.table = try table(words.value())
            case "suppress_prefixlength", "sup_pl": rule.suppressPrefixlength = try bounded(words.value(), word)
            case "dev", "iif": rule.iif = try device(words.value())
            case "oif": rule.oif = try device(words.value())
            case "ipproto": rule.ipproto = try protocolNumber(words.value())
            case "sport": (rule.sport, rule.sportEnd) = try ports(words.value())
            case "dport": (rule.dport, rule.dportEnd) = try ports(words.value())
            case "uidrange": (rule.uidStart, rule.uidEnd) = try users(words.value())
            case "tun_id": rule.tunId = try bounded(words.value(), "tun_id")
            case "l3mdev": rule.l3mdev = true
            case _ where word.begins("protocol"):
                let name = try words.value()
                guard let maker = RouteProtocol(name) else {
                    throw Failure.invalid(name, "\"protocol\" value is invalid\n")
                }
                rule.protocol = maker
            case "suppress_ifgroup", "sup_group": rule.suppressIfgroup = Word(try LinkWords.group(words.value()).number)
            case "goto": rule.goto = try bounded(words.value(), "goto target")
            case "realms", "nat", "map-to": throw Failure.notOffered("rules with \(word)")
            case _ where word.begins("help"): throw Failure.ruleUsage
            default:
                let word = word == "type" ? try words.value() : word
                if word == "unicast" || word == "table" { continue }
                guard let action = RuleAction(rawValue: word) else {
                    throw Failure.invalid(word, "Failed to parse rule type")
                }
                rule.action = action
            }
        }
        return rule
    }

    /// A port, or a range `100-200`.
    private func ports(_ word: String) throws -> (Port, Port?) {
        let parts = word.split(separator: "-", maxSplits: 1).map { number(String($0)).flatMap(Port.init) }
        guard let first = parts.first ?? nil, parts.count < 2 || parts[1] != nil else {
            throw Failure.invalid(word, "invalid port range\n")
        }
        return (first, parts.count > 1 ? parts[1] : nil)
    }

    private func users(_ word: String) throws -> (Word, Word) {
        let parts = word.split(separator: "-", maxSplits: 1).map { number(String($0)).flatMap(Word.init) }
        guard parts.count == 2, let first = parts[0], let last = parts[1] else {
            throw Failure.invalid(word, "invalid UID range\n")
        }
        return (first, last)
    }

    private func table(_ word: String) throws -> RouteTable {
        guard let table = RouteTable(word) else { throw Failure.invalid(word, "invalid table ID\n") }
        return table
    }

    private func protocolNumber(_ word: String) throws -> Octet {
        let names = ["icmp": 1, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ah": 51, "ipv6-icmp": 58, "sctp": 132]
        guard let octet = (names[word] ?? number(word)).flatMap(Octet.init) else {
            throw Failure.invalid(word, "Invalid \"ipproto\" value\n")
        }
        return octet
    }

    /// What the agent chooses by, and the rest.
    private func ruleFilter(_ given: Words) throws -> (filter: RuleFilter, selection: RuleSelection) {
        var words = given
        var filter = RuleFilter()
        var selection = RuleSelection()
        filter.family = family ?? .inet
        while let word = words.next() {
            switch word {
            case _ where word.begins("preference", "order", "priority"):
                filter.priority = try bounded(words.value(), "preference")
            case _ where word.begins("table") || word == "lookup": filter.table = try table(words.value())
            case "from": selection.src = try destination(words.value()).network(filter.family ?? .inet)
            case "to": selection.dst = try destination(words.value()).network(filter.family ?? .inet)
            case "iif", "dev": selection.members.append((\.iif, try device(words.value()).text))
            case "oif": selection.members.append((\.oif, try device(words.value()).text))
            case "tos", "dsfield":
                let octet = try tos(words.value())
                selection.members.append((\.tos, (octet.value < 16 ? "0x0" : "0x") + String(octet.value, radix: 16)))
            case "fwmark":
                let mark: Word = try bounded(words.value(), "fwmark")
                selection.members.append((\.fwmark, "0x" + String(mark.value, radix: 16)))
            // What iproute2 reads and goes on to show all for.
            case _ where word.begins("protocol"): filter.protocol = RouteProtocol(try words.value())
            case "help": throw Failure.ruleUsage
            case "not", "l3mdev", "uidrange", "tun_id", "ipproto", "sport", "dport":
                throw Failure.notOffered("rules selected by \(word)")
            default:
                guard let known = try? destination(word) else {
                    throw Failure("Error: inet prefix is expected rather than \"\(word)\".", code: 1)
                }
                selection.dst = known.network(filter.family ?? .inet)
            }
        }
        return (filter, selection)
    }

    private func showRules(_ words: Words) throws {
        var (filter, selection) = try ruleFilter(words)
        filter.protocol = nil
        let rules: [Rule] = try standing.list(RuleList.self, filter)
        show { printer in
            for rule in rules where selection.matches(rule) {
                printer.openObject()
                printer.rule(rule)
                printer.closeObject()
            }
        }
    }
}

/// What `ip rule show` chooses by itself.
private struct RuleSelection {
    var src: IPPrefix?
    var dst: IPPrefix?
    var members: [(path: KeyPath<Rule, String?>, value: String)] = []

    var isEmpty: Bool { src == nil && dst == nil && members.isEmpty }

    func matches(_ rule: Rule) -> Bool {
        contains(src, rule.src, rule.srclen) && contains(dst, rule.dst, rule.dstlen)
            && members.allSatisfy { rule[keyPath: $0.path] == $0.value }
    }

    /// A rule of a part of the network that is asked for is shown too.
    private func contains(_ network: IPPrefix?, _ address: String?, _ length: Int?) -> Bool {
        guard let network else { return true }
        guard let address = address.flatMap(IPAddress.init) else { return false }
        return IPPrefix(address, length: length ?? address.family.addressBits).map(network.contains) ?? false
    }
}

extension Printer {
    func rule(_ rule: Rule) {
        isJSON ? json("priority", raw: "\(rule.priority)") : text("\(rule.priority):\t")
        if rule.not == true { null("not", "not ") }
        prefix("src", rule.src, "srclen", rule.srclen, "from ", rule.family)
        if let dst = rule.dst { prefix("dst", dst, "dstlen", rule.dstlen, "to ", rule.family) }
        if let tos = rule.tos { string("tos", tos, "tos ") }
        if let mark = rule.fwmark {
            string("fwmark", mark, "fwmark ", rule.fwmask == nil ? " " : "")
            if let mask = rule.fwmask { string("fwmask", mask, "/") }
        }
        for (key, name) in [("iif", rule.iif), ("oif", rule.oif)] {
            guard let name else { continue }
            string(key, name, key + " ", "", .interface)
            text(" ")
            if (key == "iif" ? rule.iifDetached : rule.oifDetached) == true { null(key + "_detached", "[detached] ") }
        }
        if rule.l3mdev == true { null("l3mdev", "lookup [l3mdev-table]") }
        if let first = rule.uidStart, let last = rule.uidEnd {
            number("uid_start", first, "uidrange ", "-")
            number("uid_end", last, "")
        }
        if let id = rule.tunId { number("tun_id", id, "tun_id ") }
        if let ipproto = rule.ipproto { string("ipproto", ipproto, "ipproto ") }
        ports("sport", rule.sport, rule.sportStart, rule.sportEnd)
        ports("dport", rule.dport, rule.dportStart, rule.dportEnd)
        if let table = rule.table, rule.action == nil {
            let suppresses = rule.suppressPrefixlength != nil || rule.suppressIfgroup != nil
            string("table", "\(table)", "lookup ", suppresses ? " " : "")
            if let length = rule.suppressPrefixlength {
                number("suppress_prefixlen", length, "suppress_prefixlength ", rule.suppressIfgroup == nil ? "" : " ")
            }
            if let group = rule.suppressIfgroup { string("suppress_ifgroup", group, "suppress_ifgroup ", "") }
        }
        if let to = rule.flowTo {
            text(" realms ")
            if let from = rule.flowFrom { string("flow_from", from, "", "/") }
            string("flow_to", to, "", "")
        }
        if let target = rule.goto {
            number("goto", target.value, "goto ", "")
            if rule.unresolved == true { null("unresolved", " [unresolved]") }
        }
        if rule.action == .nop {
            null("nop", "nop")
        } else if let action = rule.action {
            string("action", action.rawValue, "", "")
        }
        if let name = rule.protocol, ![.kernel, .unspecified].contains(name) || style.details > 0 {
            string("protocol", "\(name)", " proto ", "")
        }
        text("\n")
    }

    private func prefix(
        _ key: String, _ value: String, _ lengthKey: String, _ length: Int?, _ before: String, _ family: Family
    ) {
        string(key, value, before, "", value == "all" ? nil : family.colour)
        if let length { number(lengthKey, length, "/", "") }
        text(" ")
    }

    private func ports(_ key: String, _ one: Int?, _ first: Int?, _ last: Int?) {
        if let one { number(key, one, key + " ") }
        guard let first, let last else { return }
        if isJSON {
            json(key + "_start", raw: "\(first)")
            json(key + "_end", raw: "\(last)")
        } else {
            text("\(key) \(first)-\(last) ")
        }
    }
}

extension Failure {
    static let ruleUsage = Failure(
        """
        Usage: ip rule { add | del } [ not ] [ from PREFIX ] [ to PREFIX ] [ tos TOS ] [ fwmark MARK[/MASK] ] [ iif DEV ]
                       [ oif DEV ] [ pref NUMBER ] [ ipproto PROTOCOL ] [ sport PORT ] [ dport PORT ]
                       [ uidrange NUMBER-NUMBER ] [ tun_id NUMBER ] [ protocol PROTOCOL ]
                       { lookup TABLE [ suppress_prefixlength NUMBER ] [ suppress_ifgroup GROUP ] | l3mdev |
                         goto NUMBER | nop | blackhole | unreachable | prohibit }
               ip rule show [ pref NUMBER ] [ table TABLE ] [ from PREFIX ] [ to PREFIX ] [ iif DEV ] [ oif DEV ] [ tos TOS ]
                       [ fwmark MARK ]
               ip rule flush [ pref NUMBER ] [ table TABLE ] [ protocol PROTOCOL ]
        """, code: 255)
}
