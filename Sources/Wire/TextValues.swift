// Values that go over the wire as one piece of text, checked where they come in.

/// Decodes a string and makes the value of it; `rule` says what it has to be.
func checkedText<Value>(from decoder: any Decoder, _ rule: String, _ make: (String) -> Value?) throws -> Value {
    guard let value = make(try decoder.singleValueContainer().decode(String.self)) else {
        throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: rule))
    }
    return value
}

func encodeText(_ text: String, to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
}

/// A-Z a-z 0-9 _
func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
    default: false
    }
}
