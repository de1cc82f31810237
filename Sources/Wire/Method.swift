// What a method of the protocol is: a name, the parameters it takes and the result it gives.

public import IPRoute

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
    var descriptorIndices: [DescriptorIndex] { get }
}

extension Parameters {
    public var descriptorIndices: [DescriptorIndex] { [] }
}

/// The most descriptors that may come with one line.
public let mostDescriptors = 16

/// An index into the descriptors sent with a line (SCM_RIGHTS).
public struct DescriptorIndex: BoundedInteger, ExpressibleByIntegerLiteral {
    public static let range = 0...(mostDescriptors - 1)
    public let value: Int
    public init(unchecked value: Int) { self.value = value }
    public init(integerLiteral value: Int) {
        precondition(Self.range.contains(value))
        self.value = value
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
    public let netnsFileDescriptor: DescriptorIndex?

    private enum CodingKeys: CodingKey { case netns, netnsFileDescriptor }

    public init(_ netns: NamespaceSelector?) {
        self.netns = netns
        netnsFileDescriptor = nil
    }

    public init(netnsFileDescriptor: DescriptorIndex) {
        netns = nil
        self.netnsFileDescriptor = netnsFileDescriptor
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        netns = try container.decodeIfPresent(NamespaceSelector.self, forKey: .netns)
        netnsFileDescriptor = try container.decodeIfPresent(DescriptorIndex.self, forKey: .netnsFileDescriptor)
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

    var descriptorIndices: [DescriptorIndex] { netnsFileDescriptor.map { [$0] } ?? [] }
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

    public var descriptorIndices: [DescriptorIndex] { place.descriptorIndices }
}

/// A filter and the namespaces to look in: those named, or the one a descriptor says, as in `Place`; without either,
/// all of the caller's.
public struct ForList<Filter: Codable & Sendable>: Parameters {
    public let netns: [NamespaceSelector]?
    public let netnsFileDescriptor: DescriptorIndex?
    public let filter: Filter

    private enum CodingKeys: CodingKey { case netns, netnsFileDescriptor }

    public init(_ netns: [NamespaceSelector]?, _ filter: Filter) {
        self.netns = netns
        netnsFileDescriptor = nil
        self.filter = filter
    }

    public init(netnsFileDescriptor: DescriptorIndex, _ filter: Filter) {
        netns = nil
        self.netnsFileDescriptor = netnsFileDescriptor
        self.filter = filter
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        netns = try container.decodeIfPresent([NamespaceSelector].self, forKey: .netns)
        netnsFileDescriptor = try container.decodeIfPresent(DescriptorIndex.self, forKey: .netnsFileDescriptor)
        if netns != nil && netnsFileDescriptor != nil {
            throw DecodingError.dataCorruptedError(
                forKey: .netnsFileDescriptor, in: container, debugDescription: "excludes netns")
        }
        filter = try Filter(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(netns, forKey: .netns)
        try container.encodeIfPresent(netnsFileDescriptor, forKey: .netnsFileDescriptor)
        try filter.encode(to: encoder)
    }

    public var descriptorIndices: [DescriptorIndex] { netnsFileDescriptor.map { [$0] } ?? [] }

    /// It is of all the caller has.
    public var isOfAll: Bool { netns == nil && netnsFileDescriptor == nil }
}
