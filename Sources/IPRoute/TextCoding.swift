// Values that go over the wire as one piece of text.

extension Decoder {
    /// Decodes a string and makes the value of it; `rule` says what it has to be.
    func text<Value>(_ rule: String, _ make: (String) -> Value?) throws -> Value {
        guard let value = make(try singleValueContainer().decode(String.self)) else {
            throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: rule))
        }
        return value
    }

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
