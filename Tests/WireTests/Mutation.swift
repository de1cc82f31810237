// Ways to spoil a value: members taken out and put in, and scalars of every sort at and past every limit.

import JSON

struct Mutation {
    let json: JSONValue
    /// What was changed, `.peer.mtu`.
    let place: String

    /// The value changed in one place each time. Scalars met before in the same place, as `known` says, stay.
    static func all(of json: JSONValue, addingUnknown: Bool, known: inout Set<String>) -> [Mutation] {
        var mutations: [Mutation] = []
        visit(json, place: "") { value, place, rebuild in
            let isScalar = value.objectValue == nil && value.arrayValue == nil
            if isScalar && !known.insert("\(place) \(value)").inserted { return }
            mutations += replacements(of: value).map { Mutation(json: rebuild($0), place: place) }
            guard case .object(let object) = value else { return }
            for key in object.keys {
                var without = object
                without[key] = nil
                mutations.append(Mutation(json: rebuild(.object(without)), place: "\(place).\(key)"))
            }
            if addingUnknown {
                var with = object
                with["notAKey"] = 1
                mutations.append(Mutation(json: rebuild(.object(with)), place: "\(place).notAKey"))
            }
        }
        return mutations
    }

    /// The value without each of its members, and with null in its stead.
    static func absences(of json: JSONValue) -> [(absent: JSONValue, null: JSONValue)] {
        var pairs: [(absent: JSONValue, null: JSONValue)] = []
        visit(json, place: "") { value, _, rebuild in
            guard case .object(let object) = value else { return }
            for key in object.keys {
                var absent = object
                var null = object
                absent[key] = nil
                null[key] = .null
                pairs.append((rebuild(.object(absent)), rebuild(.object(null))))
            }
        }
        return pairs
    }

    /// Calls `body` with each value in the tree and with what builds the tree anew around another one.
    private static func visit(
        _ value: JSONValue, place: String, rebuild: @escaping (JSONValue) -> JSONValue = { $0 },
        body: (JSONValue, String, (JSONValue) -> JSONValue) -> Void
    ) {
        body(value, place, rebuild)
        switch value {
        case .object(let object):
            for member in object {
                visit(
                    member.value, place: "\(place).\(member.key)",
                    rebuild: { new in
                        var object = object
                        object[member.key] = new
                        return rebuild(.object(object))
                    }, body: body)
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                visit(
                    element, place: "\(place)[\(index)]",
                    rebuild: { new in
                        var elements = elements
                        elements[index] = new
                        return rebuild(.array(elements))
                    }, body: body)
            }
        default: break
        }
    }

    /// Other sorts of value, and of the same sort many.
    private static func replacements(of value: JSONValue) -> [JSONValue] {
        let others: [JSONValue] = [true, false, 1, "x", 1.5, [], [1], .object([:])]
        switch value {
        case .integer: return others + integers
        case .string(let text):
            return others + [7, 0, 256, 4_294_967_296, -1] + strings + (words.contains(text) ? wordValues : [])
        default: return others
        }
    }

    /// Around every limit of the protocol.
    private static let integers: [JSONValue] =
        [
            0, 15, 67, 255, 256, 511, 4094, 65535, 16_777_215, 2_147_483_647, 4_294_967_295,
        ].flatMap { (limit: Int64) in [.integer(limit - 1), .integer(limit), .integer(limit + 1)] } + [
            .integer(.min), .integer(.max), .integer(-2_147_483_648), .integer(-2_147_483_649), 1.0,
        ]

    private static let strings: [JSONValue] =
        [
            "", ".", "..", "...", "a/b", "a b", "a:b", "a%d", "-a", "a\n", "\n", "é", "\u{7F}", "\u{1B}[2J", "\u{85}",
            "alice:server", "alice:", ":server", "a/b:server", "a:b:c", "00:00:00:00:00:00", "01:00:00:00:00:00",
            "2:0:0:0:0:a", "02:00:00:00:00", "02:00:00:00:00:00:01", "02-00-00-00-00-01", "02:00:00:00:00:0g",
            "10.0.0.1", "10.0.0.0/8", "10.0.0.1/8", "10.0.0.1/33", "10.0.0.1/08", "10.0.0.1/", "10.1", "256.0.0.1",
            "fd00::1", "fd00::/64", "fd00::/129", "fe80::1%lo", "::ffff:10.0.0.1", "default", "all", "any", "main",
            "local", "0", "7", "07", "-7", "255", "256", "4294967295", "4294967296", "global", "kernel", "A=b", "=b",
            "A", "net.ipv4.ip_forward", "net/ipv4/conf/eth0.100/forwarding", "net.ipv4.conf.eth0/100.forwarding",
            "net.ipv4", "kernel.core.pattern", "net/../kernel/x", "net..ipv4.x",
        ].map { .string($0) }
        + [15, 16, 64, 65, 127, 128, 255, 256].map { .string(String(repeating: "a", count: $0)) }

    /// The words of every enumeration in the document.
    private static let words: Set<String> = {
        var words: Set<String> = []
        visit(OpenRPC.document.root, place: "") { value, place, _ in
            if place.hasSuffix(".enum") { words.formUnion((value.arrayValue ?? []).compactMap(\.stringValue)) }
        }
        return words
    }()

    private static let wordValues = words.sorted().map { JSONValue.string($0) }
}
