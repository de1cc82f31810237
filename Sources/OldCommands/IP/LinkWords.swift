// What stands before `type` in `ip link add` and `ip link set`, and behind a veth's `peer`.

import Glibc
import NetnsClient

/// The words about a link, whichever command they are for.
struct LinkWords {
    var dev: String?
    var name: InterfaceName?
    var link: String?
    var netns: String?
    /// The one to belong to; of `ip link set` without a link, all that belong to it are meant.
    var group: LinkGroup?
    var index: LinkIndex?
    var change = LinkChange()
    /// Behind `type`; the rest of the words is the kind's.
    var kind: String?

    /// Reads up to `type` and the word behind it, or to the end. iproute2 compares some words by their beginnings.
    init(_ words: inout Words) throws {
        while let word = words.next() {
            switch word {
            case "up": change.up = true
            case "down": change.up = false
            case "name": name = try Self.linkName(words.value(), "name")
            case "mtu": change.mtu = try Self.mtu(words.value())
            case "netns": netns = try words.value()
            case "multicast": change.multicast = try onOff(words.value(), word)
            case "allmulticast": change.allmulticast = try onOff(words.value(), word)
            case "promisc": change.promisc = try onOff(words.value(), word)
            case "arp": change.arp = try onOff(words.value(), word)
            case "nomaster": change.nomaster = true
            case "alias": change.alias = try Self.alias(words.value())
            case "dynamic": change.dynamic = try onOff(words.value(), word)
            case "trailers": change.trailers = try onOff(words.value(), word)
            case "carrier": change.carrier = try oneOfOnOff(words.value(), word, code: EINVAL)
            case "protodown": change.protodown = try oneOfOnOff(words.value(), word, code: EINVAL)
            case "group": group = try Self.group(words.value())
            case "index": index = try Self.index(words.value())
            case "addrgenmode":
                change.addrgenmode = try Self.oneOf(words.value(), "Invalid address generation mode\n")
            case "mode": change.linkmode = try Self.oneOf(words.value(), "Invalid link mode\n")
            case "state": change.operstate = try Self.oneOf(words.value(), "Invalid operstate\n")
            case "txqueuelen", "qlen", "txqlen": change.txqlen = try bounded(words.value(), "txqueuelen")
            case "vrf": change.master = try Self.master(words.value())
            case "vf", "xdp", "numtxqueues", "numrxqueues", "gso_max_size", "gso_max_segs", "link-netns",
                "link-netnsid":
                throw Failure.notOffered("ip link with \(word)")
            case _ where word.begins("broadcast") || word == "brd":
                change.broadcast = try Self.linkLayerAddress(words.value())
            case _ where word.begins("link"): link = try words.value()
            case _ where word.begins("address"): change.address = try Self.address(words.value())
            case _ where word.begins("master"): change.master = try Self.master(words.value())
            case _ where word.begins("type"):
                kind = try words.value()
                return
            case _ where word.begins("help"): throw Failure.linkUsage
            default:
                let word = word == "dev" ? try words.value() : word
                if dev != nil { throw Failure.duplicate("dev", word) }
                dev = word
            }
        }
    }

    static func linkName(_ word: String, _ keyword: String) throws -> InterfaceName {
        guard let name = InterfaceName(word) else { throw Failure.invalid(word, "\"\(keyword)\" not a valid ifname") }
        return name
    }

    static func group(_ word: String) throws -> LinkGroup {
        guard let group = LinkGroup(word) ?? number(word).flatMap(UInt32.init(exactly:)).map(LinkGroup.init) else {
            throw Failure.invalid(word, "Invalid \"group\" value\n")
        }
        return group
    }

    private static func index(_ word: String) throws -> LinkIndex {
        guard let index = number(word).flatMap(LinkIndex.init) else {
            throw Failure.invalid(word, "Invalid \"index\" value")
        }
        return index
    }

    private static func oneOf<Value: RawRepresentable>(_ word: String, _ complaint: String) throws -> Value
    where Value.RawValue == String {
        guard let value = Value(rawValue: word) ?? Value(rawValue: word.uppercased()) else {
            throw Failure.invalid(word, complaint)
        }
        return value
    }

    /// Out of its range it is the kernel that refuses it.
    private static func mtu(_ word: String) throws -> MTU {
        guard let value = number(word) else { throw Failure.invalid(word, "Invalid \"mtu\" value\n") }
        guard let mtu = MTU(value) else {
            throw Failure(
                "Error: mtu \(value < MTU.range.lowerBound ? "less than device minimum" : "greater than device maximum").",
                code: 2)
        }
        return mtu
    }

    private static func master(_ word: String) throws -> InterfaceName {
        guard let name = InterfaceName(word) else { throw Failure.noMaster(word) }
        return name
    }

    private static func alias(_ word: String) throws -> LinkAlias {
        guard let alias = LinkAlias(word) else { throw Failure.invalid(word, "\"alias\" is too long") }
        return alias
    }

    private static func linkLayerAddress(_ word: String) throws -> LinkLayerAddress {
        guard let address = LinkLayerAddress(word) else {
            throw Failure("\"\(word)\" is invalid lladdr.", code: 1)
        }
        return address
    }

    private static func address(_ word: String) throws -> MACAddress {
        if let address = MACAddress(word) { return address }
        _ = try linkLayerAddress(word)
        throw Failure("RTNETLINK answers: Cannot assign requested address", code: 2)
    }
}

extension IP {
    /// One of the caller's namespaces, by its name or by a process in it.
    func namespace(_ word: String) throws -> NamespaceSelector {
        if number(word) == nil, let name = NamespaceSelector(word) { return name }
        let known = try standing.agent().namespaces()
        if let named = known.first(where: { "\($0.name)" == word }) { return named.name }
        guard let pid = number(word), let name = try namespace(ofProcess: pid, among: known) else {
            throw Failure.noNetns(word)
        }
        return name
    }
}

extension Failure {
    static func noNetns(_ word: String) -> Failure { .invalid(word, "Invalid \"netns\" value\n") }
}
