// What `ifconfig eth0 …` changes, as the kernel's old interface (SIOCSIF*, netdevice(7)) would: one main address an
// interface, a mask by its class, a broadcast address by its mask, and the interface up with its address.

import NetnsClient

struct IfconfigChange {
    private let standing: Standing
    private let label: String
    private let dev: InterfaceName
    private var change = LinkChange()
    private var address: IPAddress?
    private var maskLength: Int?
    private var broadcast: IPAddress?
    private var peer: IPAddress?
    private var noBroadcast = false
    private var added: [IPPrefix] = []
    private var removed: [IPPrefix] = []
    private var isAlias: Bool { label != dev.text }

    init(_ standing: Standing, _ label: String, _ words: inout Words) throws {
        self.standing = standing
        self.label = label
        guard let dev = InterfaceName(String(label.prefix { $0 != ":" })) else {
            throw Failure("\(label): ERROR while getting interface flags: No such device", code: 255)
        }
        self.dev = dev
        var isInet6 = false
        while let word = words.next() {
            switch word {
            case "up": change.up = true
            case "down": change.up = false
            case "inet": isInet6 = false
            case "inet6": isInet6 = true
            case "netmask": maskLength = try mask(next(&words))
            case "broadcast":
                if let given = words.first.flatMap(IPAddress.init) { (broadcast, _) = (given, words.skip()) }
            case "-broadcast": noBroadcast = true
            case "pointopoint", "dstaddr": peer = try host(next(&words))
            case "-pointopoint": break
            case "mtu": change.mtu = try mtu(next(&words))
            case "txqueuelen": change.txqlen = Word(number(try next(&words)) ?? 1000)
            case "hw": change.address = try hardware(&words)
            case "arp", "-arp": change.arp = word == "arp"
            case "promisc", "-promisc": change.promisc = word == "promisc"
            case "allmulti", "-allmulti": change.allmulticast = word == "allmulti"
            case "multicast", "-multicast": change.multicast = word == "multicast"
            case "trailers", "-trailers", "dynamic", "-dynamic": break
            case "add": added.append(try prefix6(next(&words)))
            case "del": removed.append(try prefix6(next(&words)))
            case "name":
                let name = try next(&words)
                guard let name = InterfaceName(name) else { throw Failure("SIOCSIFNAME: Invalid argument", code: 1) }
                change.name = name
            case _ where isInet6: added.append(try prefix6(word))
            default: try readAddress(word)
            }
        }
    }

    private func next(_ words: inout Words) throws -> String {
        guard let word = words.next() else { throw Failure("ifconfig: `--help' gives usage information.", code: 3) }
        return word
    }

    private mutating func readAddress(_ word: String) throws {
        let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        address = parts[0] == "0" ? .unspecified(.inet) : try host(parts[0])
        guard parts.count == 2 else { return }
        if let length = Int(parts[1]), (0...32).contains(length) {
            maskLength = length
        } else {
            maskLength = try mask(parts[1])
        }
    }

    private func host(_ word: String) throws -> IPAddress {
        guard let address = IPAddress(word == "default" ? "0.0.0.0" : word), address.family == .inet else {
            let looksNumeric = word.allSatisfy { $0.isNumber || $0 == "." }
            throw Failure(
                "\(word): \(looksNumeric ? "Unknown host" : "Host name lookup failure")\n"
                    + "ifconfig: `--help' gives usage information.", code: 1)
        }
        return address
    }

    private func prefix6(_ word: String) throws -> IPPrefix {
        guard let prefix = IPPrefix(word) else { throw Failure("\(word): Unknown host", code: 1) }
        return prefix
    }

    /// `255.255.255.0` or `0xffffff00`.
    private func mask(_ word: String) throws -> Int {
        let value = word.hasPrefix("0x") ? number(word) : nil
        let address = value.map { value in IPAddress(bytes: (0..<4).map { UInt8(value >> (24 - 8 * $0) & 0xFF) })! }
        guard let length = (try address ?? host(word)).maskLength else {
            throw Failure("SIOCSIFNETMASK: Invalid argument", code: 1)
        }
        return length
    }

    private func mtu(_ word: String) throws -> MTU {
        guard let mtu = number(word).flatMap(MTU.init) else { throw Failure("SIOCSIFMTU: Invalid argument", code: 1) }
        return mtu
    }

    private func hardware(_ words: inout Words) throws -> MACAddress {
        let kind = try next(&words)
        guard kind == "ether" else {
            throw Failure("hw address type `\(kind)' has no handler to set address. failed.", code: 1)
        }
        let word = try next(&words)
        guard LinkLayerAddress(word)?.bytes.count == 6 else {
            throw Failure("\(word): invalid ether address.", code: 1)
        }
        guard let address = MACAddress(word) else {
            throw Failure("SIOCSIFHWADDR: Cannot assign requested address", code: 1)
        }
        return address
    }

    // MARK: Doing it

    func apply() throws {
        try applyAddresses()
        var change = change
        if isAlias {
            // An alias that goes down is gone, and takes nothing else along.
            if change.up == false { try removeMain() }
            change.up = nil
        }
        guard change != LinkChange() else { return }
        try answered(operation(of: change)) {
            let (place, descriptors) = try standing.place()
            try standing.agent().call(LinkSet.self, .init(place, dev: dev, change: change), descriptors: descriptors)
        }
    }

    /// The request of old that such a change would have been.
    private func operation(of change: LinkChange) -> String? {
        if change.mtu != nil { return "SIOCSIFMTU" }
        if change.address != nil { return "SIOCSIFHWADDR" }
        if change.name != nil { return "SIOCSIFNAME" }
        return change.txqlen != nil ? "SIOCSIFTXQLEN" : nil
    }

    private func applyAddresses() throws {
        if address != nil || maskLength != nil || broadcast != nil || peer != nil {
            try answered("SIOCSIFADDR", sayingFlags: address != nil) { try setMain() }
        }
        for prefix in added { try answered("SIOCSIFADDR") { try put(AddressSpec(prefix)) } }
        for prefix in removed {
            try answered("SIOCDIFADDR") { try standing.call(AddrDelete.self, OnDevice(dev, AddressSpec(prefix))) }
        }
    }

    private func put(_ spec: AddressSpec) throws { try standing.call(AddrAdd.self, OnDevice(dev, spec)) }

    /// The address that this name stands for, and its link.
    private func main() throws -> Interface? {
        try Interface.all(standing, dev).first { $0.name == label }
    }

    private func removeMain() throws {
        guard let old = try main()?.inet else { return }
        try standing.call(AddrDelete.self, OnDevice(dev, Self.spec(of: old)))
    }

    private static func spec(of info: AddressInfo) -> AddressSpec {
        var spec = AddressSpec(IPPrefix(info.local, length: info.prefixlen)!)
        spec.peer = info.peer
        return spec
    }

    private func setMain() throws {
        let interfaces = try Interface.all(standing, dev)
        let old = interfaces.first { $0.name == label }?.inet
        guard let local = address ?? old?.local else {
            throw Failure(
                "\(maskLength != nil ? "SIOCSIFNETMASK" : "SIOCSIFBRDADDR"): Cannot assign requested address", code: 1)
        }
        if let old { try standing.call(AddrDelete.self, OnDevice(dev, Self.spec(of: old))) }
        if !local.isUnspecified { try put(newMain(local, old, interfaces.first?.link)) }
        // The interface comes up with its address.
        if address != nil && change.up == nil {
            var up = LinkChange()
            up.up = true
            let (place, descriptors) = try standing.place()
            try standing.agent().call(LinkSet.self, .init(place, dev: dev, change: up), descriptors: descriptors)
        }
    }

    private func newMain(_ local: IPAddress, _ old: AddressInfo?, _ link: Link?) throws -> AddressSpec {
        let kept = address == nil ? old : nil
        let length = maskLength ?? kept?.prefixlen ?? local.classLength
        let prefix = IPPrefix(local, length: length)!
        var spec = AddressSpec(prefix)
        let hasBroadcast = link?.flags.contains("BROADCAST") ?? true
        if let broadcast {
            spec.broadcast = broadcast
        } else if noBroadcast || !hasBroadcast || length >= 31 {
            spec.broadcast = nil
        } else if let kept, let old = kept.broadcast, old != IPPrefix(local, length: kept.prefixlen)?.edge(ones: true) {
            spec.broadcast = old
        } else {
            spec.broadcast = prefix.edge(ones: true)
        }
        spec.peer = peer ?? kept?.peer
        spec.label = AddressLabel(label)
        if local.isLoopback { spec.scope = .host }
        return spec
    }

    /// What went wrong in net-tools' words.
    private func answered(_ operation: String?, sayingFlags: Bool = false, _ body: () throws -> Void) throws {
        do { try body() } catch let refusal as WireError {
            let flags = "\(label): ERROR while getting interface flags: \(refusal.cause)"
            guard let operation else { throw Failure(flags, code: 255) }
            if refusal.unknownDevice != nil && sayingFlags {
                throw Failure("\(operation): \(refusal.cause)\n\(flags)", code: 255)
            }
            throw Failure("\(operation): \(refusal.cause)", code: 1)
        }
    }
}
