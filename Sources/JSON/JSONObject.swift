// An object's members in the order in which they were written, found by key in constant time when there are many.

/// The members of a JSON object, in order, each key once.
public struct JSONObject: Sendable {
    public struct Member: Sendable, Hashable {
        public let key: String
        public var value: JSONValue

        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// Up to this many members comparing keys one by one is quicker than hashing.
    private static let searchedLinearly = 48

    private var members: [Member] = []
    /// Where each key is; empty while the object is small.
    private var positions: [String: Int] = [:]

    public init() {}

    /// Of a key given twice the last value counts, in the first one's position.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        for (key, value) in members { self[key] = value }
    }

    /// The position of the member with this key.
    public func index(of key: String) -> Int? {
        if members.count > Self.searchedLinearly { return positions[key] }
        for index in members.indices where members[index].key == key { return index }
        return nil
    }

    /// The value of the member with this key. Setting replaces in place or adds at the end; nil removes.
    public subscript(key: String) -> JSONValue? {
        get {
            guard let index = index(of: key) else { return nil }
            return members[index].value
        }
        set {
            switch (index(of: key), newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): remove(at: index)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    public var keys: some RandomAccessCollection<String> { members.lazy.map(\.key) }

    /// Adds a member whose key the caller knows to be new.
    mutating func append(_ key: String, _ value: JSONValue) {
        members.append(Member(key: key, value: value))
        if members.count == Self.searchedLinearly + 1 {
            buildPositions()
        } else if members.count > Self.searchedLinearly {
            positions[key] = members.count - 1
        }
    }

    mutating func reserveCapacity(_ count: Int) {
        members.reserveCapacity(count)
        if count > Self.searchedLinearly { positions.reserveCapacity(count) }
    }

    private mutating func remove(at index: Int) {
        members.remove(at: index)
        buildPositions()
    }

    private mutating func buildPositions() {
        positions = [:]
        guard members.count > Self.searchedLinearly else { return }
        for (index, member) in members.enumerated() { positions[member.key] = index }
    }
}

extension JSONObject: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { members.count }
    public subscript(position: Int) -> Member { members[position] }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}

/// Objects with the same members are equal, in whatever order.
extension JSONObject: Hashable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        return left.members.allSatisfy { right[$0.key] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        var sum = 0  // must not depend on the order
        for member in members { sum &+= member.hashValue }
        hasher.combine(sum)
    }
}
