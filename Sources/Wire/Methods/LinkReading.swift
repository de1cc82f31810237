// Links off JSON member by member, and what is asked for about them: the same as Codable makes of it. To a program that
// lists links once, setting Codable's machinery up costs more than all the rest. What does not fit is left to Codable,
// which says why.

public import IPRoute
public import JSON

extension LinkFilter {
    /// As encoding it gives.
    public var json: JSONObject {
        var members = JSONObject()
        if let dev { members["dev"] = .string(dev.text) }
        if let kind { members["kind"] = .string(kind.rawValue) }
        if let master { members["master"] = .string(master.text) }
        if let up { members["up"] = .bool(up) }
        if let group { members["group"] = .string("\(group)") }
        if let statistics { members["statistics"] = .bool(statistics) }
        if let brief { members["brief"] = .bool(brief) }
        return members
    }
}

extension ListedLink {
    /// As decoding it gives.
    public init(reading json: JSONValue) throws(JSONError) {
        if let link = try ListedLink(quickly: json) {
            self = link
        } else {
            self = try json.decode(ListedLink.self, unknownKeys: .ignore)
        }
    }

    /// nil where a member is not what it has to be.
    private init?(quickly json: JSONValue) throws(JSONError) {
        guard case .object(let members) = json else { return nil }
        var reader = MemberReader(members)
        guard let link = try Link(&reader) else { return nil }
        let peer = reader.text("peer")
        let netns = reader.text("link_netns")
        let selector = netns.flatMap(NamespaceSelector.init)
        guard reader.isGood, (netns == nil) == (selector == nil) else { return nil }
        self.init(link, peer: peer, linkNetns: selector)
    }
}

extension Link {
    fileprivate init?(_ reader: inout MemberReader) throws(JSONError) {
        guard let index = reader.number("ifindex", as: Int32.self), let name = reader.text("ifname"),
            let flags = reader.words("flags"), let mtu = reader.number("mtu"), let state = reader.text("operstate"),
            let mode = reader.text("linkmode"), let group = reader.text("group"), let type = reader.text("link_type")
        else { return nil }
        self.init(
            ifindex: index, ifname: name, flags: flags, mtu: mtu, operstate: state, linkmode: mode, group: group,
            linkType: type)
        link = reader.text("link")
        linkIndex = reader.number("link_index", as: Int32.self)
        linkNetnsid = reader.number("link_netnsid", as: Int32.self)
        qdisc = reader.text("qdisc")
        master = reader.text("master")
        txqlen = reader.number("txqlen")
        address = reader.text("address")
        broadcast = reader.text("broadcast")
        alias = reader.text("ifalias")
        altnames = reader.words("altnames")
        event = reader.text("event")
        if let info = reader.present("linkinfo") { linkinfo = try info.decode(unknownKeys: .ignore, place: "linkinfo") }
        if let counts = reader.present("stats64") {
            stats64 = try counts.decode(unknownKeys: .ignore, place: "stats64")
        }
        inet6AddressGenerationMode = reader.text("inet6_addr_gen_mode")
        readLimits(&reader)
    }

    private mutating func readLimits(_ reader: inout MemberReader) {
        (promiscuity, allmulti) = (reader.number("promiscuity"), reader.number("allmulti"))
        (minMTU, maxMTU) = (reader.number("min_mtu"), reader.number("max_mtu"))
        (numTxQueues, numRxQueues) = (reader.number("num_tx_queues"), reader.number("num_rx_queues"))
        (gsoMaxSize, gsoMaxSegs) = (reader.number("gso_max_size"), reader.number("gso_max_segs"))
        (tsoMaxSize, tsoMaxSegs) = (reader.number("tso_max_size"), reader.number("tso_max_segs"))
        groMaxSize = reader.number("gro_max_size")
    }
}

/// Takes members of an object, and remembers whether one was not of its kind.
private struct MemberReader {
    private let members: JSONObject
    private(set) var isGood = true

    init(_ members: JSONObject) { self.members = members }

    /// nil also where it is null.
    func present(_ key: String) -> JSONValue? {
        guard let value = members[key], !value.isNull else { return nil }
        return value
    }

    mutating func text(_ key: String) -> String? {
        guard let value = present(key) else { return nil }
        guard case .string(let text) = value else { return fail() }
        return text
    }

    mutating func number<Value: FixedWidthInteger>(_ key: String, as _: Value.Type = Int.self) -> Value? {
        guard let value = present(key) else { return nil }
        guard case .integer(let number) = value, let known = Value(exactly: number) else { return fail() }
        return known
    }

    mutating func words(_ key: String) -> [String]? {
        guard let value = present(key) else { return nil }
        guard case .array(let elements) = value else { return fail() }
        var words: [String] = []
        words.reserveCapacity(elements.count)
        for element in elements {
            guard case .string(let word) = element else { return fail() }
            words.append(word)
        }
        return words
    }

    private mutating func fail<Value>() -> Value? {
        isGood = false
        return nil
    }
}
