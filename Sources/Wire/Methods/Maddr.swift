// maddr.add, delete, list: the groups that links listen to.

public import IPRoute

public enum MaddrAdd: Method {
    public static let name = "maddr.add"
    public typealias Params = ForNamespace<MulticastSpec>
    public typealias Result = Nothing
}

public enum MaddrDelete: Method {
    public static let name = "maddr.delete"
    public typealias Params = ForNamespace<MulticastSpec>
    public typealias Result = Nothing
}

public enum MaddrList: Method {
    public static let name = "maddr.list"
    public typealias Params = ForList<MulticastFilter>
    public typealias Result = [InNamespace<LinkWithGroups>]
}
