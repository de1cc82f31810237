// From a line to a method and its parameters, and from its outcome to the line that answers.

import Descriptors
import Glibc
import JSON
import Linux
import Wire

/// A method the agent serves: one file a verb in Methods/.
///
/// A handler reads top to bottom: validate (the parameters' types have done most) → authorise (whose namespace, which
/// right) → reserve (quota) → await kernel work → commit → result. State can change across an `await`.
protocol Handled: Method {
    @EventLoop static func handle(_ params: Params, _ call: Call) async throws -> Result
}

/// A line that answers, and what goes with it.
struct Answer: Sendable {
    var bytes: [UInt8]
    var descriptors: [SharedDescriptor] = []

    init(_ reply: Reply, descriptors: [SharedDescriptor] = []) {
        self.init(line: reply, descriptors: descriptors)
    }

    /// A notification.
    init(_ method: String, _ params: some Encodable) throws {
        self.init(line: Notification(method: method, params: try JSONValue(encoding: params)))
    }

    private init(line: some Encodable, descriptors: [SharedDescriptor] = []) {
        self.descriptors = descriptors
        bytes = []
        do {
            try JSONValue(encoding: line).appendSerialized(to: &bytes)
        } catch {
            // A value of ours that JSON cannot hold: the client is told that much.
            let failure = Reply(id: nil, failure: WireError(.internalError, "the reply cannot be written: \(error)"))
            bytes = (try? JSONValue(encoding: failure).serialized()) ?? []
        }
        bytes.append(UInt8(ascii: "\n"))
    }
}

enum Dispatch {
    private static let methods: [String: any Handled.Type] = Dictionary(
        uniqueKeysWithValues: handledMethods.map { ($0.name, $0) })

    /// What a line is answered with; `fatal` where the stream cannot be trusted to hold lines any more.
    @EventLoop
    static func answer(
        _ line: ArraySlice<UInt8>, _ descriptors: [SharedDescriptor], from connection: Connection, of caller: Caller,
        _ agent: Agent
    ) async -> (answer: Answer, isFatal: Bool) {
        let value: JSONValue
        do {
            value = try JSONValue.parse(line)
        } catch {
            return (Answer(Reply(id: nil, failure: .unreadable(error))), true)
        }
        let request: Request
        do {
            request = try value.request()
        } catch {
            return (Answer(Reply(id: value.requestId, failure: error)), false)
        }
        let audited = AuditedRequest(request)
        var call: Call?
        var refusal: WireError?
        var answer: Answer
        do {
            let grants = try agent.admit(connection)
            guard let method = methods[request.method] else { throw WireError.noMethod(request.method) }
            let begun = Call(agent, caller, grants, descriptors, connection)
            call = begun
            let result = try await run(method, request, begun)
            answer = Answer(Reply(id: request.id, result: result), descriptors: begun.replyDescriptors)
        } catch {
            let failure = WireError(error)
            refusal = failure
            answer = Answer(Reply(id: request.id, failure: failure))
        }
        if let audited {
            agent.audit.note(
                audited.entry(of: caller.owner, touching: call?.touched ?? [], refusal), of: caller.owner)
        }
        return (answer, false)
    }

    @EventLoop
    private static func run<M: Handled>(_ method: M.Type, _ request: Request, _ call: Call) async throws -> JSONValue {
        let params = try (request.params ?? [:]).decode(M.Params.self, place: "params")
        try check(params.descriptorIndices, against: call.descriptors.count)
        return try JSONValue(encoding: await M.handle(params, call))
    }

    /// Each descriptor that came is named once, and nothing else is named.
    private static func check(_ indices: [DescriptorIndex], against count: Int) throws(WireError) {
        let indices = indices.map(\.value)
        for index in indices where !(0..<count).contains(index) {
            throw WireError(.invalidParams, "descriptor \(index) is named, but \(count) came with the line")
        }
        guard Set(indices).count == indices.count else {
            throw WireError(.invalidParams, "a descriptor is named twice; send it twice instead")
        }
        guard indices.count == count else {
            throw WireError(.invalidParams, "\(count) descriptors came with the line, and \(indices.count) are named")
        }
    }
}

extension Agent {
    /// What the caller may do, or why nothing; each request costs one of the rate.
    fileprivate func admit(_ connection: Connection) throws(WireError) -> Grants {
        let caller = connection.caller
        guard let grants = connection.grants else { throw WireError.nobody(caller.person.uid) }
        guard let rate = grants.requestsPerSecond.value.number else { return grants }
        let account = registry.account(of: caller.owner)
        if let wait = account.bucket.take(perSecond: rate, nowMilliseconds: monotonicMilliseconds()) {
            var details = WireError.Details()
            details.retryAfterMilliseconds = wait
            details.limit = rate
            details.rule = grants.requestsPerSecond.rule
            throw WireError(
                .rateLimited, "more than \(rate) requests a second; come again in \(wait) ms", details)
        }
        return grants
    }
}

extension JSONValue {
    /// The envelope, told apart from its faults.
    fileprivate func request() throws(WireError) -> Request {
        if arrayValue != nil {
            throw WireError(
                .invalidRequest, "batches are not taken: send each request as a line; lines can be pipelined")
        }
        do {
            return try decode(Request.self)
        } catch {
            var details = WireError.Details()
            details.place = error.place.isEmpty ? nil : error.place
            throw WireError(.invalidRequest, "not a JSON-RPC 2.0 request: \(error)", details)
        }
    }

    /// The id, where there is one that can be given back.
    fileprivate var requestId: RequestId? {
        guard let id = self["id"] else { return nil }
        return try? id.decode(RequestId.self)
    }
}

extension WireError {
    fileprivate static func unreadable(_ error: JSONError) -> WireError {
        var details = Details()
        details.place = error.place.isEmpty ? nil : error.place
        return WireError(.parseError, "not a JSON value: \(error)", details)
    }

    fileprivate static func noMethod(_ name: String) -> WireError {
        WireError(.methodNotFound, "there is no such method; rpc.discover lists them all")
    }

    static func nobody(_ uid: uid_t) -> WireError {
        WireError(
            .permissionDenied,
            "uid \(uid) has no account on this machine, and no rule of the policy names it")
    }
}
