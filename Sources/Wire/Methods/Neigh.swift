// neigh.add, replace, delete, flush, list: neighbours.

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

public enum NeighList: Method {
    public static let name = "neigh.list"
    public typealias Params = ForList<NeighbourFilter>
    public typealias Result = [InNamespace<Neighbour>]
}
