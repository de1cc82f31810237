// From a request to its audit line: which methods have one, and what a request was about.

import Glibc
import JSON
import Linux
import Wire

/// A request under way that will be written down.
struct AuditedRequest {
    private let request: Request
    private let began = microseconds(CLOCK_MONOTONIC)

    /// nil for a method that only asks, and for one that does not exist.
    init?(_ request: Request) {
        guard Self.names.contains(request.method) else { return nil }
        self.request = request
    }

    private static let names = Set(changingMethods.map { $0.name })

    /// - Parameter touched: the namespaces it turned out to be about; none where it was refused before.
    func entry(of owner: Owner, touching touched: [String], _ refusal: WireError?) -> LogEntry {
        let netns = touched.isEmpty ? request.params.map { namespacesNamed(in: $0, by: owner) } ?? [] : touched
        let subject = request.params.map(subject) ?? ""
        return LogEntry(
            time: Int64(microseconds(CLOCK_REALTIME)), uid: owner.uid, user: owner.user.map(escaped),
            method: request.method,
            netns: netns.isEmpty ? nil : netns, subject: subject.isEmpty ? nil : subject,
            outcome: refusal?.reason.rawValue ?? "ok", microseconds: Int64(microseconds(CLOCK_MONOTONIC) - began))
    }

    /// A person's own are written with their owner, as root's words for them are.
    private func namespacesNamed(in params: JSONValue, by owner: Owner) -> [String] {
        ["netns", "name"].compactMap { params[$0].flatMap(word) }
            .map { $0.contains(":") || owner.uid == 0 ? $0 : "\(owner.text):\($0)" }
    }

    private static let keys = [
        "dev", "ifname", "kind", "moveTo", "peer", "local", "dst", "gateway", "table", "priority", "values", "pid",
        "signal", "argv", "user", "id", "nsid", "address",
    ]
    private static let innerKeys = ["netns", "ifname", "key", "value"]
    private static let longestSubject = 200

    /// The words that say what is changed; a long text is cut.
    private func subject(_ params: JSONValue) -> String {
        var words: [String] = []
        for key in Self.keys {
            guard let value = params[key] else { continue }
            let parts = value.arrayValue ?? [value]
            words += parts.prefix(16).compactMap { part in
                part.objectValue == nil
                    ? word(part)
                    : Self.innerKeys.compactMap { part[$0].flatMap(word) }
                        .joined(separator: part["key"] == nil ? "/" : "=")
            }
        }
        let text = words.joined(separator: " ")
        return text.count > Self.longestSubject ? text.prefix(Self.longestSubject) + "…" : text
    }

    private func word(_ value: JSONValue) -> String? {
        if let text = value.stringValue { return escaped(String(text.prefix(Self.longestSubject))) }
        return value.integerValue.map(String.init)
    }
}
