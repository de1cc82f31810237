// dns.get, dns.set: what programs in a namespace find in /etc/resolv.conf and /etc/hosts.

public import IPRoute

/// resolv.conf(5) and hosts(5) of a namespace. An empty list of servers leaves the host's resolv.conf.
public struct DNSSettings: Codable, Sendable, Hashable {
    public var servers: [IPAddress]
    public var search: [HostName]
    /// Words of resolv.conf(5)'s `options`: `ndots:2`, `rotate`.
    public var options: [ResolverOption]
    /// They stand before the host's own /etc/hosts.
    public var hosts: [Host]

    /// So many of each at the most. The resolver itself heeds three servers (MAXNS, resolv.h).
    public static let mostEntries = 256

    public struct Host: Codable, Sendable, Hashable {
        public var name: HostName
        public var address: IPAddress

        public init(name: HostName, address: IPAddress) {
            self.name = name
            self.address = address
        }
    }

    public init(
        servers: [IPAddress] = [], search: [HostName] = [], options: [ResolverOption] = [], hosts: [Host] = []
    ) {
        self.servers = servers
        self.search = search
        self.options = options
        self.hosts = hosts
    }

    private enum CodingKeys: CodingKey { case servers, search, options, hosts }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func list<Entry: Decodable>(_ key: CodingKeys) throws -> [Entry] {
            let entries = try container.decodeIfPresent([Entry].self, forKey: key) ?? []
            guard entries.count <= Self.mostEntries else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "must be at most \(Self.mostEntries)")
            }
            return entries
        }
        servers = try list(.servers)
        search = try list(.search)
        options = try list(.options)
        hosts = try list(.hosts)
    }
}

public enum DNSGet: Method {
    public static let name = "dns.get"

    public struct Params: Parameters {
        public let netns: NamespaceSelector

        public init(netns: NamespaceSelector) {
            self.netns = netns
        }
    }

    public typealias Result = DNSSettings
}

/// Replaces the settings; programs started from then on find them.
public enum DNSSet: Method {
    public static let name = "dns.set"

    public struct Params: Parameters {
        public let netns: NamespaceSelector
        public let settings: DNSSettings

        private enum CodingKeys: CodingKey { case netns }

        public init(netns: NamespaceSelector, settings: DNSSettings) {
            self.netns = netns
            self.settings = settings
        }

        public init(from decoder: any Decoder) throws {
            netns = try decoder.container(keyedBy: CodingKeys.self).decode(NamespaceSelector.self, forKey: .netns)
            settings = try DNSSettings(from: decoder)
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(netns, forKey: .netns)
            try settings.encode(to: encoder)
        }
    }

    public typealias Result = Nothing
}

/// A host's or domain's name (RFC 1123): labels of letters, digits, `-` and `_`, 253 bytes in all.
public struct HostName: TextValue {
    public let text: String
    public var description: String { text }
    public static let rule = "must be a host name: letters, digits, - and _ in labels of at most 63, joined by dots"

    public init?(_ text: String) {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 253, labels.allSatisfy(Self.isLabel) else { return nil }
        self.text = text
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.utf8.first != UInt8(ascii: "-")
            && label.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") }
    }
}

/// One word of resolv.conf(5)'s options line.
public struct ResolverOption: TextValue {
    public let text: String
    public var description: String { text }
    public static let rule = "must be an option of resolv.conf(5) like ndots:2 or rotate"

    public init?(_ text: String) {
        guard (1...64).contains(text.utf8.count),
            text.utf8.allSatisfy({ isWord($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ":") })
        else { return nil }
        self.text = text
    }
}
