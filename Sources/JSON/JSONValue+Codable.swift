// A value tree inside a Codable type: this module's coders pass it through, others see what it consists of.

extension JSONValue: Codable {
    public init(from decoder: any Decoder) throws {
        if let node = decoder as? DecodingNode {
            self = node.takeWhole()
            return
        }
        if let container = try? decoder.container(keyedBy: PathStep.self) {
            self = .object(try JSONObject(container))
            return
        }
        if var container = try? decoder.unkeyedContainer() {
            var elements: [JSONValue] = []
            while !container.isAtEnd { elements.append(try container.decode(JSONValue.self)) }
            self = .array(elements)
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let truth = try? container.decode(Bool.self) {
            self = .bool(truth)
        } else if let integer = try? container.decode(Int64.self) {
            self = .integer(integer)
        } else if let real = try? container.decode(Double.self) {
            self = .real(real)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        if let node = encoder as? EncodingNode {
            node.put(self)
            return
        }
        switch self {
        case .array(let elements):
            var container = encoder.unkeyedContainer()
            for element in elements { try container.encode(element) }
        case .object(let object): try object.encode(to: encoder)
        default:
            var container = encoder.singleValueContainer()
            switch self {
            case .bool(let value): try container.encode(value)
            case .integer(let value): try container.encode(value)
            case .real(let value): try container.encode(value)
            case .string(let value): try container.encode(value)
            default: try container.encodeNil()
            }
        }
    }
}

extension JSONObject: Codable {
    public init(from decoder: any Decoder) throws {
        if let node = decoder as? DecodingNode {
            guard case .object(let object) = node.takeWhole() else {
                throw node.mismatch("an object", node.value, at: nil)
            }
            self = object
        } else {
            try self.init(decoder.container(keyedBy: PathStep.self))
        }
    }

    fileprivate init(_ container: KeyedDecodingContainer<PathStep>) throws {
        self.init()
        for key in container.allKeys { self[key.stringValue] = try container.decode(JSONValue.self, forKey: key) }
    }

    public func encode(to encoder: any Encoder) throws {
        if let node = encoder as? EncodingNode {
            node.put(.object(self))
            return
        }
        var container = encoder.container(keyedBy: PathStep.self)
        for member in self { try container.encode(member.value, forKey: .member(member.key)) }
    }
}
