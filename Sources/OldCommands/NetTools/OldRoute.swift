// route and netstat, as net-tools has them.

import NetnsClient

struct OldRoute {
    let standing: Standing
    let console: Console

    static func run(_ arguments: [String], _ console: Console) -> CInt {
        runTool(console) { try OldRoute(standing: $0, console: console).run(arguments) }
    }

    private static let usage = Failure(
        """
        Usage: route [-n] [ -4 | -6 | -A { inet | inet6 } ]
               route [ -A { inet | inet6 } ] { add | del } [ -net | -host ] { TARGET[/LENGTH] | default }
                     [ netmask MASK ] [ gw ADDRESS ] [ metric NUMBER ] [ mss BYTES ] [ reject ] [ [ dev ] INTERFACE ]
        """, code: 3)

    private func run(_ arguments: [String]) throws {
        var words = Words(arguments)
        var family = Family.inet
        var numeric = false
        while let word = words.first, word.hasPrefix("-"), word != "-net", word != "-host" {
            words.skip()
            switch word {
            case "-n", "--numeric", "-vn", "-nv": numeric = true
            case "-6", "--inet6", "-n6", "-6n":
                (family, numeric) = (.inet6, numeric || word.contains("n6") || word.contains("6n"))
            case "-4", "--inet", "-e", "-ee", "-v", "-F", "--fib", "-N", "-ne", "-en":
                numeric = numeric || word.contains("n")
            case "-A":
                guard let name = words.next(), let known = Family(rawValue: name) else { throw Self.usage }
                family = known
            case "-V", "--version": return console.write("net-tools 2.10, of netnsd\n")
            default: throw Self.usage
            }
        }
        switch words.next() {
        case nil:
            console.write(family == .inet ? try table(numeric, isNetstat: false) : try table6(numeric))
        case "add": try change(words, family, isAddition: true)
        case "del", "delete": try change(words, family, isAddition: false)
        default: throw Self.usage
        }
    }

    // MARK: Changing

    private func change(_ words: Words, _ family: Family, isAddition: Bool) throws {
        let spec = try RouteTarget(words, family, isAddition: isAddition).spec
        do {
            if isAddition {
                try standing.call(RouteAdd.self, spec)
            } else {
                try standing.call(RouteDelete.self, spec)
            }
        } catch let refusal as WireError {
            throw Failure("\(isAddition ? "SIOCADDRT" : "SIOCDELRT"): \(refusal.cause)", code: 7)
        }
    }

    // MARK: Showing

    private static let head = "Kernel IP routing table\nDestination     Gateway         Genmask         "

    /// /proc/net/route's part of the table main; of several ways it has the first.
    func table(_ numeric: Bool, isNetstat: Bool) throws -> String {
        var filter = RouteFilter()
        filter.family = .inet
        let routes: [Route] = try standing.list(RouteList.self, filter)
        var text = Self.head + (isNetstat ? "Flags   MSS Window  irtt Iface\n" : "Flags Metric Ref    Use Iface\n")
        for route in routes { text += line(route, numeric, isNetstat) }
        return text
    }

    private func line(_ route: Route, _ numeric: Bool, _ isNetstat: Bool) -> String {
        let isRejected = [.unreachable, .prohibit].contains(route.type)
        let way = route.nexthops?.first
        let gateway = route.gateway ?? way?.gateway
        var (target, mask, isHost) = (numeric ? "0.0.0.0" : "default", "0.0.0.0", false)
        if case .prefix(let prefix) = route.dst {
            (target, mask, isHost) = ("\(prefix.address)", "\(prefix.mask)", prefix.isHost)
        }
        let flags = (isRejected ? "!" : "U") + (gateway != nil ? "G" : "") + (isHost ? "H" : "")
        let shownGateway = isRejected ? "-" : gateway.map { "\($0)" } ?? "0.0.0.0"
        let dev = isRejected ? "-" : route.dev ?? way?.dev ?? "*"
        var text =
            target.padded(15) + " " + shownGateway.padded(15) + " " + mask.padded(15) + " " + flags.padded(5) + " "
        if isNetstat {
            if isRejected { return text + "    - -          - -\n" }
            let segment = route.metrics?.first?.mtu.map { $0.value - 40 } ?? 0
            text += String(segment).indented(5) + " 0          0 \(dev)\n"
        } else {
            text +=
                "\(route.metric?.value ?? 0)".padded(6) + (isRejected ? " -        0 " : " 0        0 ") + dev + "\n"
        }
        return text
    }

    /// /proc/net/ipv6_route's columns; how often a route is in use the agent does not tell.
    func table6(_ numeric: Bool) throws -> String {
        var filter = RouteFilter()
        filter.family = .inet6
        filter.allTables = true
        let routes: [Route] = try standing.list(RouteList.self, filter)
        var text = "Kernel IPv6 routing table\n"
        text += "Destination                    Next Hop                   Flag Met Ref  Use If\n"
        for route in routes {
            var target = numeric ? "::/0" : "[::]/0"
            var isHost = false
            if case .prefix(let prefix) = route.dst { (target, isHost) = ("\(prefix)", prefix.isHost) }
            let gateway = route.gateway ?? route.nexthops?.first?.gateway
            let flags =
                [.unreachable, .prohibit, .blackhole].contains(route.type)
                ? "!n"
                : "U" + (gateway != nil ? "G" : "")
                    + (route.type == .local ? "n" : isHost && route.type == .unicast ? "H" : "")
            let next = gateway.map { "\($0)" } ?? (numeric ? "::" : "[::]")
            text += target.padded(30) + " " + next.padded(26) + " " + flags.padded(4) + " "
            text +=
                "\(route.metric?.value ?? 0)".padded(4) + " 1" + "     0 "
                + (route.dev ?? route.nexthops?.first?.dev ?? "lo") + "\n"
        }
        return text
    }
}

/// The words of `route add` and `route del`.
private struct RouteTarget {
    private(set) var spec: RouteSpec

    private static let usage = Failure(
        "Usage: route { add | del } [ -net | -host ] TARGET[/LENGTH] [ netmask MASK ] [ gw ADDRESS ] [ metric NUMBER ]"
            + " [ [ dev ] INTERFACE ]", code: 3)

    init(_ given: Words, _ family: Family, isAddition: Bool) throws {
        var words = given
        var isNet: Bool?
        if words.first == "-net" || words.first == "-host" { isNet = words.next() == "-net" }
        guard let target = words.next() else { throw Self.usage }
        var rest = RouteSpec(.any)
        var mask: Int?
        while let word = words.next() {
            switch word {
            case "metric": rest.metric = number(try Self.next(&words)).flatMap(Word.init)
            case "netmask":
                guard let length = IPAddress(try Self.next(&words))?.maskLength else {
                    throw Failure("route: bogus netmask", code: 3)
                }
                mask = length
            case "gw", "gateway":
                let text = try Self.next(&words)
                guard let gateway = IPAddress(text) else { throw Failure("\(text): Unknown host", code: 6) }
                rest.gateway = gateway
            case "mss", "window", "irtt": _ = try Self.next(&words)
            case "reject": (rest.type, rest.scope) = (.unreachable, isAddition ? .host : nil)
            case "mod", "dyn", "reinstate": break
            default:
                let name = ["dev", "device"].contains(word) ? try Self.next(&words) : word
                guard let dev = InterfaceName(name) else { throw Failure("SIOCADDRT: No such device", code: 7) }
                rest.dev = dev
            }
        }
        spec = RouteSpec(try Self.destination(target, isNet, mask, family), family: family)
        (spec.metric, spec.gateway, spec.type, spec.dev) = (rest.metric, rest.gateway, rest.type, rest.dev)
        spec.scope = rest.scope
    }

    private static func next(_ words: inout Words) throws -> String {
        guard let word = words.next() else { throw usage }
        return word
    }

    private static func destination(_ word: String, _ isNet: Bool?, _ mask: Int?, _ family: Family) throws
        -> Destination
    {
        if word == "default" { return .any }
        let parts = word.split(separator: "/", maxSplits: 1).map(String.init)
        guard let address = IPAddress(parts[0]) else { throw Failure("\(word): Host name lookup failure", code: 6) }
        var length = mask
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...family.addressBits).contains(given) else {
                throw Failure("route: netmask doesn't match route address\n\(usage.message!)", code: 3)
            }
            length = given
        }
        // net-tools 2.10 knows no masks by class: a network without one is what the kernel calls an invalid argument.
        if length == nil && isNet == true && family == .inet { throw Failure("SIOCADDRT: Invalid argument", code: 7) }
        let prefix = IPPrefix(address, length: length ?? family.addressBits)!
        guard prefix.isNetwork else {
            throw Failure("route: netmask doesn't match route address\n\(usage.message!)", code: 3)
        }
        return .prefix(prefix)
    }
}

/// netstat: routes and interfaces; connections are no matter of the agent's.
enum Netstat {
    static func run(_ arguments: [String], _ console: Console) -> CInt {
        runTool(console) { standing in
            var letters: Set<Character> = []
            for word in arguments {
                switch word {
                case "--route": letters.insert("r")
                case "--interfaces": letters.insert("i")
                case "--numeric": letters.insert("n")
                case "--all": letters.insert("a")
                case "--inet6": letters.insert("6")
                case "-A", "inet": break
                case "inet6": letters.insert("6")
                default: letters.formUnion(word.dropFirst(word.hasPrefix("-") ? 1 : 0))
                }
            }
            let routes = OldRoute(standing: standing, console: console)
            if letters.contains("r") {
                console.write(
                    letters.contains("6")
                        ? try routes.table6(letters.contains("n"))
                        : try routes.table(letters.contains("n"), isNetstat: true))
            } else if letters.contains("i") {
                let interfaces = try Interface.all(standing).filter { letters.contains("a") || $0.isUp }
                console.write("Kernel Interface table\n" + interfaceTable(interfaces, first: "Iface             "))
            } else {
                throw Failure("netstat: netnsd offers -r (routes) and -i (interfaces); for sockets use ss", code: 3)
            }
        }
    }
}
