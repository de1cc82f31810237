// How IP is set up on a link, as the kernel tells of it (ip-netconf(8)).

/// The settings of a link, or of `all` or `default`, under the keys of `ip -j netconf`. What a change does not tell is
/// absent.
public struct Netconf: Hashable, Sendable, Codable {
    public var family: Family
    /// A link's name, `all` or `default`.
    public var interface: String
    public var forwarding: Bool?
    /// Which packets' sources are checked (RFC 3704); IPv4's.
    public var rpFilter: ReversePathFilter?
    public var mcForwarding: Bool?
    public var proxyNeigh: Bool?
    public var ignoreRoutesWithLinkdown: Bool?

    public init(_ family: Family, interface: String) {
        self.family = family
        self.interface = interface
    }

    /// By number: 0, 1, 2.
    public enum ReversePathFilter: String, Hashable, Sendable, Codable, CaseIterable { case off, strict, loose }

    private enum CodingKeys: String, CodingKey {
        case family, interface, forwarding, rpFilter = "rp_filter", mcForwarding = "mc_forwarding"
        case proxyNeigh = "proxy_neigh", ignoreRoutesWithLinkdown = "ignore_routes_with_linkdown"
    }
}
