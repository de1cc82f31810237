// A line of a stranger's: JSON, the envelope, the method's parameters.

import JSON
import Wire

private let methods: [String: any Method.Type] = Dictionary(uniqueKeysWithValues: allMethods.map { ($0.name, $0) })

/// What was read must be written so that it is read as the same.
func fuzzRequest(_ input: [UInt8]) {
    guard let value = try? JSONValue.parse(input) else { return }
    let text = value.serialized()
    require(!text.contains { $0 < 0x20 || $0 == 0x7F }, "a control character in \(text)")
    require(
        (try? JSONValue.parse(text)) == value, "JSON that reads otherwise: \(String(decoding: text, as: UTF8.self))")
    guard let request = try? value.decode(Request.self), let method = methods[request.method] else { return }
    roundTrip(method, request.params ?? [:])
}

private func roundTrip<M: Method>(_ method: M.Type, _ params: JSONValue) {
    guard let value = try? params.decode(M.Params.self) else { return }
    _ = value.descriptorIndices
    guard let written = try? JSONValue(encoding: value) else { fatalError("\(M.name): cannot be written: \(value)") }
    guard let again = try? written.decode(M.Params.self) else { fatalError("\(M.name): cannot be read: \(written)") }
    require((try? JSONValue(encoding: again)) == written, "\(M.name): reads otherwise: \(written)")
}
