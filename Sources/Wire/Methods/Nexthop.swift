// nexthop.add, replace, delete, flush, list: ways that routes refer to by number.

public import IPRoute

public enum NexthopAdd: Method {
    public static let name = "nexthop.add"
    public typealias Params = ForNamespace<NexthopSpec>
    public typealias Result = Nothing
}

public enum NexthopReplace: Method {
    public static let name = "nexthop.replace"
    public typealias Params = ForNamespace<NexthopSpec>
    public typealias Result = Nothing
}

public enum NexthopDelete: Method {
    public static let name = "nexthop.delete"
    public typealias Params = ForNamespace<NexthopName>
    public typealias Result = Nothing
}

/// A nexthop object by its number.
public struct NexthopName: Codable, Sendable {
    public let id: NexthopId

    public init(_ id: NexthopId) {
        self.id = id
    }
}

public enum NexthopFlush: Method {
    public static let name = "nexthop.flush"
    public typealias Params = ForNamespace<NexthopFilter>
    public typealias Result = Flushed
}

public enum NexthopList: Method {
    public static let name = "nexthop.list"
    public typealias Params = ForList<NexthopFilter>
    public typealias Result = [InNamespace<Nexthop>]
}
