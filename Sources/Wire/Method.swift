// What a method of the protocol is: a name, the parameters it takes and the result it gives.

/// A method of the protocol, named `noun.verb` in iproute2's nouns.
public protocol Method: Sendable {
    associatedtype Params: Parameters
    associatedtype Result: Codable & Sendable
    static var name: String { get }
}

/// What a method takes.
public protocol Parameters: Codable, Sendable {
    /// Indices into the descriptors sent with the line (SCM_RIGHTS) that these parameters name; each descriptor that
    /// came must be named once.
    var descriptorIndices: [Int] { get }
}

extension Parameters {
    public var descriptorIndices: [Int] { [] }
}

/// The most descriptors that may come with one line.
public let mostDescriptors = 16

extension KeyedDecodingContainer {
    /// An index into the line's descriptors, of which there are at most sixteen.
    func decodeDescriptorIndex(forKey key: Key) throws -> Int {
        let index = try decode(Int.self, forKey: key)
        guard (0..<mostDescriptors).contains(index) else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "must be an integer from 0 to \(mostDescriptors - 1)")
        }
        return index
    }
}

/// A method that takes no parameters, or gives nothing but its success: `{}`.
public struct Nothing: Parameters, Equatable {
    public init() {}
    public init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: NoKeys.self) }
    public func encode(to encoder: any Encoder) throws { _ = encoder.container(keyedBy: NoKeys.self) }
    private enum NoKeys: CodingKey {}
}

/// Where a request acts: a namespace by its name, or by a descriptor of it. Without either, where the caller stands
/// as far as the agent is told: on the host, which for root is the host itself and for others their `default`.
///
/// A client sends its own `/proc/self/ns/net`, so that what it does happens where it is. The descriptor names a
/// namespace; it gives no right to it.
public struct Place: Hashable, Sendable, Codable {
    public let netns: NamespaceSelector?
    public let netnsFileDescriptor: Int?

    private enum CodingKeys: CodingKey { case netns, netnsFileDescriptor }

    public init(_ netns: NamespaceSelector?) {
        self.netns = netns
        netnsFileDescriptor = nil
    }

    public init(netnsFileDescriptor: Int) {
        netns = nil
        self.netnsFileDescriptor = netnsFileDescriptor
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        netns = try container.decodeIfPresent(NamespaceSelector.self, forKey: .netns)
        let hasDescriptor = try container.contains(.netnsFileDescriptor) && !container.decodeNil(forKey: .netnsFileDescriptor)
        netnsFileDescriptor = hasDescriptor ? try container.decodeDescriptorIndex(forKey: .netnsFileDescriptor) : nil
        if netns != nil && netnsFileDescriptor != nil {
            throw DecodingError.dataCorruptedError(
                forKey: .netnsFileDescriptor, in: container, debugDescription: "excludes netns")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(netns, forKey: .netns)
        try container.encodeIfPresent(netnsFileDescriptor, forKey: .netnsFileDescriptor)
    }

    var descriptorIndices: [Int] { netnsFileDescriptor.map { [$0] } ?? [] }
}

/// A value with the namespace it is in, as one JSON object: the key `netns` beside the value's own.
public struct InNamespace<Value: Codable & Sendable>: Codable, Sendable {
    /// As the caller names it: `server`, or for root `alice:server`. Absent: the host, which only root acts on.
    public let netns: NamespaceSelector?
    public let value: Value

    private enum CodingKeys: CodingKey { case netns }

    public init(_ netns: NamespaceSelector?, _ value: Value) {
        self.netns = netns
        self.value = value
    }

    public init(from decoder: any Decoder) throws {
        netns = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(NamespaceSelector.self, forKey: .netns)
        value = try Value(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(netns, forKey: .netns)
        try value.encode(to: encoder)
    }
}

/// A specification and the place it is for.
public struct ForNamespace<Value: Codable & Sendable>: Parameters {
    public let place: Place
    public let value: Value

    public init(_ place: Place, _ value: Value) {
        self.place = place
        self.value = value
    }

    public init(from decoder: any Decoder) throws {
        place = try Place(from: decoder)
        value = try Value(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        try place.encode(to: encoder)
        try value.encode(to: encoder)
    }

    public var descriptorIndices: [Int] { place.descriptorIndices }
}

/// A filter and the namespaces to look in; without `netns`, all of the caller's.
public struct ForList<Filter: Codable & Sendable>: Parameters {
    public let netns: [NamespaceSelector]?
    public let filter: Filter

    private enum CodingKeys: CodingKey { case netns }

    public init(_ netns: [NamespaceSelector]?, _ filter: Filter) {
        self.netns = netns
        self.filter = filter
    }

    public init(from decoder: any Decoder) throws {
        netns = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent([NamespaceSelector].self, forKey: .netns)
        filter = try Filter(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(netns, forKey: .netns)
        try filter.encode(to: encoder)
    }
}
