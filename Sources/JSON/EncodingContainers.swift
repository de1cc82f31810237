// Writing the members of an object and the elements of an array.

struct KeyedWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: EncodingNode

    var codingPath: [any CodingKey] { node.codingPath }

    func encodeNil(forKey key: Key) { node.put(.null, at: .member(key.stringValue)) }

    @inline(__always)
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        let step = PathStep.member(key.stringValue)
        node.put(try node.box(value, at: step), at: step)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        node.reserve(.member(key.stringValue)).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        node.reserve(.member(key.stringValue)).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { node.reserve(.member("super")) }

    func superEncoder(forKey key: Key) -> any Encoder { node.reserve(.member(key.stringValue)) }
}

struct UnkeyedWriter: UnkeyedEncodingContainer {
    let node: EncodingNode

    var codingPath: [any CodingKey] { node.codingPath }
    var count: Int { node.count }
    private var step: PathStep { .element(node.count) }

    init(node: EncodingNode) { self.node = node }

    func encodeNil() { node.put(.null, at: step) }

    @inline(__always)
    func encode<T: Encodable>(_ value: T) throws {
        let step = step
        node.put(try node.box(value, at: step), at: step)
    }

    func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) -> KeyedEncodingContainer<NestedKey> {
        node.reserve(step).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { node.reserve(step).unkeyedContainer() }

    func superEncoder() -> any Encoder { node.reserve(step) }
}

extension EncodingNode: SingleValueEncodingContainer {
    func encodeNil() { put(.null) }

    /// What is no scalar goes on with this same encoder.
    @inline(__always)
    func encode<T: Encodable>(_ value: T) throws {
        if let simple = try simple(value, at: nil) { put(simple) } else { try value.encode(to: self) }
    }
}
