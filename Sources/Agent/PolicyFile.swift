// The policy as the administrator writes it: YAML, a main file and drop-ins.

import Descriptors
import Glibc
import IPRoute
import JSON
import Linux
import Wire

/// A policy that cannot be used; the message says file, line and column.
struct PolicyProblem: Error, CustomStringConvertible {
    let description: String
}

/// One file's text, as it is written. Keys are those of the file.
struct PolicyFile: Decodable {
    let version: Version
    let defaults: RuleText?
    let groups: Groups?
    let users: [String: RuleText]?

    struct Version: Decodable {
        init(from decoder: any Decoder) throws {
            guard try decoder.singleValueContainer().decode(Int.self) == 1 else {
                throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "must be 1"))
            }
        }
    }

    /// Rules by the names of groups, which must exist: a rule for a misspelt one would hold for nobody.
    struct Groups: Decodable {
        let rules: [(name: String, gid: gid_t, text: RuleText)]

        private struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            rules = try container.allKeys.map { key in
                guard let gid = groupId(of: key.stringValue) else {
                    throw DecodingError.dataCorruptedError(
                        forKey: key, in: container, debugDescription: "there is no group of this name")
                }
                return (key.stringValue, gid, try container.decode(RuleText.self, forKey: key))
            }
        }
    }

    struct RuleText: Decodable {
        let namespaces, links, addresses, routes, programs, connections: LimitText?
        let requestsPerSecond: LimitText?
        let kinds: [LinkKind]?
        let sysctl: [PatternText]?
        let delegate: Bool?

        private enum CodingKeys: String, CodingKey {
            case namespaces, links, addresses, routes, programs, connections, kinds, sysctl, delegate
            case requestsPerSecond = "requests-per-second"
        }
    }

    struct LimitText: Decodable {
        let limit: Limit

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self), (0...1_000_000).contains(number) {
                limit = .at(number)
            } else if let word = try? container.decode(String.self), word == "unlimited" {
                limit = .unlimited
            } else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "must be 0 to 1000000, or unlimited"))
            }
        }
    }

    struct PatternText: Decodable {
        let pattern: SysctlPattern

        init(from decoder: any Decoder) throws {
            guard let pattern = SysctlPattern(try decoder.singleValueContainer().decode(String.self)) else {
                throw DecodingError.dataCorrupted(
                    .init(
                        codingPath: decoder.codingPath,
                        debugDescription: "must be a key like net.ipv4.ip_forward, or a beginning like net.ipv4.conf.*"
                    ))
            }
            self.pattern = pattern
        }
    }
}

extension Policy {
    /// Reads `path` and the `*.yaml` of the directory `policy.d` beside it, in the order of their names; a later file's
    /// key replaces an earlier one's. Without any of them: the built-in defaults.
    /// - Parameter required: whether `path` itself must be there.
    static func load(_ path: String, required: Bool = false) throws -> Policy {
        var policy = Policy()
        if let bytes = try readFile(path, missingIsNil: !required) { try policy.add(bytes, from: path) }
        let folder = (path.split(separator: "/").dropLast() + ["policy.d"]).joined(separator: "/")
        let directory = path.hasPrefix("/") ? "/" + folder : folder
        for name in try filesInDirectory(directory, withSuffix: ".yaml") {
            let file = "\(directory)/\(name)"
            if let bytes = try readFile(file, missingIsNil: false) { try policy.add(bytes, from: file) }
        }
        return policy
    }

    /// Reads one file's bytes over what is there already.
    mutating func add(_ bytes: [UInt8], from path: String) throws {
        let file: PolicyFile
        do {
            let document = try YAMLDocument.parse(bytes, file: path)
            file = try document.decode(PolicyFile.self)
        } catch {
            throw PolicyProblem(description: "\(error)")
        }
        files.append(path)
        if let text = file.defaults { defaults = PolicyRule(text, "defaults in \(path)").over(defaults) }
        for (name, gid, text) in file.groups?.rules ?? [] {
            groups[gid] = PolicyRule(text, "groups.\(name) in \(path)").over(groups[gid] ?? PolicyRule())
        }
        // A user's account may come later than the policy; a name is matched when somebody asks.
        for (name, text) in file.users ?? [:] {
            users[name] = PolicyRule(text, "users.\(name) in \(path)").over(users[name] ?? PolicyRule())
        }
    }
}

extension PolicyRule {
    fileprivate init(_ text: PolicyFile.RuleText, _ rule: String) {
        func ruled<Value>(_ value: Value) -> Ruled<Value> { Ruled(value: value, rule: rule) }
        let limits: [(Resource, PolicyFile.LimitText?)] = [
            (.namespaces, text.namespaces), (.links, text.links), (.addresses, text.addresses),
            (.routes, text.routes), (.programs, text.programs), (.connections, text.connections),
        ]
        for (resource, limit) in limits {
            if let limit { self.limits[resource] = ruled(limit.limit) }
        }
        requestsPerSecond = text.requestsPerSecond.map { ruled($0.limit) }
        kinds = text.kinds.map(ruled)
        sysctl = text.sysctl.map { ruled($0.map(\.pattern)) }
        delegate = text.delegate.map(ruled)
    }
}
