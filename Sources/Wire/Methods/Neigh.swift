// neigh.add, replace, change, delete, flush, get, list: neighbours.

public import IPRoute

public enum NeighAdd: Method {
    public static let name = "neigh.add"
    public typealias Params = ForNamespace<NeighbourSpec>
    public typealias Result = Nothing
}

public enum NeighReplace: Method {
    public static let name = "neigh.replace"
    public typealias Params = ForNamespace<NeighbourSpec>
    public typealias Result = Nothing
}

public enum NeighChange: Method {
    public static let name = "neigh.change"
    public typealias Params = ForNamespace<NeighbourSpec>
    public typealias Result = Nothing
}

public enum NeighDelete: Method {
    public static let name = "neigh.delete"
    public typealias Params = ForNamespace<NeighbourSpec>
    public typealias Result = Nothing
}

public enum NeighFlush: Method {
    public static let name = "neigh.flush"
    public typealias Params = ForNamespace<NeighbourFilter>
    public typealias Result = Flushed
}

public enum NeighGet: Method {
    public static let name = "neigh.get"
    public typealias Params = ForNamespace<NeighbourQuery>
    public typealias Result = Neighbour
}

public enum NeighList: Method {
    public static let name = "neigh.list"
    public typealias Params = ForList<NeighbourFilter>
    public typealias Result = [InNamespace<Neighbour>]
}
