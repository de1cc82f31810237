// From Swift types to a value tree.

extension JSONValue {
    /// Encodes a value. What several types encode into one encoder merges into one object; of a key written twice
    /// the last value counts. An optional member that is nil is left out, a nil written as such is null.
    ///
    /// Errors name the path of what JSON or this tree cannot hold: an integer beyond Int64, a number that is not
    /// finite, nesting beyond `maximumDepth`.
    public init(encoding value: some Encodable) throws(JSONError) {
        let root = EncodingNode(parent: nil, step: .member(""), depth: 1)
        do { self = try root.box(value, at: nil) } catch { throw JSONError(error) }
    }
}

extension JSONError {
    fileprivate init(_ error: any Error) {
        switch error {
        case let error as JSONError: self = error
        case EncodingError.invalidValue(_, let context):
            let path = context.codingPath.map { key -> PathStep in
                key.intValue.map { .element($0) } ?? .member(key.stringValue)
            }
            self.init(place: path.text(), message: context.debugDescription)
        default: self.init(place: "", message: "\(error)")
        }
    }
}

/// The encoder of one value that is not a scalar. Containers made by it fill the same object or array.
final class EncodingNode: Encoder {
    private enum Content { case nothing, scalar, array, object, mixed }

    private let parent: EncodingNode?
    private let step: PathStep
    /// The nesting of an array or object made here, the outermost being 1.
    private let depth: Int

    private var content = Content.nothing
    private var scalar = JSONValue.null
    private var elements: [JSONValue] = []
    private var object = JSONObject()
    /// Containers handed out whose content is not known until this node is done. They point back: a cycle until then.
    private var pending: [(step: PathStep, node: EncodingNode)] = []

    init(parent: EncodingNode?, step: PathStep, depth: Int) {
        self.parent = parent
        self.step = step
        self.depth = depth
    }

    var userInfo: [CodingUserInfoKey: Any] { [:] }
    var codingPath: [any CodingKey] { path }
    var path: [PathStep] { (parent?.path).map { $0 + [step] } ?? [] }
    var count: Int { elements.count }

    // MARK: Containers

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        become(.object)
        return KeyedEncodingContainer(KeyedWriter<Key>(node: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        become(.array)
        return UnkeyedWriter(node: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    private func become(_ new: Content) {
        if content == .nothing || content == new { content = new } else { content = .mixed }
    }

    // MARK: Filling

    /// Writes this whole value; an object's members join those already there.
    func put(_ value: JSONValue) {
        if case .object(let new) = value, content == .object {
            for member in new { object[member.key] = member.value }
            return
        }
        switch value {
        case .object(let new):
            become(.object)
            object = new
        case .array(let new):
            become(.array)
            elements += new
        default:
            become(.scalar)
            scalar = value
        }
    }

    func put(_ value: JSONValue, at step: PathStep) {
        switch step {
        case .member(let key): object[key] = value
        case .element: elements.append(value)
        }
    }

    /// A container inside this one, whose place is kept.
    func reserve(_ step: PathStep) -> EncodingNode {
        let node = EncodingNode(parent: self, step: step, depth: depth + 1)
        put(.null, at: step)
        pending.append((step, node))
        return node
    }

    /// The value, when all was encoded.
    func finish() throws -> JSONValue {
        defer { dismantle() }
        if depth > JSONValue.maximumDepth && (content == .array || content == .object) {
            throw failure("nested deeper than \(JSONValue.maximumDepth) levels", at: nil)
        }
        for (step, node) in pending {
            switch step {
            case .member(let key): object[key] = try node.finish()
            case .element(let index): elements[index] = try node.finish()
            }
        }
        switch content {
        case .scalar: return scalar
        case .array: return .array(elements)
        case .object: return .object(object)
        case .nothing: return .object([:])
        case .mixed: throw failure("is encoded as different kinds of value at once", at: nil)
        }
    }

    private func dismantle() {
        for (_, node) in pending { node.dismantle() }
        pending = []
    }

    // MARK: Values

    /// The value of something at a step below this node, or of this node itself for nil.
    @inline(__always)
    func box<T: Encodable>(_ value: T, at step: PathStep?) throws -> JSONValue {
        try simple(value, at: step) ?? build(value, at: step)
    }

    /// The value of what needs no encoder of its own.
    /// Comparing types costs nothing where the compiler knows T, as it does for a container's scalars.
    @inline(__always)
    func simple<T: Encodable>(_ value: T, at step: PathStep?) throws -> JSONValue? {
        func cast<S>(_: S.Type) -> S { value as! S }
        if T.self == String.self { return .string(cast(String.self)) }
        if T.self == Bool.self { return .bool(cast(Bool.self)) }
        if T.self == Int.self { return .integer(Int64(cast(Int.self))) }
        if T.self == Int64.self { return .integer(cast(Int64.self)) }
        if T.self == UInt32.self { return .integer(Int64(cast(UInt32.self))) }
        if T.self == UInt16.self { return .integer(Int64(cast(UInt16.self))) }
        if T.self == UInt8.self { return .integer(Int64(cast(UInt8.self))) }
        if T.self == UInt64.self { return try number(cast(UInt64.self), at: step) }
        if T.self == UInt.self { return try number(cast(UInt.self), at: step) }
        if T.self == Int32.self { return .integer(Int64(cast(Int32.self))) }
        if T.self == Int16.self { return .integer(Int64(cast(Int16.self))) }
        if T.self == Int8.self { return .integer(Int64(cast(Int8.self))) }
        if T.self == Int128.self { return try number(cast(Int128.self), at: step) }
        if T.self == UInt128.self { return try number(cast(UInt128.self), at: step) }
        if T.self == Double.self { return try number(cast(Double.self), at: step) }
        if T.self == Float.self { return try number(Double(cast(Float.self)), at: step) }
        if T.self == JSONValue.self { return cast(JSONValue.self) }
        return nil
    }

    private func build<T: Encodable>(_ value: T, at step: PathStep?) throws -> JSONValue {
        let node = if let step { EncodingNode(parent: self, step: step, depth: depth + 1) } else { self }
        if node.depth > JSONValue.maximumDepth + 1 {
            throw failure("nested deeper than \(JSONValue.maximumDepth) levels", at: nil)
        }
        do { try value.encode(to: node) } catch {
            node.dismantle()
            throw error
        }
        return try node.finish()
    }

    private func number(_ value: some FixedWidthInteger, at step: PathStep?) throws -> JSONValue {
        guard let number = Int64(exactly: value) else {
            throw failure("must be an integer from \(Int64.min) to \(Int64.max)", at: step)
        }
        return .integer(number)
    }

    private func number(_ value: Double, at step: PathStep?) throws -> JSONValue {
        guard value.isFinite else { throw failure("must be a finite number", at: step) }
        return .real(value)
    }

    private func failure(_ message: String, at step: PathStep?) -> JSONError {
        JSONError(place: (step.map { path + [$0] } ?? path).text(), message: message)
    }
}
