// Where a command acts, and its way to the agent: one connection, made when it is needed.

import CLinux
import Descriptors
import Glibc
import NetnsClient

/// The namespace a command acts in: the one it names, or the one this process is in.
final class Standing {
    /// `ip -n NAME`.
    let netns: NamespaceSelector?
    private let connection: SharedConnection
    private var own: SharedDescriptor?

    /// The connection outlives a change of place, as in a batch.
    final class SharedConnection {
        private var made: Connection?

        func get() throws -> Connection {
            if let made { return made }
            let new = try Connection.connect()
            made = new
            return new
        }
    }

    init(_ netns: NamespaceSelector? = nil, _ connection: SharedConnection = SharedConnection()) {
        self.netns = netns
        self.connection = connection
    }

    func moved(to netns: NamespaceSelector?) -> Standing { Standing(netns, connection) }

    func agent() throws -> Connection { try connection.get() }

    /// The place as a request says it, its first descriptor beside.
    func place() throws -> (place: Place, descriptors: [CInt]) {
        if let netns { return (Place(netns), []) }
        return (Place(netnsFileDescriptor: 0), [try ownNamespace()])
    }

    private func ownNamespace() throws -> CInt {
        if let own { return own.raw }
        let opened = SharedDescriptor(try Connection.ownNamespace())
        own = opened
        return opened.raw
    }

    /// Calls a method that acts in one namespace.
    @discardableResult
    func call<Called: Method, Value>(_ method: Called.Type, _ value: Value) throws -> Called.Result
    where Called.Params == ForNamespace<Value> {
        let (place, descriptors) = try place()
        return try agent().call(method, ForNamespace(place, value), descriptors: descriptors)
    }

    /// Sends for a list of what is in the namespace; several can be on their way.
    func send<Called: Method, Filter>(_ method: Called.Type, _ filter: Filter) throws -> PendingCall<Called>
    where Called.Params == ForList<Filter> {
        if let netns { return try agent().send(method, ForList([netns], filter)) }
        return try agent().send(
            method, ForList(netnsFileDescriptor: 0, filter), descriptors: [try ownNamespace()])
    }

    func receive<Called: Method, Value>(_ pending: PendingCall<Called>) throws -> [Value]
    where Called.Result == [InNamespace<Value>] {
        try agent().receive(pending).result.map(\.value)
    }

    func list<Called: Method, Filter, Value>(_ method: Called.Type, _ filter: Filter) throws -> [Value]
    where Called.Params == ForList<Filter>, Called.Result == [InNamespace<Value>] {
        try receive(try send(method, filter))
    }

    /// The links of the namespace.
    func links(_ filter: LinkFilter = LinkFilter()) throws -> [ListedLink] {
        var params = filter.json
        var descriptors: [CInt] = []
        if let netns {
            params["netns"] = [.string("\(netns)")]
        } else {
            params["netnsFileDescriptor"] = 0
            descriptors = [try ownNamespace()]
        }
        guard case .array(let links) = try agent().exchange(LinkList.name, params, descriptors: descriptors) else {
            throw ConnectionError.garbled("\(LinkList.name): not an array")
        }
        return try links.map { try ListedLink(reading: $0) }
    }
}
