// addr.add, replace, delete, flush, list: addresses of links.

public import IPRoute

public enum AddrAdd: Method {
    public static let name = "addr.add"
    public typealias Params = ForNamespace<OnDevice<AddressSpec>>
    public typealias Result = Nothing
}

public enum AddrReplace: Method {
    public static let name = "addr.replace"
    public typealias Params = ForNamespace<OnDevice<AddressSpec>>
    public typealias Result = Nothing
}

public enum AddrDelete: Method {
    public static let name = "addr.delete"
    public typealias Params = ForNamespace<OnDevice<AddressSpec>>
    public typealias Result = Nothing
}

public enum AddrFlush: Method {
    public static let name = "addr.flush"
    public typealias Params = ForNamespace<AddressFilter>
    public typealias Result = Flushed
}

public enum AddrList: Method {
    public static let name = "addr.list"
    public typealias Params = ForList<AddressFilter>
    public typealias Result = [InNamespace<LinkWithAddresses>]
}

/// A specification and the link it is for.
public struct OnDevice<Value: Codable & Sendable>: Codable, Sendable {
    public let dev: InterfaceName
    public let value: Value

    private enum CodingKeys: CodingKey { case dev }

    public init(_ dev: InterfaceName, _ value: Value) {
        self.dev = dev
        self.value = value
    }

    public init(from decoder: any Decoder) throws {
        dev = try decoder.container(keyedBy: CodingKeys.self).decode(InterfaceName.self, forKey: .dev)
        value = try Value(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(dev, forKey: .dev)
        try value.encode(to: encoder)
    }
}

/// What a flush took away.
public struct Flushed: Codable, Sendable, Equatable {
    public let removed: Int

    public init(removed: Int) {
        self.removed = removed
    }
}
