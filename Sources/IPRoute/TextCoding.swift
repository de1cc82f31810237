// Values that go over the wire as one piece of text.

/// A value that goes over the wire as text, and is checked where it comes in: the text that describes it makes it.
public protocol TextValue: LosslessStringConvertible, Hashable, Sendable, Codable {
    /// What a text has to be, as a refusal says it: `must be …`.
    static var rule: String { get }
}

extension TextValue {
    public init(from decoder: any Decoder) throws {
        guard let value = Self(try decoder.singleValueContainer().decode(String.self)) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: Self.rule))
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws { try encoder.text(description) }
}

extension Decoder {
    /// Decodes a name or a number.
    func nameOrNumber<Value>(_ rule: String, name: (String) -> Value?, number: (Int) -> Value?) throws -> Value {
        let container = try singleValueContainer()
        let value = (try? container.decode(Int.self)).map(number) ?? (try? container.decode(String.self)).map(name)
        guard let value, let value else {
            throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: rule))
        }
        return value
    }
}

extension Encoder {
    func text(_ text: String) throws {
        var container = singleValueContainer()
        try container.encode(text)
    }
}
