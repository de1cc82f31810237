// What a request is refused with: a JSON-RPC 2.0 error whose `data.reason` programs can rely on.

/// An error as it goes over the wire. `message` is a sentence a person can act on; `reason` is what programs switch on.
public struct WireError: Error, Sendable {
    public let reason: Reason
    public let message: String
    public let details: Details

    public init(_ reason: Reason, _ message: String, _ details: Details = Details()) {
        self.reason = reason
        self.message = message
        self.details = details
    }

    /// Stable words; within protocol version 1 they are only added to.
    public enum Reason: String, Codable, Sendable, CaseIterable {
        // Envelope faults, with JSON-RPC's own codes.
        case parseError = "parse-error"
        case invalidRequest = "invalid-request"
        case methodNotFound = "method-not-found"
        case invalidParams = "invalid-params"
        case internalError = "internal-error"
        // The agent's answers.
        case permissionDenied = "permission-denied"
        case quotaExceeded = "quota-exceeded"
        case rateLimited = "rate-limited"
        case notFound = "not-found"
        case alreadyExists = "already-exists"
        case busy = "busy"
        case unsupported = "unsupported"
        case kernel = "kernel"

        /// JSON-RPC 2.0, section 5.1; -32000 to -32099 are a server's own.
        public var code: Int {
            switch self {
            case .parseError: -32700
            case .invalidRequest: -32600
            case .methodNotFound: -32601
            case .invalidParams: -32602
            case .internalError: -32603
            case .permissionDenied: -32001
            case .quotaExceeded: -32002
            case .rateLimited: -32003
            case .notFound: -32004
            case .alreadyExists: -32005
            case .busy: -32006
            case .unsupported: -32007
            case .kernel: -32008
            }
        }
    }

    /// What stands beside the reason; each reason fills what it has.
    public struct Details: Codable, Sendable, Equatable {
        /// `invalid-params`, `invalid-request`: the place, `params.peer.mtu`.
        public var place: String?
        /// `quota-exceeded`: which limit, how high, how much is used, and the policy's rule that set it.
        public var resource: Resource?
        public var limit: Int?
        public var used: Int?
        /// `quota-exceeded`, `permission-denied`: the rule that decided, `users.alice in /etc/netnsd/policy.yaml`.
        public var rule: String?
        /// `rate-limited`: when to come again.
        public var retryAfterMilliseconds: Int?
        /// `kernel` and what came of a kernel's refusal: errno's name, the operation, the kernel's own words.
        public var errno: String?
        public var operation: String?
        /// What the operation was about: a link's name, an address.
        public var subject: String?
        public var kernelMessage: String?
        /// `busy`: the processes in the way.
        public var pids: [Int32]?
        /// `unsupported`: what the kernel would need.
        public var missing: String?

        public init() {}
    }

    /// The error object's `data`.
    struct Body: Codable {
        let code: Int
        let message: String
        let data: FlatData

        struct FlatData: Codable {
            let reason: Reason
            let details: Details

            private enum CodingKeys: CodingKey { case reason }

            init(reason: Reason, details: Details) {
                self.reason = reason
                self.details = details
            }

            init(from decoder: any Decoder) throws {
                reason = try decoder.container(keyedBy: CodingKeys.self).decode(Reason.self, forKey: .reason)
                details = try Details(from: decoder)
            }

            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(reason, forKey: .reason)
                try details.encode(to: encoder)
            }
        }
    }

    var body: Body { Body(code: reason.code, message: message, data: .init(reason: reason, details: details)) }

    init(_ body: Body) {
        self.init(body.data.reason, body.message, body.data.details)
    }
}

extension WireError: CustomStringConvertible {
    public var description: String { message }
}

/// What is counted and limited for each user.
public enum Resource: String, Codable, Sendable, CaseIterable, CodingKeyRepresentable {
    case namespaces, links, addresses, routes, programs, connections
}
