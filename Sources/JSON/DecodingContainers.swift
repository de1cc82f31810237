// Reading the members of an object and the elements of an array.

struct KeyedReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let node: DecodingNode
    let object: JSONObject

    var codingPath: [any CodingKey] { node.codingPath }

    var allKeys: [Key] {
        node.visit?.sawAllKeys = true
        return object.compactMap { Key(stringValue: $0.key) }
    }

    func contains(_ key: Key) -> Bool { find(key.stringValue) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try object[require(key)].value.isNull }

    @inline(__always)
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        let index = try require(key)
        return try node.unbox(type, object[index].value, at: index)
    }

    @inline(__always)
    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        guard let index = find(key.stringValue) else { return nil }
        let value = object[index].value
        return value.isNull ? nil : try node.unbox(type, value, at: index)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try child(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try child(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try child(PathStep.member("super")) }

    func superDecoder(forKey key: Key) throws -> any Decoder { try child(key) }

    private func child(_ key: some CodingKey) throws -> DecodingNode {
        let index = try require(key)
        return node.child(object[index].value, at: index)
    }

    /// Where the member is; asking makes its key a known one.
    private func find(_ key: String) -> Int? {
        let index = object.index(of: key)
        if let visit = node.visit {
            if let index { visit.see(index) } else { visit.miss(key) }
        }
        return index
    }

    private func require(_ key: some CodingKey) throws -> Int {
        if let index = find(key.stringValue) { return index }
        throw DecodingError.keyNotFound(
            PathStep.member(key.stringValue), .init(codingPath: node.codingPath, debugDescription: "is missing"))
    }
}

struct UnkeyedReader: UnkeyedDecodingContainer {
    let node: DecodingNode
    let elements: [JSONValue]
    private(set) var currentIndex = 0

    init(node: DecodingNode, elements: [JSONValue]) {
        self.node = node
        self.elements = elements
    }

    var codingPath: [any CodingKey] { node.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func decodeNil() throws -> Bool {
        guard try current().isNull else { return false }
        currentIndex += 1
        return true
    }

    /// Moves on only when the element was what was asked for, as the protocol demands.
    @inline(__always)
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let result = try node.unbox(type, current(), at: currentIndex)
        currentIndex += 1
        return result
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        let container = try child().container(keyedBy: type)
        currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try child().unkeyedContainer()
        currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try child()
        currentIndex += 1
        return decoder
    }

    private func child() throws -> DecodingNode { try node.child(current(), at: currentIndex) }

    private func current() throws -> JSONValue {
        guard !isAtEnd else {
            let path = node.path(at: currentIndex)
            throw DecodingError.valueNotFound(JSONValue.self, .init(codingPath: path, debugDescription: "is missing"))
        }
        return elements[currentIndex]
    }
}
