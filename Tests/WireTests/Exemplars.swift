// For each method values of what it takes and gives: between them everything is filled in, and one has the least.

import JSON
import Wire

/// A method or a notification with values of its types.
struct Exemplars: Sendable {
    let name: String
    let params: Side
    /// Nil for a notification.
    let results: Side?

    /// Values of one type, as JSON and as themselves.
    struct Side: Sendable {
        let json: [JSONValue]
        /// For reflection.
        let values: [any Sendable]
        /// Decodes as the agent does a request's, or a client a result.
        let decode: @Sendable (JSONValue) throws -> Void

        init<Value: Codable & Sendable>(_ values: [Value], unknownKeys: UnknownKeys) {
            json = values.map { try! JSONValue(encoding: $0) }
            self.values = values
            decode = { _ = try $0.decode(Value.self, unknownKeys: unknownKeys) }
        }
    }

    init<M: Method>(_ method: M.Type, _ params: [M.Params], _ results: [M.Result]) {
        name = M.name
        self.params = Side(params, unknownKeys: .reject)
        self.results = Side(results, unknownKeys: .ignore)
    }

    init<Params: Codable & Sendable>(notification name: String, _ params: [Params]) {
        self.name = name
        self.params = Side(params, unknownKeys: .ignore)
        results = nil
    }

    static let methods =
        agent + netns + program + dns + link + addr + route + nexthop + rule + neigh + maddr + fdb + sysctl + socket
        + [
            Exemplars(
                EventSubscribe.self,
                [
                    .init(netns: ["server"], subjects: [.link]), .init(),
                    .init(netnsFileDescriptor: 0, subjects: [.fdb]),
                ], [Nothing()])
        ]
}

// Values that are known to exist are written as text.

extension NamespaceSelector: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) { self = NamespaceSelector(text)! }
}
