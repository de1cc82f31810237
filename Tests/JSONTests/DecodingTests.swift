// What decodes, and the place and words of what does not.

import JSON
import Testing

private struct Address: Codable, Equatable {
    var local: String
    var prefixlen: UInt8
}

private enum Kind: String, Codable, CaseIterable { case veth, bridge }

/// A validated type with a text of its own.
private struct MTU: Codable, Equatable {
    var value: UInt32

    init(from decoder: any Decoder) throws {
        value = try decoder.singleValueContainer().decode(UInt32.self)
        guard (68...65535).contains(value) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "must be 68 to 65535"))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

private struct Peer: Codable, Equatable {
    var name: String
    var mtu: MTU?
}

private struct Parameters: Codable, Equatable {
    var name: String
    var kind: Kind?
    var up: Bool?
    var weight: Double?
    var index: Int?
    var txqlen: UInt32?
    var level: Int8?
    var mtu: MTU?
    var peer: Peer?
    var keys: [String]?
    var addresses: [Address]?
    var sysctl: [String: String]?
}

/// Throws errors that carry no path.
private struct Careless: Decodable {
    struct Refused: Error, CustomStringConvertible { var description: String { "must not be so" } }

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        if text == "foreign" { throw Refused() }
        throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "must not be careless"))
    }
}

/// Three types and a key of its own from one object.
private struct Flattened: Codable, Equatable {
    struct Selector: Codable, Equatable { var netns: String? }
    struct Timing: Codable, Equatable { var timeoutMilliseconds: Int }

    var selector: Selector
    var timing: Timing
    var verbose: Bool

    enum CodingKeys: CodingKey { case verbose }

    init(selector: Selector, timing: Timing, verbose: Bool) {
        self.selector = selector
        self.timing = timing
        self.verbose = verbose
    }

    init(from decoder: any Decoder) throws {
        selector = try Selector(from: decoder)
        timing = try Timing(from: decoder)
        verbose = try decoder.container(keyedBy: CodingKeys.self).decode(Bool.self, forKey: .verbose)
    }

    func encode(to encoder: any Encoder) throws {
        try selector.encode(to: encoder)
        try timing.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(verbose, forKey: .verbose)
    }
}

/// Either of two shapes: the first attempt must not leave false unknown keys behind.
private enum Either: Decodable, Equatable {
    case address(Address)
    case peer(Peer)

    init(from decoder: any Decoder) throws {
        if let address = try? Address(from: decoder) {
            self = .address(address)
        } else {
            self = .peer(try Peer(from: decoder))
        }
    }
}

@Suite struct DecodingTests {
    @Test func decodesEveryField() throws {
        let value = try JSONValue.parse(
            """
            {"name":"a","kind":"veth","up":true,"weight":1,"index":-4,"txqlen":4294967295,"level":-128,"mtu":1500,
            "peer":{"name":"b","mtu":null},"keys":["x","y"],"addresses":[{"local":"::1","prefixlen":128}],
            "sysctl":{"net.ipv4.ip_forward":"1"}}
            """)
        let parameters = try value.decode(Parameters.self)
        #expect(parameters.name == "a" && parameters.kind == .veth && parameters.up == true)
        #expect(
            parameters.weight == 1 && parameters.index == -4 && parameters.txqlen == .max && parameters.level == .min)
        #expect(parameters.mtu?.value == 1500 && parameters.peer?.name == "b" && parameters.peer?.mtu == nil)
        #expect(parameters.keys == ["x", "y"] && parameters.addresses == [Address(local: "::1", prefixlen: 128)])
        #expect(parameters.sysctl == ["net.ipv4.ip_forward": "1"])
        #expect(try JSONValue(encoding: parameters).decode(Parameters.self) == parameters)
    }

    @Test func nullIsAbsent() throws {
        let parameters = try JSONValue.parse(
            #"{"name":"a","kind":null,"up":null,"weight":null,"mtu":null,"peer":null,"keys":null}"#
        ).decode(Parameters.self)
        #expect(parameters == (try JSONValue.parse(#"{"name":"a"}"#).decode(Parameters.self)))
    }

    @Test(arguments: [
        (#"{}"#, "params.name", "is missing"),
        (#"[]"#, "params", "must be an object, not an array"),
        (#"{"name":1}"#, "params.name", "must be a string, not a number"),
        (#"{"name":null}"#, "params.name", "must be a string, not null"),
        (#"{"name":"a","up":"yes"}"#, "params.up", "must be true or false, not a string"),
        (#"{"name":"a","up":1}"#, "params.up", "must be true or false, not a number"),
        (#"{"name":"a","weight":true}"#, "params.weight", "must be a number, not a boolean"),
        (#"{"name":"a","txqlen":1.0}"#, "params.txqlen", "must be an integer from 0 to 4294967295"),
        (#"{"name":"a","txqlen":1e2}"#, "params.txqlen", "must be an integer from 0 to 4294967295"),
        (#"{"name":"a","txqlen":-1}"#, "params.txqlen", "must be an integer from 0 to 4294967295"),
        (#"{"name":"a","txqlen":4294967296}"#, "params.txqlen", "must be an integer from 0 to 4294967295"),
        (#"{"name":"a","txqlen":"5"}"#, "params.txqlen", "must be an integer from 0 to 4294967295, not a string"),
        (#"{"name":"a","level":128}"#, "params.level", "must be an integer from -128 to 127"),
        (#"{"name":"a","index":1.5}"#, "params.index", "must be an integer"),
        (#"{"name":"a","index":[]}"#, "params.index", "must be an integer, not an array"),
        (#"{"name":"a","mtu":67}"#, "params.mtu", "must be 68 to 65535"),
        (#"{"name":"a","mtu":1.5}"#, "params.mtu", "must be an integer from 0 to 4294967295"),
        (#"{"name":"a","peer":{"name":"b","mtu":1}}"#, "params.peer.mtu", "must be 68 to 65535"),
        (#"{"name":"a","peer":{}}"#, "params.peer.name", "is missing"),
        (#"{"name":"a","kind":"brigde"}"#, "params.kind", #"must be one of "veth", "bridge", not "brigde""#),
        (#"{"name":"a","kind":"\u001b[2J"}"#, "params.kind", #"must be one of "veth", "bridge", not "\u001b[2J""#),
        (#"{"name":"a","kind":3}"#, "params.kind", "must be a string, not a number"),
        (#"{"name":"a","keys":["x","y",3]}"#, "params.keys[2]", "must be a string, not a number"),
        (#"{"name":"a","keys":{}}"#, "params.keys", "must be an array, not an object"),
        (
            #"{"name":"a","addresses":[{"local":"x","prefixlen":1},{"local":"x","prefixlen":256}]}"#,
            "params.addresses[1].prefixlen", "must be an integer from 0 to 255"
        ),
        (#"{"name":"a","sysctl":{"net.ipv4.x":1}}"#, "params.sysctl.net.ipv4.x", "must be a string, not a number"),
        (#"{"name":"a","sysctl":{"1000":1}}"#, "params.sysctl.1000", "must be a string, not a number"),
        (#"{"name":"a","sysctl":{"a b\u0007":1}}"#, #"params.sysctl["a b\u0007"]"#, "must be a string, not a number"),
        // Unknown parameters, near and far, after everything else was right.
        (#"{"name":"a","mtuu":1500}"#, "params.mtuu", #"unknown parameter; did you mean "mtu"?"#),
        (#"{"name":"a","upp":true,"up":true}"#, "params.upp", #"unknown parameter; did you mean "up"?"#),
        (#"{"nmae":"b","name":"a"}"#, "params.nmae", #"unknown parameter; did you mean "name"?"#),
        (#"{"name":"a","colour":"red"}"#, "params.colour", "unknown parameter"),
        (#"{"name":"a","":1}"#, #"params[""]"#, "unknown parameter"),
        (#"{"name":"a","x":1,"peer":{"name":"b","y":1}}"#, "params.x", "unknown parameter"),
        (#"{"name":"a","peer":{"name":"b","mtuu":1}}"#, "params.peer.mtuu", #"unknown parameter; did you mean "mtu"?"#),
        (
            #"{"name":"a","addresses":[{"local":"x","prefixlen":1},{"local":"x","prefixlen":1,"prefixlan":1}]}"#,
            "params.addresses[1].prefixlan", #"unknown parameter; did you mean "prefixlen"?"#
        ),
        (#"{"name":5,"mtuu":1500}"#, "params.name", "must be a string, not a number"),
    ])
    func refuses(text: String, place: String, message: String) {
        let error = JSONError(place: place, message: message)
        #expect(error.description == "\(place): \(message)")
        #expect(throws: error) { try JSONValue.parse(text).decode(Parameters.self, place: "params") }
    }

    @Test func placesWithoutPrefix() {
        #expect(throws: JSONError(place: "[1]", message: "must be a string, not a number")) {
            try ([nil, 1] as JSONValue).decode([String?].self)
        }
        #expect(throws: JSONError(place: "peer.name", message: "is missing")) {
            try (["name": "a", "peer": [:]] as JSONValue).decode(Parameters.self)
        }
        let bare = #expect(throws: JSONError.self) { try JSONValue.null.decode(String.self) }
        #expect(bare?.description == "must be a string, not null")
    }

    @Test func ignoresUnknownKeysWhenTold() throws {
        let value: JSONValue = ["name": "a", "new": 1, "peer": ["name": "b", "newer": [1]]]
        #expect(try value.decode(Parameters.self, unknownKeys: .ignore).peer?.name == "b")
    }

    @Test func everyIntegerTypeHasItsRange() throws {
        func check<I: FixedWidthInteger & Codable>(_: I.Type, _ range: String) throws {
            #expect(try JSONValue.integer(7).decode(I.self) == 7)
            #expect(try JSONValue(encoding: I(7)) == 7)
            let error = JSONError(place: "n", message: "must be an integer\(range)")
            #expect(throws: error) { try JSONValue.real(7).decode(I.self, place: "n") }
            if let below = Int64(exactly: Int128(I.min) - 1) {
                #expect(throws: error) { try JSONValue.integer(below).decode(I.self, place: "n") }
            }
        }
        try check(Int8.self, " from -128 to 127")
        try check(Int16.self, " from -32768 to 32767")
        try check(Int32.self, " from -2147483648 to 2147483647")
        try check(Int64.self, "")
        try check(Int.self, "")
        try check(UInt8.self, " from 0 to 255")
        try check(UInt16.self, " from 0 to 65535")
        try check(UInt32.self, " from 0 to 4294967295")
        try check(UInt64.self, " from 0 to 9223372036854775807")
        try check(UInt.self, " from 0 to 9223372036854775807")
    }

    @Test func enumsWithoutAListSayWhatWasThere() {
        enum Level: Int, Decodable { case low = 1 }
        #expect(throws: JSONError(place: "level", message: "unknown value 7")) {
            try (7 as JSONValue).decode(Level.self, place: "level")
        }
    }

    @Test func errorsWithoutPathGetOne() {
        #expect(throws: JSONError(place: "p.x[0]", message: "must not be so")) {
            try (["x": ["foreign"]] as JSONValue).decode([String: [Careless]].self, place: "p")
        }
        #expect(throws: JSONError(place: "p.x[0]", message: "must not be careless")) {
            try (["x": ["other"]] as JSONValue).decode([String: [Careless]].self, place: "p")
        }
    }

    // MARK: Flattening and unknown keys

    @Test func flattens() throws {
        let value = try JSONValue.parse(#"{"verbose":true,"netns":"a","timeoutMilliseconds":5}"#)
        let flattened = try value.decode(Flattened.self)
        #expect(flattened.selector.netns == "a" && flattened.timing.timeoutMilliseconds == 5 && flattened.verbose)
        let encoded = try JSONValue(encoding: flattened)
        #expect(encoded.description == #"{"netns":"a","timeoutMilliseconds":5,"verbose":true}"#)
    }

    @Test func flattenedKeysAreAllKnown() {
        #expect(throws: JSONError(place: "netnss", message: #"unknown parameter; did you mean "netns"?"#)) {
            try (["verbose": true, "netnss": "a", "timeoutMilliseconds": 5] as JSONValue).decode(Flattened.self)
        }
        #expect(throws: JSONError(place: "timeoutMilliseconds", message: "is missing")) {
            try (["verbose": true] as JSONValue).decode(Flattened.self)
        }
    }

    @Test func attemptsShareWhatTheyAskedFor() throws {
        #expect(try (["name": "a"] as JSONValue).decode(Either.self) == .peer((["name": "a"] as JSONValue).decode()))
        #expect(throws: JSONError(place: "x[0].nam", message: #"unknown parameter; did you mean "name"?"#)) {
            try (["x": [["nam": 1, "name": "a"]]] as JSONValue).decode([String: [Either]].self)
        }
    }

    @Test func dictionariesKnowAllTheirKeys() throws {
        enum Name: String, CodingKeyRepresentable, Decodable { case alice, bob }
        let value: JSONValue = ["alice": ["name": "a"], "bob": ["name": "b"]]
        #expect(try value.decode([String: Peer].self).count == 2)
        #expect(try value.decode([Name: Peer].self)[.bob]?.name == "b")
        #expect(try (["1": "a", "2": "b"] as JSONValue).decode([Int: String].self) == [1: "a", 2: "b"])
        #expect(throws: JSONError(place: "users.bob.nmae", message: #"unknown parameter; did you mean "name"?"#)) {
            try (["alice": ["name": "a"], "bob": ["name": "b", "nmae": 1]] as JSONValue)
                .decode([String: Peer].self, place: "users")
        }
    }

    @Test func treesPassThroughWhole() throws {
        struct Envelope: Codable, Equatable {
            var id: JSONValue
            var params: JSONValue?
            var data: JSONObject?
        }
        let text = #"{"id":1.5,"params":{"z":[{"deep":null}],"a":1},"data":{"b":{"c":[]},"a":0}}"#
        let envelope = try JSONValue.parse(text).decode(Envelope.self)
        #expect(envelope.id == .real(1.5) && envelope.params == ["z": [["deep": nil]], "a": 1])
        #expect(try JSONValue(encoding: envelope).description == text)
        #expect(throws: JSONError(place: "data", message: "must be an object, not an array")) {
            try (["id": 1, "data": []] as JSONValue).decode(Envelope.self)
        }
    }

    @Test func nestedContainersCount() throws {
        struct Nested: Decodable {
            enum Outer: CodingKey { case a, list }
            enum Inner: CodingKey { case b }
            var b: Int
            var sum = 0

            init(from decoder: any Decoder) throws {
                let outer = try decoder.container(keyedBy: Outer.self)
                b = try outer.nestedContainer(keyedBy: Inner.self, forKey: .a).decode(Int.self, forKey: .b)
                var list = try outer.nestedUnkeyedContainer(forKey: .list)
                while !list.isAtEnd { sum += try list.decodeNil() ? 0 : list.decode(Int.self) }
            }
        }
        let nested = try (["a": ["b": 4], "list": [1, nil, 2]] as JSONValue).decode(Nested.self)
        #expect(nested.b == 4 && nested.sum == 3)
        #expect(throws: JSONError(place: "a.c", message: "unknown parameter")) {
            try (["a": ["b": 4, "c": 5], "list": []] as JSONValue).decode(Nested.self)
        }
        #expect(throws: JSONError(place: "list[1]", message: "must be an integer, not a string")) {
            try (["a": ["b": 4], "list": [1, "x"]] as JSONValue).decode(Nested.self)
        }
    }

    @Test func elementsBeyondTheEndAreMissing() {
        struct Pair: Decodable {
            init(from decoder: any Decoder) throws {
                var container = try decoder.unkeyedContainer()
                _ = try (container.decode(Int.self), container.decode(Int.self))
            }
        }
        #expect(throws: JSONError(place: "pair[1]", message: "is missing")) {
            try ([1] as JSONValue).decode(Pair.self, place: "pair")
        }
    }

    @Test func treesReadAndWriteThroughOtherCoders() throws {
        struct Wrapped: Codable, Equatable {
            var tree: JSONValue
            init(tree: JSONValue) { self.tree = tree }
            init(from decoder: any Decoder) throws { tree = try JSONValue(from: Foreign(base: decoder)) }
            func encode(to encoder: any Encoder) throws { try tree.encode(to: ForeignEncoder(base: encoder)) }
        }
        let trees: [JSONValue] = [nil, true, 1, 1.5, "a", [1, [nil]], ["b": 1, "a": ["c": []]], [], [:]]
        for tree in trees {
            #expect(try tree.decode(Wrapped.self).tree == tree)
            #expect(try JSONValue(encoding: Wrapped(tree: tree)).description == tree.description)
        }
    }
}

/// A coder that this module does not know for its own.
private struct Foreign: Decoder {
    let base: any Decoder
    var codingPath: [any CodingKey] { base.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { base.userInfo }
    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try base.container(keyedBy: type)
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try base.unkeyedContainer() }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { try base.singleValueContainer() }
}

private struct ForeignEncoder: Encoder {
    let base: any Encoder
    var codingPath: [any CodingKey] { base.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { base.userInfo }
    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        base.container(keyedBy: type)
    }
    func unkeyedContainer() -> any UnkeyedEncodingContainer { base.unkeyedContainer() }
    func singleValueContainer() -> any SingleValueEncodingContainer { base.singleValueContainer() }
}
