// The decoder of one value: scalars are taken directly, other types get a node of their own.

/// One value on the way down. Several types may decode from one node, each with its own keys.
final class DecodingNode: Decoder {
    let value: JSONValue
    /// Nil where unknown keys do not matter, and for scalars.
    let visit: Visit?
    private let parent: DecodingNode?
    /// The position among the parent's members or elements.
    private let index: Int

    init(_ value: JSONValue, parent: DecodingNode?, index: Int, visit: Visit?) {
        self.value = value
        self.parent = parent
        self.index = index
        self.visit = visit
    }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// Put together only when asked for.
    var codingPath: [any CodingKey] { path }

    var path: [PathStep] {
        guard let parent else { return [] }
        return parent.path(at: index)
    }

    /// The path of a child, or of this node itself for nil.
    func path(at index: Int?) -> [PathStep] {
        switch (value, index) {
        case (.object(let object), let index?): path + [.member(object[index].key)]
        case (_, let index?): path + [.element(index)]
        case (_, nil): path
        }
    }

    func child(_ value: JSONValue, at index: Int) -> DecodingNode {
        DecodingNode(value, parent: self, index: index, visit: childVisit(value, at: index))
    }

    private func childVisit(_ child: JSONValue, at index: Int) -> Visit? {
        guard let visit else { return nil }
        switch child {
        case .array, .object: break
        default: return nil
        }
        switch value {
        case .array(let elements): return visit.child(at: index, of: elements.count)
        case .object(let object): return visit.child(at: index, of: object.count)
        default: return nil
        }
    }

    // MARK: Containers

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let object) = value else { throw mismatch("an object", value, at: nil) }
        return KeyedDecodingContainer(KeyedReader<Key>(node: self, object: object))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch("an array", value, at: nil) }
        return UnkeyedReader(node: self, elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    /// The value as it is, members that no type knows included.
    func takeWhole() -> JSONValue {
        visit?.tookWhole = true
        return value
    }

    // MARK: Values

    /// Decodes `value`, which is the child at `index`, or this node's own for nil.
    /// Comparing types costs nothing where the compiler knows T, as it does for a container's scalars.
    @inline(__always)
    func unbox<T: Decodable>(_ type: T.Type, _ value: JSONValue, at index: Int?) throws -> T {
        func result<S>(_ value: S) -> T { value as! T }
        if T.self == String.self { return result(try string(value, at: index)) }
        if T.self == Bool.self { return result(try bool(value, at: index)) }
        if T.self == Int.self { return result(try integer(value, at: index) as Int) }
        if T.self == Int64.self { return result(try integer(value, at: index) as Int64) }
        if T.self == UInt32.self { return result(try integer(value, at: index) as UInt32) }
        if T.self == UInt16.self { return result(try integer(value, at: index) as UInt16) }
        if T.self == UInt8.self { return result(try integer(value, at: index) as UInt8) }
        if T.self == UInt64.self { return result(try integer(value, at: index) as UInt64) }
        if T.self == UInt.self { return result(try integer(value, at: index) as UInt) }
        if T.self == Int32.self { return result(try integer(value, at: index) as Int32) }
        if T.self == Int16.self { return result(try integer(value, at: index) as Int16) }
        if T.self == Int8.self { return result(try integer(value, at: index) as Int8) }
        if T.self == Int128.self { return result(try integer(value, at: index) as Int128) }
        if T.self == UInt128.self { return result(try integer(value, at: index) as UInt128) }
        if T.self == Double.self { return result(try real(value, at: index)) }
        if T.self == Float.self { return result(Float(try real(value, at: index))) }
        if T.self == JSONValue.self {
            (index.map { childVisit(value, at: $0) } ?? visit)?.tookWhole = true
            return result(value)
        }
        return try build(type, value, at: index)
    }

    /// Lets the type decode itself, and sees to it that whatever it throws says where.
    private func build<T: Decodable>(_ type: T.Type, _ value: JSONValue, at index: Int?) throws -> T {
        let node = if let index { child(value, at: index) } else { self }
        do { return try T(from: node) } catch { throw node.located(error, decoding: type) }
    }

    private func string(_ value: JSONValue, at index: Int?) throws -> String {
        guard case .string(let text) = value else { throw mismatch("a string", value, at: index) }
        return text
    }

    private func bool(_ value: JSONValue, at index: Int?) throws -> Bool {
        guard case .bool(let truth) = value else { throw mismatch("true or false", value, at: index) }
        return truth
    }

    private func real(_ value: JSONValue, at index: Int?) throws -> Double {
        guard let number = value.realValue else { throw mismatch("a number", value, at: index) }
        return number
    }

    private func integer<I: FixedWidthInteger>(_ value: JSONValue, at index: Int?) throws -> I {
        if case .integer(let number) = value, let result = I(exactly: number) { return result }
        // The tree holds no integer beyond Int64, whatever the type could.
        let isWide = I.min <= Int64.min && I.max >= Int64.max
        let range = isWide ? "" : " from \(I.min) to \(Swift.min(UInt64(clamping: I.max), UInt64(Int64.max)))"
        throw mismatch("an integer\(range)", value, at: index)
    }

    // MARK: Errors

    func mismatch(_ wanted: String, _ value: JSONValue, at index: Int?) -> DecodingError {
        let isNumber = value.kind == "a number" && wanted.hasPrefix("an integer")
        let message = isNumber ? "must be \(wanted)" : "must be \(wanted), not \(value.kind)"
        return .typeMismatch(JSONValue.self, .init(codingPath: path(at: index), debugDescription: message))
    }

    /// The error with at least this node's path, and with a text that says what would have been right.
    private func located<T>(_ error: any Error, decoding type: T.Type) -> any Error {
        let path = path
        guard let context = (error as? DecodingError)?.context else {
            return DecodingError.dataCorrupted(
                .init(codingPath: path, debugDescription: "\(error)", underlyingError: error))
        }
        if context.codingPath.count < path.count {
            return DecodingError.dataCorrupted(
                .init(codingPath: path, debugDescription: context.debugDescription, underlyingError: error))
        }
        // The standard library's text for an enum of strings names the Swift type and not the choices.
        if context.codingPath.count == path.count, context.debugDescription.hasPrefix("Cannot initialize") {
            return DecodingError.dataCorrupted(
                .init(codingPath: path, debugDescription: choiceMessage(type), underlyingError: error))
        }
        return error
    }

    private func choiceMessage<T>(_ type: T.Type) -> String {
        func names<C: CaseIterable>(_: C.Type) -> [String] {
            C.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue }.map {
                ($0 as? String).map(quoted) ?? "\($0)"
            }
        }
        let names = (type as? any CaseIterable.Type).map { names($0) } ?? []
        let was = DecodingNode.shown(value)
        return names.isEmpty
            ? "unknown value \(was)" : "must be one of \(names.joined(separator: ", ")), not \(was)"
    }

    private static func shown(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): quoted(text)
        case .integer, .real: value.description
        default: value.kind
        }
    }
}

extension DecodingNode: SingleValueDecodingContainer {
    func decodeNil() -> Bool { value.isNull }

    func decode<T: Decodable>(_ type: T.Type) throws -> T { try unbox(type, value, at: nil) }
}
