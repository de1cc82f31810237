// From a value tree to Swift types, naming the place of whatever does not fit.
//
// How it works: a `DecodingNode` is the `Decoder` of one value and knows its parent, so a path is put together only
// when an error needs it. Beside the nodes grows a tree of `Visit`s that remember which members of each object
// somebody asked for; it outlives the nodes, and several types that decode from one object share its visit. What
// nobody asked for by the end is unknown.

/// What to do about members of an object that the type decoded never asked for.
public enum UnknownKeys: Sendable {
    /// An error, which names the first one.
    case reject
    /// As if they were not there: for replies of a newer agent.
    case ignore
}

extension JSONValue {
    /// Decodes a type; errors name the path of the value that does not fit, after `place`.
    ///
    /// An integer must be written as one (`1`, not `1.0` or `1e2`) and fit the type. Null counts as absent for what
    /// is optional. A `DecodingError` thrown by a type's own `init(from:)` keeps its text as the message.
    public func decode<T: Decodable>(
        _ type: T.Type = T.self, unknownKeys: UnknownKeys = .reject, place: String = ""
    ) throws(JSONError) -> T {
        do throws(DecodingFailure) {
            return try decodeLocating(type, unknownKeys: unknownKeys, noun: "parameter")
        } catch {
            throw JSONError(place: error.path.text(after: place), message: error.message)
        }
    }

    /// `noun` is what the text calls a key: a parameter, a key.
    func decodeLocating<T: Decodable>(
        _ type: T.Type, unknownKeys: UnknownKeys, noun: String
    ) throws(DecodingFailure) -> T {
        let visit = unknownKeys == .reject ? Visit() : nil
        let root = DecodingNode(self, parent: nil, index: 0, visit: visit)
        let result: T
        do { result = try root.unbox(type, self, at: nil) } catch { throw DecodingFailure(error, in: self) }
        if let unknown = visit?.firstUnknown(in: self) {
            var message = "unknown \(noun)"
            if let suggestion = unknown.suggestion { message += "; did you mean \(quoted(suggestion))?" }
            throw DecodingFailure(path: unknown.path, message: message, concernsKey: true)
        }
        return result
    }
}

/// What did not fit, and its path from the root.
struct DecodingFailure: Error {
    var path: [PathStep]
    var message: String
    /// The key itself is wrong, not the value behind it.
    var concernsKey = false

    init(path: [PathStep], message: String, concernsKey: Bool) {
        self.path = path
        self.message = message
        self.concernsKey = concernsKey
    }

    /// Errors that pass through `DecodingNode` are all DecodingErrors with a whole path.
    init(_ error: any Error, in root: JSONValue) {
        guard let error = error as? DecodingError else {
            self.init(path: [], message: "\(error)", concernsKey: false)
            return
        }
        let context = error.context
        var codingPath = context?.codingPath ?? []
        var message = context?.debugDescription ?? "\(error)"
        if case .keyNotFound(let key, _) = error {
            codingPath.append(key)
            message = "is missing"
        }
        // The standard library's text for a dictionary's key that its type refuses names the Swift type.
        let refusesKey = message.hasPrefix("Could not convert key")
        if refusesKey { message = "is not a valid name here" }
        self.init(path: root.path(codingPath), message: message, concernsKey: refusesKey)
    }
}

extension DecodingError {
    var context: Context? {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            context
        @unknown default: nil
        }
    }
}

extension JSONValue {
    /// The steps a coding path takes through this tree: `1000` is an element of an array but a member of an object.
    fileprivate func path(_ codingPath: [any CodingKey]) -> [PathStep] {
        var value: JSONValue? = self
        return codingPath.map { key in
            if let index = key.intValue, value?.objectValue == nil {
                value = value?[index]
                return .element(index)
            }
            value = value?[key.stringValue]
            return .member(key.stringValue)
        }
    }
}
