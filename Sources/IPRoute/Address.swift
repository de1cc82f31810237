// Addresses of links (ip-address(8)).

/// An address to be put on a link, or taken off.
public struct AddressSpec: Hashable, Sendable {
    /// With the length of its network's prefix: `10.0.0.1/24`.
    public var local: IPPrefix
    /// The other end of a point-to-point link; the prefix length is then the peer's.
    public var peer: IPAddress?
    /// IPv4's broadcast address; without it there is none, as with `ip`. `+` is not needed: give the address.
    public var broadcast: IPAddress?
    public var scope: RouteScope?
    /// IPv4's old name for the address: at most 15 bytes, beginning with the link's name.
    public var label: AddressLabel?
    /// Seconds; without it for ever.
    public var validLifetime: Word?
    public var preferredLifetime: Word?
    /// Skip duplicate address detection (IPv6).
    public var nodad: Bool?
    /// Make no route to the address's network.
    public var noprefixroute: Bool?
    public var metric: Word?

    public init(_ local: IPPrefix) { self.local = local }
}

extension AddressSpec: Codable {
    private enum CodingKeys: String, CodingKey {
        case local, peer, broadcast, scope, label, validLifetime = "valid_life_time"
        case preferredLifetime = "preferred_life_time", nodad, noprefixroute, metric
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func check(_ key: CodingKeys, _ isGood: Bool, _ rule: String) throws {
            guard isGood else {
                throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: rule)
            }
        }
        local = try container.decode(IPPrefix.self, forKey: .local)
        peer = try container.decodeIfPresent(IPAddress.self, forKey: .peer)
        broadcast = try container.decodeIfPresent(IPAddress.self, forKey: .broadcast)
        scope = try container.decodeIfPresent(RouteScope.self, forKey: .scope)
        label = try container.decodeIfPresent(AddressLabel.self, forKey: .label)
        validLifetime = try container.decodeIfPresent(Word.self, forKey: .validLifetime)
        preferredLifetime = try container.decodeIfPresent(Word.self, forKey: .preferredLifetime)
        nodad = try container.decodeIfPresent(Bool.self, forKey: .nodad)
        noprefixroute = try container.decodeIfPresent(Bool.self, forKey: .noprefixroute)
        metric = try container.decodeIfPresent(Word.self, forKey: .metric)

        let family = local.family
        try check(.peer, peer == nil || peer?.family == family, "must be an \(family.rawValue) address like local")
        try check(.broadcast, broadcast == nil || family == .inet, "is for IPv4 only")
        try check(.broadcast, broadcast == nil || broadcast?.family == .inet, "must be an inet address like local")
        try check(.label, label == nil || family == .inet, "is for IPv4 only")
        try check(.validLifetime, validLifetime?.value != 0, "must not be 0")
        try check(
            .preferredLifetime, preferredLifetime ?? Word(0) <= validLifetime ?? .forever,
            "must not be more than valid_life_time")
    }
}

/// IFA_LABEL: 1 to 15 visible ASCII characters; `eth0:1` by custom.
public struct AddressLabel: Hashable, Sendable {
    public let text: String
    public static let rule = "must be 1 to 15 visible ASCII characters"

    public init?(_ text: String) {
        guard (1...15).contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F }) else {
            return nil
        }
        self.text = text
    }
}

extension AddressLabel: TextValue {
    public var description: String { text }
}

/// Which addresses; what is left out does not matter.
public struct AddressFilter: Hashable, Sendable, Codable {
    public var dev: InterfaceName?
    public var family: Family?
    public var scope: RouteScope?
    /// This address alone.
    public var local: IPAddress?

    public init() {}
}

/// An address a link has, under the keys of `ip -j addr`.
public struct AddressInfo: Hashable, Sendable, Codable {
    public var family: Family
    public var local: IPAddress
    /// The other end of a point-to-point link.
    public var peer: IPAddress?
    public var prefixlen: Int
    public var metric: Word?
    public var broadcast: IPAddress?
    public var scope: RouteScope
    /// Present and true, or absent.
    public var dynamic, tentative, deprecated, dadfailed, nodad, noprefixroute, secondary: Bool?
    public var `protocol`: String?
    public var label: String?
    /// Seconds; 4294967295 is for ever.
    public var validLifetime: Word
    public var preferredLifetime: Word

    public init(
        family: Family, local: IPAddress, prefixlen: Int, scope: RouteScope, validLifetime: Word = .forever,
        preferredLifetime: Word = .forever
    ) {
        self.family = family
        self.local = local
        self.prefixlen = prefixlen
        self.scope = scope
        self.validLifetime = validLifetime
        self.preferredLifetime = preferredLifetime
    }

    private enum CodingKeys: String, CodingKey {
        case family, local, peer = "address", prefixlen, metric, broadcast, scope, dynamic, tentative, deprecated
        case dadfailed, nodad, noprefixroute, secondary, `protocol`, label, validLifetime = "valid_life_time"
        case preferredLifetime = "preferred_life_time"
    }
}

/// A link with its addresses, as `ip -j addr` gives it.
public struct LinkWithAddresses: Hashable, Sendable, Codable {
    public var link: Link
    public var addresses: [AddressInfo]

    public init(_ link: Link, _ addresses: [AddressInfo]) {
        self.link = link
        self.addresses = addresses
    }

    private enum CodingKeys: String, CodingKey { case addresses = "addr_info" }

    public init(from decoder: any Decoder) throws {
        link = try Link(from: decoder)
        addresses = try decoder.container(keyedBy: CodingKeys.self).decode([AddressInfo].self, forKey: .addresses)
    }

    public func encode(to encoder: any Encoder) throws {
        try link.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(addresses, forKey: .addresses)
    }
}

/// An address and the link it is on, as an event tells it.
public struct AddressOnLink: Hashable, Sendable, Codable {
    public var ifindex: Int32
    /// Absent where the link is gone by now.
    public var dev: String?
    public var info: AddressInfo

    public init(ifindex: Int32, dev: String?, info: AddressInfo) {
        self.ifindex = ifindex
        self.dev = dev
        self.info = info
    }

    private enum CodingKeys: CodingKey { case ifindex, dev }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        ifindex = try container.decode(Int32.self, forKey: .ifindex)
        dev = try container.decodeIfPresent(String.self, forKey: .dev)
        info = try AddressInfo(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(ifindex, forKey: .ifindex)
        try container.encodeIfPresent(dev, forKey: .dev)
        try info.encode(to: encoder)
    }
}
