// protocol/openrpc.json as the tests read it.

import Glibc
import JSON

/// The protocol's description in the package's own tree.
struct OpenRPC {
    let root: JSONValue

    struct Method {
        let name: String
        /// One object schema of all the parameters.
        let params: JSONValue
        /// Nil for a notification.
        let result: JSONValue?
    }

    static let document = OpenRPC(root: try! .parse(contents(of: "protocol/openrpc.json")))

    var methods: [Method] { entries("methods") }
    var notifications: [Method] { entries("x-notifications") }

    private func entries(_ key: String) -> [Method] {
        (root[key]?.arrayValue ?? []).map { entry in
            Method(
                name: entry["name"]?.stringValue ?? "",
                params: paramsSchema(entry, isOpen: key == "x-notifications"),
                result: entry["result"].map { resolved($0)["schema"] ?? .null })
        }
    }

    /// What OpenRPC says as a list of descriptors, as one schema.
    private func paramsSchema(_ entry: JSONValue, isOpen: Bool) -> JSONValue {
        let params = (entry["params"]?.arrayValue ?? []).map(resolved)
        let properties = params.map { param -> (String, JSONValue) in
            guard let note = param["x-alsoChecked"] else { return (param["name"]!.stringValue!, param["schema"]!) }
            return (param["name"]!.stringValue!, ["x-alsoChecked": note, "allOf": .array([param["schema"]!])])
        }
        let required = params.filter { $0["required"] == true }.map { $0["name"]! }
        var schema: JSONObject = [
            "type": "object", "properties": .object(JSONObject(properties)), "required": .array(required),
            "allOf": entry["x-rules"] ?? [],
        ]
        if !isOpen { schema["unevaluatedProperties"] = false }
        return .object(schema)
    }

    private func resolved(_ value: JSONValue) -> JSONValue {
        value["$ref"]?.stringValue.flatMap(SchemaValidator(root).resolve) ?? value
    }
}

/// A file of the package, by its path from the root.
func contents(of path: String) -> [UInt8] {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let file = open("/\(root)/\(path)", O_RDONLY | O_CLOEXEC)
    precondition(file >= 0, "cannot open \(path)")
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = read(file, &buffer, buffer.count)
        guard count > 0 else { return bytes }
        bytes += buffer[..<count]
    }
}
