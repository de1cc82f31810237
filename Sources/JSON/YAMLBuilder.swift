// From YAML events to a value tree and its marks, with a stack of its own instead of recursion.

/// Takes the events of one document; `root` is there after the last.
struct YAMLBuilder {
    private(set) var root: (JSONValue, YAMLMarks)?

    /// A mapping or sequence that has not ended.
    private struct Frame {
        let isMapping: Bool
        var object = JSONObject()
        var elements: [JSONValue] = []
        var marks: YAMLMarks
        /// The key that waits for its value.
        var key: String?
    }

    private var frames: [Frame] = []
    private var documents = 0

    mutating func add(_ event: YAMLEvent, at position: TextPosition) throws(YAMLFailure) {
        switch event {
        case .document:
            documents += 1
            if documents > 1 { throw YAMLFailure(at: position, "only one document is allowed") }
        case .alias: throw YAMLFailure(at: position, "anchors and aliases are not supported")
        case .mapping(let properties):
            try open(isMapping: true, properties, at: position)
        case .sequence(let properties):
            try open(isMapping: false, properties, at: position)
        case .mappingEnd, .sequenceEnd:
            let frame = frames.removeLast()
            accept(frame.isMapping ? .object(frame.object) : .array(frame.elements), frame.marks)
        case .scalar(let text, let isPlain, let properties):
            try addScalar(text, isPlain: isPlain, properties, at: position)
        }
    }

    private var awaitsKey: Bool { frames.last.map { $0.isMapping && $0.key == nil } ?? false }

    private mutating func open(
        isMapping: Bool, _ properties: YAMLProperties, at position: TextPosition
    ) throws(YAMLFailure) {
        try check(properties, at: position)
        if properties.tag != nil { throw YAMLFailure(at: position, "the tag !!str belongs before a scalar") }
        if awaitsKey { throw YAMLFailure(at: position, "a key must be a scalar") }
        guard frames.count < JSONValue.maximumDepth else {
            throw YAMLFailure(at: position, "nested deeper than \(JSONValue.maximumDepth) levels")
        }
        frames.append(Frame(isMapping: isMapping, marks: YAMLMarks(position: position)))
    }

    private mutating func addScalar(
        _ text: String, isPlain: Bool, _ properties: YAMLProperties, at position: TextPosition
    ) throws(YAMLFailure) {
        try check(properties, at: position)
        if text.utf8.contains(0) { throw YAMLFailure(at: position, "NUL is not allowed in strings") }
        let isPlain = isPlain && properties.tag == nil
        if awaitsKey {
            try addKey(text, isPlain: isPlain, at: position)
        } else if isPlain && text.isEmpty && frames.isEmpty {
            accept(.object([:]), YAMLMarks(position: position))  // the document holds nothing
        } else {
            let value: JSONValue = isPlain ? try coreSchema(text, at: position) : .string(text)
            accept(value, YAMLMarks(position: position))
        }
    }

    private mutating func addKey(_ text: String, isPlain: Bool, at position: TextPosition) throws(YAMLFailure) {
        if isPlain && text == "<<" { throw YAMLFailure(at: position, "merge keys are not supported") }
        if isPlain && text.isEmpty { throw YAMLFailure(at: position, "a key is missing") }
        let last = frames.count - 1
        if frames[last].object.index(of: text) != nil {
            throw YAMLFailure(at: position, "duplicate key \(quoted(text))")
        }
        frames[last].key = text
        frames[last].marks.keys.append(position)
    }

    private func check(_ properties: YAMLProperties, at position: TextPosition) throws(YAMLFailure) {
        if properties.anchor != nil { throw YAMLFailure(at: position, "anchors and aliases are not supported") }
        if let tag = properties.tag, tag != "tag:yaml.org,2002:str" {
            throw YAMLFailure(at: position, "the tag \(quoted(tag)) is not supported; only !!str is")
        }
    }

    /// Puts a whole value where the innermost open mapping or sequence waits for one.
    private mutating func accept(_ value: JSONValue, _ marks: YAMLMarks) {
        guard !frames.isEmpty else {
            root = (value, marks)
            return
        }
        let last = frames.count - 1
        frames[last].marks.values.append(marks)
        if let key = frames[last].key {
            frames[last].object.append(key, value)
            frames[last].key = nil
        } else {
            frames[last].elements.append(value)
        }
    }
}
