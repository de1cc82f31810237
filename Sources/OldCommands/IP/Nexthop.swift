// ip nexthop: ways that routes refer to by number.

import NetnsClient

extension IP {
    func nexthop(_ given: Words) throws {
        var words = given
        guard let command = words.next() else { return try showNexthops(words) }
        if command.begins("add") {
            try standing.call(NexthopAdd.self, nexthopSpec(words))
        } else if command.begins("replace") {
            try standing.call(NexthopReplace.self, nexthopSpec(words))
        } else if command.begins("delete") {
            guard let id = try nexthopId(words) else { throw Failure("Error: Nexthop id is missing.", code: 2) }
            try standing.call(NexthopDelete.self, NexthopName(id))
        } else if command.begins("list", "show") || command == "lst" {
            try showNexthops(words)
        } else if command.begins("get") {
            var filter = NexthopFilter()
            guard let id = try nexthopId(words) else { throw Failure.nexthopUsage }
            filter.id = id
            try showNexthops(filter)
        } else if command.begins("flush") {
            let flushed = try standing.call(NexthopFlush.self, nexthopFilter(words))
            console.write(flushed.removed == 0 ? "Nothing to flush\n" : "Flushed \(flushed.removed) nexthops\n")
        } else if command.begins("bucket") {
            throw Failure.notOffered("ip nexthop bucket")
        } else if command.begins("help") {
            throw Failure.nexthopUsage
        } else {
            throw Failure.unknownCommand(command, of: "nexthop")
        }
    }

    private func nexthopId(_ given: Words) throws -> NexthopId? {
        var words = given
        var id: NexthopId?
        while let word = words.next() {
            guard word == "id" else { throw word.begins("help") ? Failure.nexthopUsage : Failure.invalid(word, "") }
            id = try nexthopId(words.value())
        }
        return id
    }

    private func nexthopId(_ word: String) throws -> NexthopId {
        guard let id = number(word).flatMap(NexthopId.init) else { throw Failure.invalid(word, "invalid id value") }
        return id
    }

    private func nexthopSpec(_ given: Words) throws -> NexthopSpec {
        var words = given
        var spec = NexthopSpec()
        spec.family = family
        while let word = words.next() {
            switch word {
            case "id": spec.id = try nexthopId(words.value())
            case "dev": spec.dev = try device(words.value())
            case "via":
                var word = try words.value()
                if Family(rawValue: word) != nil { word = try words.value() }
                guard let gateway = IPAddress(word) else {
                    throw Failure("Error: any valid address is expected rather than \"\(word)\".", code: 1)
                }
                spec.gateway = gateway
            case "encap", "type": throw Failure.notOffered("nexthops with \(word)")
            case "blackhole": spec.blackhole = true
            case "fdb": spec.fdb = true
            case "onlink": spec.onlink = true
            case "group": spec.group = try members(words.value())
            case _ where word.begins("protocol"):
                let name = try words.value()
                guard let maker = RouteProtocol(name) else {
                    throw Failure.invalid(name, "\"protocol\" value is invalid\n")
                }
                spec.protocol = maker
            case "help": throw Failure.nexthopUsage
            default: throw Failure.invalid(word, "")
            }
        }
        // What the kernel says of what is no way at all.
        if spec.gateway == nil && spec.dev == nil && spec.group == nil && spec.blackhole != true && family == nil {
            throw Failure("Error: Invalid address family.", code: 2)
        }
        return spec
    }

    /// `5,3/6`: numbers, each with a weight if one likes.
    private func members(_ word: String) throws -> [NexthopMember] {
        try word.split(separator: "/", omittingEmptySubsequences: false).map { part in
            let numbers = part.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let id = number(numbers[0]).flatMap(NexthopId.init) else {
                throw Failure.invalid(word, "\"group\" value is invalid\n")
            }
            guard numbers.count > 1 else { return NexthopMember(id) }
            guard let weight = number(numbers[1]).flatMap(NexthopWeight.init) else {
                throw Failure.invalid(numbers[1], "\"weight\" is invalid\n")
            }
            return NexthopMember(id, weight: weight)
        }
    }

    private func nexthopFilter(_ given: Words) throws -> NexthopFilter {
        var words = given
        var filter = NexthopFilter()
        filter.family = family
        while let word = words.next() {
            switch word {
            case "dev": filter.dev = try device(words.value())
            case "groups": filter.groups = true
            case "master": filter.master = try device(words.value())
            case "vrf": filter.master = try device(words.value())
            case "id": filter.id = try nexthopId(words.value())
            // iproute2's dumps are of all kinds in any case.
            case "fdb": continue
            case _ where word.begins("protocol"):
                let name = try words.value()
                // Numbers only.
                guard let number = number(name).flatMap(UInt8.init(exactly:)) else {
                    throw Failure.invalid(name, "invalid protocol value")
                }
                filter.protocol = RouteProtocol(number)
            case "help": throw Failure.nexthopUsage
            default: throw Failure.invalid(word, "")
            }
        }
        return filter
    }

    private func showNexthops(_ words: Words) throws { try showNexthops(nexthopFilter(words)) }

    private func showNexthops(_ filter: NexthopFilter) throws {
        let nexthops: [Nexthop] = try standing.list(NexthopList.self, filter)
        show { printer in
            for nexthop in nexthops {
                printer.openObject()
                printer.nexthop(nexthop)
                printer.text("\n")
                printer.closeObject()
            }
        }
    }
}

extension Printer {
    /// A nexthop object, up to the line's end.
    func nexthop(_ nexthop: Nexthop) {
        number("id", nexthop.id.value, "id ")
        if let group = nexthop.group { members(group) }
        if let type = nexthop.type { string("type", type, "type ") }
        if let resilience = nexthop.resilience { self.resilience(resilience) }
        if let gateway = nexthop.gateway { string("gateway", "\(gateway)", "via ", " ", gateway.family.colour) }
        if let dev = nexthop.dev { string("dev", dev, "dev ", " ", .interface) }
        if nexthop.scope != .global || style.details > 0 { string("scope", "\(nexthop.scope)", "scope ") }
        if nexthop.blackhole == true { null("blackhole", "blackhole ") }
        if nexthop.protocol != .unspecified || style.details > 0 {
            string("protocol", "\(nexthop.protocol)", "proto ")
        }
        flags(nexthop.flags)
        if nexthop.fdb == true { null("fdb", "fdb") }
    }

    /// The same beneath the route that refers to it.
    func nexthop(of nexthop: Nexthop) {
        openObject("nh_info")
        text("\n\tnh_info ")
        self.nexthop(nexthop)
        closeObject()
    }

    private func members(_ members: [NexthopMember]) {
        openArray("group")
        for member in members {
            openObject()
            json("id", raw: "\(member.id)")
            if let weight = member.weight, weight.value > 1 { json("weight", raw: "\(weight)") }
            closeObject()
        }
        closeArray()
        let words = members.map { member in
            "\(member.id)" + (member.weight.flatMap { $0.value > 1 ? ",\($0)" : nil } ?? "")
        }
        text("group \(words.joined(separator: "/")) ")
    }

    private func resilience(_ resilience: Nexthop.Resilience) {
        openObject("resilient_args")
        number("buckets", resilience.buckets, "buckets ")
        for (key, seconds) in [
            ("idle_timer", resilience.idleTimer), ("unbalanced_timer", resilience.unbalancedTimer),
            ("unbalanced_time", resilience.unbalancedTime),
        ] {
            let number = seconds.rounded() == seconds ? "\(Int(seconds))" : "\(seconds)"
            isJSON ? json(key, raw: number) : text("\(key) \(number) ")
        }
        closeObject()
    }
}

extension Failure {
    fileprivate static let nexthopUsage = Failure(
        """
        Usage: ip nexthop { list | flush } [ protocol ID ] SELECTOR
               ip nexthop { add | replace } [ id ID ] NH [ protocol ID ]
               ip nexthop { get | del } id ID
        SELECTOR := [ id ID ] [ dev DEV ] [ master DEV ] [ groups ]
        NH := { blackhole | [ via ADDRESS ] [ dev DEV ] [ onlink ] [ fdb ] | group ID[,WEIGHT]/… [ fdb ] }
        """, code: 255)
}
