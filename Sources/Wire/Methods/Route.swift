// route.add, replace, change, append, prepend, delete, flush, list, get: routes.

public import IPRoute

public enum RouteAdd: Method {
    public static let name = "route.add"
    public typealias Params = ForNamespace<RouteSpec>
    public typealias Result = Nothing
}

public enum RouteReplace: Method {
    public static let name = "route.replace"
    public typealias Params = ForNamespace<RouteSpec>
    public typealias Result = Nothing
}

public enum RouteChange: Method {
    public static let name = "route.change"
    public typealias Params = ForNamespace<RouteSpec>
    public typealias Result = Nothing
}

public enum RouteAppend: Method {
    public static let name = "route.append"
    public typealias Params = ForNamespace<RouteSpec>
    public typealias Result = Nothing
}

public enum RoutePrepend: Method {
    public static let name = "route.prepend"
    public typealias Params = ForNamespace<RouteSpec>
    public typealias Result = Nothing
}

public enum RouteDelete: Method {
    public static let name = "route.delete"
    public typealias Params = ForNamespace<RouteSpec>
    public typealias Result = Nothing
}

public enum RouteFlush: Method {
    public static let name = "route.flush"
    public typealias Params = ForNamespace<RouteFilter>
    public typealias Result = Flushed
}

public enum RouteList: Method {
    public static let name = "route.list"
    public typealias Params = ForList<RouteFilter>
    public typealias Result = [InNamespace<Route>]
}

public enum RouteGet: Method {
    public static let name = "route.get"
    public typealias Params = ForNamespace<RouteQuery>
    public typealias Result = Route
}
