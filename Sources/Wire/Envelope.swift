// The JSON-RPC 2.0 envelope of one line, both ways.

public import JSON

/// What a request is called by in its reply: a string or an integer.
public enum RequestId: Hashable, Sendable, Codable {
    case number(Int64)
    case text(String)

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "must be a string or an integer"))
        }
    }

    var json: JSONValue {
        switch self {
        case .number(let number): .integer(number)
        case .text(let text): .string(text)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        }
    }
}

/// A request's line. `params` stays JSON until the method is known.
public struct Request: Codable, Sendable {
    public let jsonrpc: Version
    public let id: RequestId
    public let method: String
    public let params: JSONValue?

    public init(id: RequestId, method: String, params: JSONValue?) {
        jsonrpc = .two
        self.id = id
        self.method = method
        self.params = params
    }

    /// As encoding it gives, without Codable's machinery: a program that makes one request starts sooner.
    public var json: JSONValue {
        var members: JSONObject = ["jsonrpc": .string(jsonrpc.rawValue), "id": id.json, "method": .string(method)]
        if let params { members["params"] = params }
        return .object(members)
    }

    public enum Version: String, Codable, Sendable, CaseIterable { case two = "2.0" }
}

/// A reply's line: a result or an error. The id is null where the request could not be read so far.
public struct Reply: Codable, Sendable {
    public let jsonrpc: Request.Version
    public let id: RequestId?
    public let result: JSONValue?
    private let error: WireError.Body?

    public init(id: RequestId, result: JSONValue) {
        jsonrpc = .two
        self.id = id
        self.result = result
        error = nil
    }

    public init(id: RequestId?, failure: WireError) {
        jsonrpc = .two
        self.id = id
        result = nil
        error = failure.body
    }

    public var failure: WireError? { error.map(WireError.init) }

    private enum CodingKeys: CodingKey { case jsonrpc, id, result, error }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(jsonrpc, forKey: .jsonrpc)
        try container.encode(id, forKey: .id)
        try container.encodeIfPresent(result, forKey: .result)
        try container.encodeIfPresent(error, forKey: .error)
    }
}

/// A line the agent sends unasked: JSON-RPC's notification, which has no id.
public struct Notification: Codable, Sendable {
    public let jsonrpc: Request.Version
    public let method: String
    public let params: JSONValue

    public init(method: String, params: JSONValue) {
        jsonrpc = .two
        self.method = method
        self.params = params
    }
}
