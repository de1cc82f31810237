// Multicast addresses: the groups that links listen to (ip-maddress(8)).

/// A group of the link layer, for a link to listen to or to leave.
public struct MulticastSpec: Hashable, Sendable, Codable {
    public var dev: InterfaceName
    public var address: MulticastMAC

    public init(_ address: MulticastMAC, dev: InterfaceName) {
        self.address = address
        self.dev = dev
    }
}

/// Six bytes. The kernel takes single stations' addresses too; a filter of a link's it is in any case.
public struct MulticastMAC: Hashable, Sendable {
    public let bytes: [UInt8]

    public init?(_ text: String) {
        guard let address = LinkLayerAddress(text), address.bytes.count == 6 else { return nil }
        bytes = address.bytes
    }

    public static let rule = "must be an address of six bytes like 33:33:00:00:00:01"
}

extension MulticastMAC: TextValue {
    public var description: String { linkLayerText(bytes[...]) }
}

/// Which links' groups, and of which layer; what is left out does not matter.
public struct MulticastFilter: Hashable, Sendable, Codable {
    public var dev: InterfaceName?
    public var family: Layer?

    /// The link layer, or IP of a family.
    public enum Layer: String, Hashable, Sendable, Codable, CaseIterable { case link, inet, inet6 }

    public init() {}
}

/// A link's groups, under the keys of `ip -j maddress`.
public struct LinkWithGroups: Hashable, Sendable, Codable {
    public var ifindex: Int32
    public var ifname: String
    public var groups: [MulticastGroup]

    public init(ifindex: Int32, ifname: String, groups: [MulticastGroup]) {
        self.ifindex = ifindex
        self.ifname = ifname
        self.groups = groups
    }

    private enum CodingKeys: String, CodingKey { case ifindex, ifname, groups = "maddr" }
}

/// One group: an address of the link layer, or of a family.
public struct MulticastGroup: Hashable, Sendable, Codable {
    public var link: String?
    public var family: Family?
    public var address: IPAddress?
    /// How many asked for it.
    public var users: Int
    /// Somebody asked for it by `maddr.add`, and it stays until `maddr.delete`.
    public var isStatic: Bool

    public init(link: String? = nil, address: IPAddress? = nil, users: Int, isStatic: Bool = false) {
        self.link = link
        (self.address, family) = (address, address?.family)
        self.users = users
        self.isStatic = isStatic
    }

    private enum CodingKeys: String, CodingKey { case link, family, address, users, isStatic = "static" }
}
