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
        let filter = try ruleFilter(words)
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
            case "tos", "dsfield": rule.tos = try bounded(words.value(), "tos")
            case "fwmark":
                let parts = try words.value().split(separator: "/", maxSplits: 1).map(String.init)
                rule.fwmark = try bounded(parts[0], "fwmark")
                if parts.count > 1 { rule.fwmask = try bounded(parts[1], "fwmark") }
            case _ where word.begins("table") || word == "lookup": rule.table = try table(words.value())
            case "suppress_prefixlength", "sup_pl": rule.suppressPrefixlength = try bounded(words.value(), word)
            case "dev", "iif": rule.iif = try device(words.value())
            case "oif": rule.oif = try device(words.value())
            case "ipproto": rule.ipproto = try protocolNumber(words.value())
            case "sport": rule.sport = try bounded(words.value(), "sport")
            case "dport": rule.dport = try bounded(words.value(), "dport")
            case _ where word.begins("help"): throw Failure.ruleUsage
            default:
                let word = word == "type" ? try words.value() : word
                guard let action = RuleAction(rawValue: word) else {
                    throw Failure.invalid(word, "Failed to parse rule type")
                }
                rule.action = action
            }
        }
        return rule
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

    private func ruleFilter(_ given: Words) throws -> RuleFilter {
        var words = given
        var filter = RuleFilter()
        filter.family = family ?? .inet
        while let word = words.next() {
            switch word {
            case _ where word.begins("preference", "order", "priority"):
                filter.priority = try bounded(words.value(), "preference")
            case _ where word.begins("table") || word == "lookup": filter.table = try table(words.value())
            case "help": throw Failure.ruleUsage
            default: throw Failure.notOffered("rules selected by \(word)")
            }
        }
        return filter
    }

    private func showRules(_ words: Words) throws {
        let rules: [Rule] = try standing.list(RuleList.self, ruleFilter(words))
        show { printer in
            for rule in rules {
                printer.openObject()
                printer.rule(rule)
                printer.closeObject()
            }
        }
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
        }
        if let ipproto = rule.ipproto { string("ipproto", ipproto, "ipproto ") }
        ports("sport", rule.sport, rule.sportStart, rule.sportEnd)
        ports("dport", rule.dport, rule.dportStart, rule.dportEnd)
        if let table = rule.table, rule.action == nil {
            string("table", "\(table)", "lookup ", rule.suppressPrefixlength == nil ? "" : " ")
            if let length = rule.suppressPrefixlength {
                number("suppress_prefixlen", length, "suppress_prefixlength ", "")
            }
        }
        if let target = rule.goto { number("goto", target.value, "goto ", "") }
        if let action = rule.action { string("action", action.rawValue, "", "") }
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
                       { lookup TABLE [ suppress_prefixlength NUMBER ] | blackhole | unreachable | prohibit }
               ip rule { show | flush } [ pref NUMBER ] [ table TABLE ]
        """, code: 255)
}
