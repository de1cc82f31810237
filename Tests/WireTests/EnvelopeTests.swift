// Requests, replies and errors as lines.

import JSON
import Testing
import Wire

@Suite("Envelope")
struct EnvelopeTests {
    @Test(
        "Requests that are some",
        arguments: [
            #"{"jsonrpc":"2.0","id":1,"method":"agent.info"}"#,
            #"{"jsonrpc":"2.0","id":"a","method":"agent.info","params":{}}"#,
            #"{"jsonrpc":"2.0","id":-9223372036854775808,"method":"","params":null}"#,
        ])
    func good(_ line: String) throws {
        let value = try JSONValue.parse(line)
        let request = try value.decode(Request.self)
        #expect(try JSONValue(encoding: request.id) == value["id"])
    }

    @Test(
        "Lines that are no request",
        arguments: [
            (#"[{"jsonrpc":"2.0","id":1,"method":"agent.info"}]"#, "must be an object, not an array"),
            ("[]", "must be an object, not an array"),
            ("7", "must be an object, not a number"),
            ("{}", "jsonrpc: is missing"),
            (#"{"id":1,"method":"agent.info"}"#, "jsonrpc: is missing"),
            (#"{"jsonrpc":"1.0","id":1,"method":"agent.info"}"#, #"jsonrpc: must be one of "2.0", not "1.0""#),
            (#"{"jsonrpc":2.0,"id":1,"method":"agent.info"}"#, "jsonrpc: must be a string, not a number"),
            (#"{"jsonrpc":"2.0","method":"agent.info"}"#, "id: is missing"),
            (#"{"jsonrpc":"2.0","id":null,"method":"agent.info"}"#, "id: must be a string or an integer"),
            (#"{"jsonrpc":"2.0","id":1.0,"method":"agent.info"}"#, "id: must be a string or an integer"),
            (#"{"jsonrpc":"2.0","id":[1],"method":"agent.info"}"#, "id: must be a string or an integer"),
            (#"{"jsonrpc":"2.0","id":1}"#, "method: is missing"),
            (#"{"jsonrpc":"2.0","id":1,"method":7}"#, "method: must be a string, not a number"),
            (
                #"{"jsonrpc":"2.0","id":1,"method":"agent.info","uid":0}"#,
                "uid: unknown parameter; did you mean \"id\"?"
            ),
        ])
    func bad(_ line: String, _ message: String) throws {
        let value = try JSONValue.parse(line)
        let error = #expect(throws: JSONError.self) { try value.decode(Request.self) }
        #expect(error?.description == message)
    }

    @Test("Replies come back as they went")
    func replies() throws {
        let good = try JSONValue(encoding: Reply(id: .number(1), result: [1, "x"]))
        #expect(good == ["jsonrpc": "2.0", "id": 1, "result": [1, "x"]])
        let reply = try good.decode(Reply.self)
        #expect(reply.result == [1, "x"] && reply.failure == nil && reply.id == .number(1))

        let bad = try JSONValue(encoding: Reply(id: nil, failure: WireError(.parseError, "no")))
        let error: JSONValue = ["code": -32700, "message": "no", "data": ["reason": "parse-error"]]
        #expect(bad == ["jsonrpc": "2.0", "id": nil, "error": error])
        #expect(try bad.decode(Reply.self).failure?.reason == .parseError)
    }

    @Test("Every detail of an error is in the document, and the reasons and their codes are the same")
    func errors() throws {
        var details = WireError.Details()
        details.place = "params.mtu"
        details.resource = .links
        details.limit = 8
        details.used = 8
        details.rule = "defaults"
        details.retryAfterMilliseconds = 5
        details.errno = "EINVAL"
        details.operation = "RTM_NEWLINK"
        details.subject = "eth0"
        details.kernelMessage = "no"
        details.pids = [7]
        details.missing = "CONFIG_VXLAN"
        var properties = StoredProperties()
        properties.note(details)
        #expect(properties.empty.isEmpty)

        let document = OpenRPC.document.root
        let closed = SchemaValidator(document, closed: true, notesMet: true)
        for failure in WireError.Reason.allCases.map({ WireError($0, "no", details) }) {
            let line = try JSONValue(encoding: Reply(id: .text("a"), failure: failure))
            let verdict = closed.validate(line, ["$ref": "#/components/schemas/Reply"], name: "reply")
            #expect(verdict.isGood, "\(verdict.failures)")
            let data = document["components"]?["schemas"]?["ErrorData"]?["properties"]?.objectValue
            let met = data?.keys.filter { verdict.met.contains("#/components/schemas/ErrorData.\($0)") }
            #expect(met?.count == data?.count)
        }
        let errors = document["components"]?["errors"]?.objectValue ?? [:]
        let pairs = errors.map { [$0.value["data"]?["reason"] ?? nil, $0.value["code"] ?? nil] }
        #expect(pairs == WireError.Reason.allCases.map { [.string($0.rawValue), .integer(Int64($0.code))] })
        let words = document["components"]?["schemas"]?["ErrorData"]?["properties"]?["reason"]?["enum"]?.arrayValue
        #expect(words?.compactMap(\.stringValue) == WireError.Reason.allCases.map(\.rawValue))
        let codes = document["components"]?["schemas"]?["Error"]?["properties"]?["code"]?["enum"]?.arrayValue
        #expect(codes?.compactMap(\.integerValue) == WireError.Reason.allCases.map { Int64($0.code) })
    }

    @Test("Requests and notifications are as the document says")
    func lines() throws {
        let closed = SchemaValidator(OpenRPC.document.root, closed: true)
        let request = try JSONValue(encoding: Request(id: .number(1), method: "agent.info", params: ["a": 1]))
        let requested = closed.validate(request, ["$ref": "#/components/schemas/Request"], name: "request")
        #expect(requested.isGood, "\(requested.failures)")
        let note = try JSONValue(encoding: Notification(method: "event", params: ["action": "overflow"]))
        let noted = closed.validate(note, ["$ref": "#/components/schemas/Notification"], name: "notification")
        #expect(noted.isGood, "\(noted.failures)")
    }

    @Test("Descriptors are named by index")
    func descriptors() throws {
        let place = try JSONValue.parse(#"{"netnsFileDescriptor":3,"dev":"eth0"}"#).decode(LinkDelete.Params.self)
        #expect(place.descriptorIndices.map(\.value) == [3])
        let none = try JSONValue.parse(#"{"netns":"server","dev":"eth0"}"#).decode(LinkDelete.Params.self)
        #expect(none.descriptorIndices == [])
        let both = try JSONValue.parse(#"{"netns":"server","netnsFileDescriptor":0,"dev":"eth0"}"#)
        let error = #expect(throws: JSONError.self) { try both.decode(LinkDelete.Params.self) }
        #expect(error?.description == "netnsFileDescriptor: excludes netns")
    }
}
