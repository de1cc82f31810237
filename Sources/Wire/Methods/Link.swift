// link.add, set, delete, list: links (interfaces).

public import IPRoute

public enum LinkAdd: Method {
    public static let name = "link.add"

    public struct Params: Parameters {
        public let place: Place
        public let link: LinkSpec
        /// Given to the link once it is there.
        public let addresses: [IPPrefix]?
        /// The other end of a veth pair. Without it, it is in the same namespace under a name the kernel chooses.
        public let peer: Peer?

        private enum CodingKeys: CodingKey { case addresses, peer }

        public init(_ place: Place, link: LinkSpec, addresses: [IPPrefix]? = nil, peer: Peer? = nil) {
            self.place = place
            self.link = link
            self.addresses = addresses
            self.peer = peer
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            place = try Place(from: decoder)
            addresses = try container.decodeIfPresent([IPPrefix].self, forKey: .addresses)
            peer = try container.decodeIfPresent(Peer.self, forKey: .peer)
            link = try LinkSpec(from: decoder)
            if peer != nil && link.kind != .veth {
                throw DecodingError.dataCorruptedError(
                    forKey: .peer, in: container, debugDescription: "belongs to a link of kind veth")
            }
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try place.encode(to: encoder)
            try link.encode(to: encoder)
            try container.encodeIfPresent(addresses, forKey: .addresses)
            try container.encodeIfPresent(peer, forKey: .peer)
        }

        public var descriptorIndices: [DescriptorIndex] { place.descriptorIndices }
    }

    public struct Peer: Codable, Sendable {
        /// Without it, the namespace of the first end.
        public let netns: NamespaceSelector?
        public let ifname: InterfaceName?
        public let up: Bool?
        public let mtu: MTU?
        public let address: MACAddress?
        public let master: InterfaceName?
        public let addresses: [IPPrefix]?

        public init(
            netns: NamespaceSelector? = nil, ifname: InterfaceName? = nil, up: Bool? = nil, mtu: MTU? = nil,
            address: MACAddress? = nil, master: InterfaceName? = nil, addresses: [IPPrefix]? = nil
        ) {
            self.netns = netns
            self.ifname = ifname
            self.up = up
            self.mtu = mtu
            self.address = address
            self.master = master
            self.addresses = addresses
        }
    }

    /// The link made and, for a veth, its other end.
    public typealias Result = [InNamespace<Link>]
}

public enum LinkSet: Method {
    public static let name = "link.set"

    public struct Params: Parameters {
        public let place: Place
        public let dev: InterfaceName
        /// Move it into this one of the caller's namespaces, renamed on the way where `name` is given too.
        public let moveTo: NamespaceSelector?
        public let change: LinkChange

        private enum CodingKeys: CodingKey { case dev, moveTo, nomaster }

        public init(_ place: Place, dev: InterfaceName, moveTo: NamespaceSelector? = nil, change: LinkChange) {
            self.place = place
            self.dev = dev
            self.moveTo = moveTo
            self.change = change
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            place = try Place(from: decoder)
            dev = try container.decode(InterfaceName.self, forKey: .dev)
            moveTo = try container.decodeIfPresent(NamespaceSelector.self, forKey: .moveTo)
            change = try LinkChange(from: decoder)
            if change.master != nil && change.nomaster != nil {
                throw DecodingError.dataCorruptedError(
                    forKey: .nomaster, in: container, debugDescription: "excludes master")
            }
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try place.encode(to: encoder)
            try container.encode(dev, forKey: .dev)
            try container.encodeIfPresent(moveTo, forKey: .moveTo)
            try change.encode(to: encoder)
        }

        public var descriptorIndices: [DescriptorIndex] { place.descriptorIndices }
    }

    public typealias Result = Nothing
}

public enum LinkDelete: Method {
    public static let name = "link.delete"

    public typealias Params = ForNamespace<LinkName>
    public typealias Result = Nothing
}

/// A link by its name.
public struct LinkName: Codable, Sendable {
    public let dev: InterfaceName

    public init(_ dev: InterfaceName) {
        self.dev = dev
    }
}

public enum LinkList: Method {
    public static let name = "link.list"
    public typealias Params = ForList<LinkFilter>
    public typealias Result = [InNamespace<ListedLink>]
}

/// A link of a list, and where its other end is when that is the caller's too.
public struct ListedLink: Codable, Sendable {
    public let link: Link
    /// The other end of a veth pair as a place, `gateway/svrgw-veth`.
    public let peer: String?
    /// Which of the caller's namespaces `link_netnsid` stands for.
    public let linkNetns: NamespaceSelector?

    private enum CodingKeys: String, CodingKey { case peer, linkNetns = "link_netns" }

    public init(_ link: Link, peer: String? = nil, linkNetns: NamespaceSelector? = nil) {
        self.link = link
        self.peer = peer
        self.linkNetns = linkNetns
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        peer = try container.decodeIfPresent(String.self, forKey: .peer)
        linkNetns = try container.decodeIfPresent(NamespaceSelector.self, forKey: .linkNetns)
        link = try Link(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try link.encode(to: encoder)
        try container.encodeIfPresent(peer, forKey: .peer)
        try container.encodeIfPresent(linkNetns, forKey: .linkNetns)
    }
}
