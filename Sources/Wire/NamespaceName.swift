// Names of namespaces, as people choose them and as requests point at them.

public import IPRoute

/// The name an owner gives a namespace: `[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}`. Names are per owner.
public struct NamespaceName: Hashable, Sendable, Comparable {
    public let text: String
    /// What such a name is made of.
    public static let form = "1 to 64 of A-Z a-z 0-9 _ . -, not beginning with . or -"
    public static let rule = "must be a namespace name: \(form)"

    public init?(_ text: String) {
        guard text.utf8.count <= 64, let first = text.utf8.first, isWord(first),
            text.utf8.allSatisfy({ isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") })
        else { return nil }
        self.text = text
    }

    /// Where somebody stands who has not said where: a private namespace made on first need.
    public static let standard = NamespaceName("default")!

    public static func < (left: NamespaceName, right: NamespaceName) -> Bool { left.text < right.text }
}

extension NamespaceName: TextValue {
    public var description: String { text }
}

/// A namespace as a request names it: `server`, one of the caller's own, or, for root, `alice:server`.
public struct NamespaceSelector: Hashable, Sendable {
    /// The owner's account name, or the uid in digits where there is no account.
    public let owner: String?
    public let name: NamespaceName

    public init(owner: String? = nil, _ name: NamespaceName) {
        self.owner = owner
        self.name = name
    }

    public init?(_ text: String) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            guard let name = NamespaceName(text) else { return nil }
            self.init(name)
            return
        }
        let owner = String(text[..<colon])
        guard !owner.isEmpty, owner.utf8.count <= 64, owner.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F }),
            let name = NamespaceName(String(text[text.utf8.index(after: colon)...]))
        else { return nil }
        self.init(owner: owner, name)
    }
}

extension NamespaceSelector: TextValue {
    public static var rule: String { NamespaceName.rule }
    public var description: String { owner.map { "\($0):\(name)" } ?? name.text }
}
