// libyaml's parser as a sequence of events; only here are its structures touched.

internal import CYAML

/// What a YAML text consists of, as yaml.h's events have it, less the ones that say nothing here.
enum YAMLEvent {
    case document
    case mapping(YAMLProperties)
    case mappingEnd
    case sequence(YAMLProperties)
    case sequenceEnd
    /// `isPlain`: without quotes and not a block scalar, so that its text decides what it is.
    case scalar(String, isPlain: Bool, YAMLProperties)
    case alias(String)
}

/// What may be written before a value: `&anchor`, `!tag`.
struct YAMLProperties {
    var anchor: String?
    var tag: String?
}

/// Parses the text and hands over one event after the other, in the order of the text.
func parseEvents(
    _ bytes: [UInt8], _ body: (YAMLEvent, TextPosition) throws(YAMLFailure) -> Void
) throws(YAMLFailure) {
    var parser = unsafe yaml_parser_t()
    guard unsafe yaml_parser_initialize(&parser) == 1 else {
        throw YAMLFailure(at: TextPosition(line: 1, column: 1), "out of memory")
    }
    defer { unsafe yaml_parser_delete(&parser) }
    // The parser keeps pointers to its input and into itself: both stay where they are for the whole closure.
    let failure = unsafe withUnsafeMutablePointer(to: &parser) { parser in
        unsafe bytes.withUnsafeBufferPointer { buffer -> YAMLFailure? in
            unsafe yaml_parser_set_input_string(parser, buffer.baseAddress ?? UnsafePointer(emptyText), buffer.count)
            unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            do throws(YAMLFailure) {
                try unsafe readEvents(parser, text: bytes, body)
                return nil
            } catch {
                return error
            }
        }
    }
    if let failure { throw failure }
}

/// yaml_parser_set_input_string asserts a pointer, which an empty array may not have; never read.
private var emptyText: UnsafeMutablePointer<UInt8> { unsafe UnsafeMutablePointer(bitPattern: 1)! }

private func readEvents(
    _ parser: UnsafeMutablePointer<yaml_parser_t>, text: [UInt8],
    _ body: (YAMLEvent, TextPosition) throws(YAMLFailure) -> Void
) throws(YAMLFailure) {
    while true {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else {
            throw unsafe YAMLFailure(parser, text: text)
        }
        defer { unsafe yaml_event_delete(&event) }
        if unsafe event.type == YAML_STREAM_END_EVENT { return }
        if let known = unsafe YAMLEvent(event) { try body(known, unsafe TextPosition(event.start_mark)) }
    }
}

extension YAMLEvent {
    /// A copy of what the event says; nil for those that say nothing.
    fileprivate init?(_ event: yaml_event_t) {
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: self = .document
        case YAML_MAPPING_START_EVENT:
            let start = unsafe event.data.mapping_start
            self = unsafe .mapping(YAMLProperties(anchor: start.anchor, tag: start.tag))
        case YAML_SEQUENCE_START_EVENT:
            let start = unsafe event.data.sequence_start
            self = unsafe .sequence(YAMLProperties(anchor: start.anchor, tag: start.tag))
        case YAML_MAPPING_END_EVENT: self = .mappingEnd
        case YAML_SEQUENCE_END_EVENT: self = .sequenceEnd
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let text = unsafe String(
                decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let properties = unsafe YAMLProperties(anchor: scalar.anchor, tag: scalar.tag)
            self = unsafe .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE, properties)
        case YAML_ALIAS_EVENT: self = unsafe .alias(String(cString: event.data.alias.anchor))
        default: return nil
        }
    }
}

extension YAMLProperties {
    fileprivate init(anchor: UnsafePointer<UInt8>?, tag: UnsafePointer<UInt8>?) {
        self.anchor = unsafe anchor.map { unsafe String(cString: $0) }
        self.tag = unsafe tag.map { unsafe String(cString: $0) }
    }
}

extension TextPosition {
    fileprivate init(_ mark: yaml_mark_t) { self.init(line: mark.line + 1, column: mark.column + 1) }
}

extension YAMLFailure {
    /// What the parser says of its failure. Its texts are fixed ones that quote nothing.
    fileprivate init(_ parser: UnsafeMutablePointer<yaml_parser_t>, text: [UInt8]) {
        let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "out of memory"
        if unsafe parser.pointee.error == YAML_READER_ERROR {
            // The reader knows only the byte.
            let offset = unsafe min(parser.pointee.problem_offset, text.count)
            self.init(at: TextPosition(of: offset, in: text[...]), problem)
            return
        }
        let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) + ", " } ?? ""
        self.init(at: TextPosition(unsafe parser.pointee.problem_mark), context + problem)
    }
}
