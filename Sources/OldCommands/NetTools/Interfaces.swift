// What net-tools shows of an interface: a link with its addresses, and each labelled IPv4 address as one of its own.

import NetnsClient

/// An interface as net-tools has it (`eth0`), or an alias of one (`eth0:1`).
struct Interface {
    let name: String
    let link: Link
    let inet: AddressInfo?
    let inet6: [AddressInfo]
    var isAlias: Bool { name != link.ifname }
    var isUp: Bool { link.isUp }
    /// The kernel's word for it that `ip` shows by its absence.
    var isRunning: Bool { link.isUp && !link.flags.contains("NO-CARRIER") }

    func has(_ flag: String) -> Bool { flag == "RUNNING" ? isRunning : link.flags.contains(flag) }

    /// The namespace's interfaces by name, aliases behind theirs.
    static func all(_ standing: Standing, _ dev: InterfaceName? = nil) throws -> [Interface] {
        var links = LinkFilter()
        links.statistics = true
        links.dev = dev
        var addresses = AddressFilter()
        addresses.dev = dev
        let pendingLinks = try standing.send(LinkList.self, links)
        let pendingAddresses = try standing.send(AddrList.self, addresses)
        let found: [ListedLink]
        do { found = try standing.receive(pendingLinks) } catch {
            _ = try? standing.receive(pendingAddresses)
            throw error
        }
        let addressed = Dictionary(
            try standing.receive(pendingAddresses).map { ($0.link.ifname, $0.addresses) }, uniquingKeysWith: { $1 })
        return found.map(\.link).sorted { comesBefore($0.ifname, $1.ifname) }.flatMap { link in
            interfaces(link, addressed[link.ifname] ?? [])
        }
    }

    private static func interfaces(_ link: Link, _ addresses: [AddressInfo]) -> [Interface] {
        let own = addresses.first { $0.family == .inet && ($0.label ?? link.ifname) == link.ifname }
        let inet6 = addresses.filter { $0.family == .inet6 }
        var aliases: [Interface] = []
        for address in addresses {
            guard address.family == .inet, let label = address.label, label != link.ifname, label.contains(":"),
                !aliases.contains(where: { $0.name == label })
            else { continue }
            aliases.append(Interface(name: label, link: link, inet: address, inet6: []))
        }
        return [Interface(name: link.ifname, link: link, inet: own, inet6: inet6)] + aliases
    }

    /// `eth2` before `eth10`.
    private static func comesBefore(_ left: String, _ right: String) -> Bool {
        let (left, right) = (parts(left), parts(right))
        return left.letters != right.letters ? left.letters < right.letters : left.number < right.number
    }

    private static func parts(_ name: String) -> (letters: String, number: Int) {
        let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
        return (String(name.dropLast(digits)), Int(name.suffix(digits)) ?? -1)
    }
}

/// `netstat -i` and `ifconfig -s`.
func interfaceTable(_ interfaces: [Interface], first: String) -> String {
    var text = first + "MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n"
    for interface in interfaces {
        text += interface.name.padded(15) + " " + String(interface.link.mtu).indented(5) + " "
        if let statistics = interface.link.stats64, !interface.isAlias {
            let (rx, tx) = (statistics.rx, statistics.tx)
            text += String(rx.packets).indented(8) + " " + String(rx.errors).indented(6) + " "
            text += String(rx.dropped + (rx.missedErrors ?? 0)).indented(6) + " "
            text += String(rx.fifoErrors ?? 0).padded(6) + " " + String(tx.packets).indented(8) + " "
            text += [tx.errors, tx.dropped, tx.fifoErrors ?? 0].map { String($0).indented(6) + " " }.joined()
        } else {
            text += "     - no statistics available -                        "
        }
        text += letters(interface) + "\n"
    }
    return text
}

/// IFF_* as single letters, in net-tools' order.
private func letters(_ interface: Interface) -> String {
    let known: [(String, String)] = [
        ("ALLMULTI", "A"), ("BROADCAST", "B"), ("DEBUG", "D"), ("LOOPBACK", "L"), ("MULTICAST", "M"),
        ("DYNAMIC", "d"), ("PROMISC", "P"), ("NOTRAILERS", "N"), ("NOARP", "O"), ("POINTOPOINT", "P"), ("SLAVE", "s"),
        ("MASTER", "m"), ("RUNNING", "R"), ("UP", "U"),
    ]
    return known.filter { interface.has($0.0) }.map(\.1).joined()
}

extension IPPrefix {
    /// `255.255.255.0`.
    var mask: IPAddress { IPPrefix(.allOnes, length: length)!.edge(ones: false) }
}

extension IPAddress {
    static let allOnes = IPAddress(bytes: [255, 255, 255, 255])!

    /// A mask's length in bits; nil where a one follows a zero.
    var maskLength: Int? {
        let word = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return word.leadingOnes + word.trailingZeros >= 32 ? word.leadingOnes : nil
    }

    /// The length of the prefix by its class (RFC 791): what net-tools and the kernel take without a mask.
    var classLength: Int {
        switch bytes[0] {
        case 0: 0
        case 1...127: 8
        case 128...191: 16
        case 192...223: 24
        default: 32
        }
    }
}

extension UInt32 {
    fileprivate var leadingOnes: Int { (~self).leadingZeroBitCount }
    fileprivate var trailingZeros: Int { trailingZeroBitCount }
}

/// Runs a command of net-tools, bridge-utils or procps and says what went wrong.
func runTool(_ console: Console, _ body: (Standing) throws -> Void) -> CInt {
    do {
        try body(Standing())
        return 0
    } catch let failure as Failure {
        if let message = failure.message { console.complain(message) }
        return failure.code
    } catch let refusal as WireError {
        console.complain(refusal.cause)
        return 1
    } catch {
        console.complain("\(error)")
        return 1
    }
}
