// quota.get: what one may have, what one has, and who said so.

/// What everybody has who has something: root's alone to ask.
public enum QuotaList: Method {
    public static let name = "quota.list"
    public typealias Params = Nothing

    public struct User: Codable, Sendable {
        public let uid: UInt32
        public let user: String?
        public let resources: [QuotaGet.Entry]

        public init(uid: UInt32, user: String?, resources: [QuotaGet.Entry]) {
            self.uid = uid
            self.user = user
            self.resources = resources
        }
    }

    public typealias Result = [User]
}

public enum QuotaGet: Method {
    public static let name = "quota.get"

    public struct Params: Parameters {
        /// Another user's, by account name or uid; root's alone to ask.
        public let user: String?

        public init(user: String? = nil) {
            self.user = user
        }
    }

    public struct Result: Codable, Sendable {
        public let uid: UInt32
        public let user: String?
        public let resources: [Entry]
        public let rights: Rights

        public init(uid: UInt32, user: String?, resources: [Entry], rights: Rights) {
            self.uid = uid
            self.user = user
            self.resources = resources
            self.rights = rights
        }
    }

    public struct Entry: Codable, Sendable {
        /// `namespaces`, …, or `requests-per-second`.
        public let resource: String
        /// Absent: no limit.
        public let limit: Int?
        /// Absent for rates.
        public let used: Int?
        /// The policy's rule that set the limit, `groups.developers in /etc/netnsd/policy.yaml`.
        public let rule: String

        public init(resource: String, limit: Int?, used: Int?, rule: String) {
            self.resource = resource
            self.limit = limit
            self.used = used
            self.rule = rule
        }
    }

    public struct Rights: Codable, Sendable {
        public let kinds: [String]
        public let sysctl: [String]

        public init(kinds: [String], sysctl: [String]) {
            self.kinds = kinds
            self.sysctl = sysctl
        }
    }
}
