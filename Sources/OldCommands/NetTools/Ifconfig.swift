// ifconfig, as net-tools has it: interfaces shown and configured.

import NetnsClient

struct Ifconfig {
    let standing: Standing
    let console: Console

    static func run(_ arguments: [String], _ console: Console) -> CInt {
        runTool(console) { try Ifconfig(standing: $0, console: console).run(arguments) }
    }

    private func run(_ arguments: [String]) throws {
        var words = Words(arguments)
        var all = false
        var short = false
        while let word = words.first, word.hasPrefix("-") {
            words.skip()
            switch word {
            case "-a": all = true
            case "-s": short = true
            case "-v": break
            case "-V", "--version": return console.write("net-tools 2.10, of netnsd\n")
            case "-h", "-?", "--help": throw usage
            default: throw Failure("ifconfig: option `\(word)' not recognised.\n\(usage.message!)", code: 4)
            }
        }
        guard let name = words.next() else {
            let interfaces = try Interface.all(standing).filter { all || $0.isUp }
            console.write(short ? interfaceTable(interfaces, first: "Iface      ") : interfaces.map(text).joined())
            return
        }
        if words.isEmpty { return try show(name, short) }
        try IfconfigChange(standing, name, &words).apply()
    }

    private var usage: Failure {
        Failure(
            """
            Usage: ifconfig [-a] [-s] [ INTERFACE ]
                   ifconfig INTERFACE [ ADDRESS[/LENGTH] ] [ netmask MASK ] [ [-]broadcast [ ADDRESS ] ] [ up | down ]
                            [ hw ether ADDRESS ] [ mtu BYTES ] [ txqueuelen PACKETS ] [ pointopoint ADDRESS ] [ [-]arp ]
                            [ [-]promisc ] [ [-]allmulti ] [ [-]multicast ] [ add | del ADDRESS/LENGTH ]
            """, code: 3)
    }

    private func show(_ name: String, _ short: Bool) throws {
        let base = String(name.prefix { $0 != ":" })
        let missing = Failure("\(name): error fetching interface information: Device not found", code: 1)
        guard let dev = InterfaceName(base) else { throw missing }
        do {
            guard let found = try Interface.all(standing, dev).first(where: { $0.name == name }) else { throw missing }
            console.write(short ? interfaceTable([found], first: "Iface      ") : text(found))
        } catch let refusal as WireError where refusal.unknownDevice != nil {
            throw missing
        }
    }

    // MARK: Showing

    /// The bits and words of IFF_* that net-tools shows, in its order.
    private static let flags: [(bit: Int, word: String)] = [
        (1, "UP"), (2, "BROADCAST"), (4, "DEBUG"), (8, "LOOPBACK"), (16, "POINTOPOINT"), (32, "NOTRAILERS"),
        (64, "RUNNING"), (128, "NOARP"), (256, "PROMISC"), (512, "ALLMULTI"), (2048, "SLAVE"), (1024, "MASTER"),
        (4096, "MULTICAST"), (0x8000, "DYNAMIC"),
    ]

    private func text(_ interface: Interface) -> String {
        let link = interface.link
        let flags = Self.flags.filter { interface.has($0.word) }
        var text = "\(interface.name): flags=\(flags.reduce(0) { $0 + $1.bit })"
        text += "<\(flags.map(\.word).joined(separator: ","))>  mtu \(link.mtu)\n"
        if let address = interface.inet { text += inetLine(address, interface) }
        for address in interface.inet6 {
            let scope =
                [RouteScope.host: "10<host>", .link: "20<link>", .site: "40<site>"][address.scope] ?? "0<global>"
            text += "        inet6 \(address.local)  prefixlen \(address.prefixlen)  scopeid 0x\(scope)\n"
        }
        text += hardwareLine(link)
        if let statistics = link.stats64, !interface.isAlias { text += statisticsLines(statistics) }
        return text + "\n"
    }

    private func inetLine(_ address: AddressInfo, _ interface: Interface) -> String {
        var text = "        inet \(address.local)  netmask \(IPPrefix(address.local, length: address.prefixlen)!.mask)"
        if interface.has("BROADCAST") { text += "  broadcast \(address.broadcast ?? .unspecified(.inet))" }
        if interface.has("POINTOPOINT") { text += "  destination \(address.peer ?? address.local)" }
        return text + "\n"
    }

    private func hardwareLine(_ link: Link) -> String {
        let queue = "  txqueuelen \(link.txqlen ?? 0)  "
        switch link.linkType {
        case "loopback": return "        loop\(queue)(Local Loopback)\n"
        case "ether": return "        ether \(link.address ?? "")\(queue)(Ethernet)\n"
        case "sit": return "        sit\(queue)(IPv6-in-IPv4)\n"
        case "ipip": return "        tunnel\(queue)(IPIP Tunnel)\n"
        default: return "        unspec \(link.address ?? "")\(queue)(UNSPEC)\n"
        }
    }

    private func statisticsLines(_ statistics: LinkStatistics) -> String {
        let (rx, tx) = (statistics.rx, statistics.tx)
        let frame = (rx.lengthErrors ?? 0) + rx.overErrors + (rx.crcErrors ?? 0) + (rx.frameErrors ?? 0)
        let carrier = tx.carrierErrors + (tx.abortedErrors ?? 0) + (tx.windowErrors ?? 0) + (tx.heartbeatErrors ?? 0)
        return """
                    RX packets \(rx.packets)  bytes \(rx.bytes) (\(human(rx.bytes)))
                    RX errors \(rx.errors)  dropped \(rx.dropped + (rx.missedErrors ?? 0))  overruns \(rx.fifoErrors ?? 0)  frame \(frame)
                    TX packets \(tx.packets)  bytes \(tx.bytes) (\(human(tx.bytes)))
                    TX errors \(tx.errors)  dropped \(tx.dropped) overruns \(tx.fifoErrors ?? 0)  carrier \(carrier)  collisions \(tx.collisions)

            """
    }

    /// `1.6 KiB`: the unit by powers of 1000, the number by powers of 1024, cut to a tenth, as net-tools has it.
    private func human(_ bytes: UInt64) -> String {
        var (unit, divisor, limit) = ("B", UInt64(1), UInt64(1000))
        for next in ["KiB", "MiB", "GiB", "TiB", "PiB"] where bytes > limit {
            (unit, divisor, limit) = (next, divisor * 1024, limit &* 1000)
        }
        let tenths = bytes.multipliedFullWidth(by: 10)
        let value = divisor.dividingFullWidth((tenths.high, tenths.low)).quotient
        return "\(value / 10).\(value % 10) \(unit)"
    }
}
