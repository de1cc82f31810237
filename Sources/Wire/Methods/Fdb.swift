// fdb.list: forwarding entries of bridges and VXLANs.

public import IPRoute

public enum FdbList: Method {
    public static let name = "fdb.list"
    public typealias Params = ForList<ForwardingFilter>
    public typealias Result = [InNamespace<ListedForwardingEntry>]
}
