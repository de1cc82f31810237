// protocol/openrpc.json and the Swift types say the same, or a test here is red: each exemplar is spoilt in every way
// in turn, and both must think the same of what comes out.

import JSON
import Testing
import Wire

@Suite("openrpc.json and the Swift types agree")
struct DriftTests {
    /// One side of one method: what it takes or what it gives.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let side: Exemplars.Side
        let schema: JSONValue
        let isParams: Bool
        var testDescription: String { name }
    }

    static let cases: [Case] = {
        let document = OpenRPC.document
        func cases(_ exemplars: Exemplars, _ method: OpenRPC.Method?, isNotification: Bool) -> [Case] {
            let params = Case(
                name: exemplars.name, side: exemplars.params, schema: method?.params ?? .null,
                isParams: !isNotification)
            guard let results = exemplars.results else { return [params] }
            return [
                params,
                Case(
                    name: "\(exemplars.name)'s result", side: results, schema: method?.result ?? .null, isParams: false),
            ]
        }
        return Exemplars.methods.flatMap { exemplars in
            cases(exemplars, document.methods.first { $0.name == exemplars.name }, isNotification: false)
        }
            + Exemplars.notifications.flatMap { exemplars in
                cases(exemplars, document.notifications.first { $0.name == exemplars.name }, isNotification: true)
            }
    }()

    @Test("The same methods and notifications exist")
    func names() {
        let names = allMethods.map { $0.name }
        #expect(OpenRPC.document.methods.map(\.name) == names)
        #expect(Exemplars.methods.map(\.name).sorted() == names.sorted())
        #expect(OpenRPC.document.notifications.map(\.name) == Exemplars.notifications.map(\.name))
        #expect(Set(names).count == names.count)
    }

    @Test("The exemplars have each member of the schema and no other", arguments: cases)
    func members(_ sample: Case) throws {
        let validator = SchemaValidator(OpenRPC.document.root, closed: true)
        for json in sample.side.json {
            let verdict = validator.validate(json, sample.schema, name: sample.name)
            #expect(verdict.isGood, "\(sample.name) \(json): \(verdict.failures)")
            try sample.side.decode(json)
        }
    }

    @Test("Every member of every schema is in some exemplar")
    func coverage() {
        let validator = SchemaValidator(OpenRPC.document.root, notesMet: true)
        var met: Set<String> = []
        var declared: Set<String> = []
        for sample in Self.cases {
            for json in sample.side.json {
                met.formUnion(validator.validate(json, sample.schema, name: sample.name).met)
            }
            declared.formUnion(members(of: sample.schema, name: sample.name))
        }
        let envelope = ["Error", "ErrorData", "Request", "Reply", "Notification"].map { "#/components/schemas/\($0)." }
        if case .object(let schemas)? = OpenRPC.document.root["components"]?["schemas"] {
            for schema in schemas {
                declared.formUnion(members(of: schema.value, name: "#/components/schemas/\(schema.key)"))
            }
        }
        let unmet = declared.subtracting(met).filter { name in !envelope.contains { name.hasPrefix($0) } }
        #expect(unmet.isEmpty, "in openrpc.json, but in no exemplar: \(unmet.sorted())")
    }

    /// The members that a schema itself declares, at any depth; not those behind references and in conditions.
    private func members(of schema: JSONValue, name: String) -> Set<String> {
        var names: Set<String> = []
        if case .object(let properties)? = schema["properties"] {
            for property in properties {
                names.insert("\(name).\(property.key)")
                names.formUnion(members(of: property.value, name: "\(name)/properties/\(property.key)"))
            }
        }
        if let items = schema["items"] { names.formUnion(members(of: items, name: "\(name)/items")) }
        for (index, part) in (schema["allOf"]?.arrayValue ?? []).enumerated() {
            names.formUnion(members(of: part, name: "\(name)/allOf/\(index)"))
        }
        return names
    }

    @Test("Every stored property of every Swift type is filled in some exemplar")
    func filled() {
        var properties = StoredProperties()
        for sample in Self.cases { sample.side.values.forEach { properties.note($0) } }
        #expect(properties.empty.isEmpty, "in a Swift type, but in no exemplar: \(properties.empty.sorted())")
    }

    /// Methods that take or give the same need one of them only; the document that rpc.discover gives may be any.
    static let distinctCases = cases.reduce(into: [Case]()) { distinct, sample in
        let isKnown = distinct.contains { $0.schema == sample.schema && $0.side.json == sample.side.json }
        if !isKnown && sample.name != "rpc.discover's result" { distinct.append(sample) }
    }

    @Test("A spoilt value is refused by both or by neither", arguments: distinctCases)
    func mutations(_ sample: Case) {
        let validator = SchemaValidator(OpenRPC.document.root, isVerbose: false)
        var seen: Set<JSONValue> = []
        var known: Set<String> = []
        var disagreements = 0
        for json in sample.side.json {
            let loose = validator.validate(json, sample.schema, name: sample.name).loosePlaces
            let mutations = Mutation.all(of: json, addingUnknown: sample.isParams, known: &known)
            for mutation in mutations where seen.insert(mutation.json).inserted {
                let verdict = validator.validate(mutation.json, sample.schema, name: sample.name)
                let error = refusal { try sample.side.decode(mutation.json) }
                let isLoose = (loose + verdict.loosePlaces).contains { mutation.place.hasPrefix($0) }
                guard disagreements < 5 else { return }
                if verdict.isGood && error != nil && !isLoose {
                    disagreements += 1
                    Issue.record(
                        "the schema allows what Swift refuses: \(mutation.place) of \(mutation.json): \(error!)")
                } else if !verdict.isGood && error == nil {
                    disagreements += 1
                    let verbose = SchemaValidator(OpenRPC.document.root)
                    let reasons = verbose.validate(mutation.json, sample.schema, name: sample.name).failures
                    Issue.record(
                        "Swift allows what the schema refuses: \(mutation.place) of \(mutation.json): \(reasons)")
                }
            }
        }
    }

    @Test("Null counts as absent", arguments: cases)
    func nulls(_ sample: Case) {
        for json in sample.side.json {
            for (absent, null) in Mutation.absences(of: json) {
                let same =
                    (refusal { try sample.side.decode(absent) } == nil)
                    == (refusal { try sample.side.decode(null) } == nil)
                #expect(same, "\(null)")
            }
        }
    }

    private func refusal(_ body: () throws -> Void) -> (any Error)? {
        do { try body() } catch { return error }
        return nil
    }
}

/// Which stored properties some value had something in.
struct StoredProperties {
    private var isFilled: [String: Bool] = [:]

    var empty: [String] { isFilled.filter { !$0.value }.map(\.key) }

    mutating func note(_ value: Any) {
        let mirror = Mirror(reflecting: value)
        for child in mirror.children {
            let content = Self.content(child.value)
            if mirror.displayStyle == .struct, let label = child.label {
                isFilled["\(mirror.subjectType).\(label)", default: false] =
                    isFilled["\(mirror.subjectType).\(label)"] == true || content != nil
            }
            if let content { note(content) }
        }
    }

    /// What an optional holds; nil for nothing and for an empty array.
    private static func content(_ value: Any) -> Any? {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional: return mirror.children.first.flatMap { content($0.value) }
        case .collection: return mirror.children.isEmpty ? nil : value
        default: return value
        }
    }
}
