// A connection to the agent: calls, pipelined calls, notifications, descriptors both ways.
//
// How it works: the socket does not block; whoever has to wait polls it. While a request waits for room, what comes in
// is read, so that many requests sent ahead cannot bring both sides to a stop. Lines that came are kept in order:
// replies until they are asked for, which is in the order of the requests, notifications until somebody takes them.

import CLinux
public import Descriptors
import Glibc
public import JSON
import SystemPackage
public import Wire

/// A connection to the agent.
///
/// ```swift
/// import NetnsClient
///
/// let agent = try Connection.connect()
/// try agent.call(NetnsAdd.self, .init(name: NamespaceSelector("server")!))
/// for namespace in try agent.namespaces() { print(namespace.name) }
/// ```
///
/// Calls block until the reply is there. What the agent refuses is thrown as `WireError`, what goes wrong on the way as
/// `ConnectionError`; after the latter the connection is of no more use. A connection belongs to one thread.
public final class Connection {
    private let socket: UnixSocket
    private var incoming = IncomingLines()
    private var replies: [RawReply] = []
    private var notifications: [AgentNotification] = []
    private var lastId: Int64 = 0
    private var lastReceived: Int64 = 0
    /// What ended the connection.
    private var failure: ConnectionError?

    /// Connects to the agent at `path`; without one, where NETNSD_SOCKET says, else at `standardSocketPath`.
    public static func connect(path: String? = nil) throws(ConnectionError) -> Connection {
        let path = path ?? environmentVariable(socketVariable) ?? standardSocketPath
        let socket: UnixSocket
        do { socket = try UnixSocket.connect(to: path) } catch { throw ConnectionError(connecting: path, error) }
        return try Connection(socket)
    }

    /// A connection over a socket that is connected already.
    public init(_ socket: consuming UnixSocket) throws(ConnectionError) {
        self.socket = socket
        do {
            try system("fcntl", "F_SETFL") {
                clinux_fcntl(self.socket.descriptor.raw, F_SETFL, CLong(O_NONBLOCK))
            }
        } catch { throw .failed(error) }
    }

    /// To wait for in a poll of one's own: readable when something has come. Look at `hasNotification` first.
    public var fileDescriptor: CInt { socket.descriptor.raw }
}

// MARK: - Calls

/// A request sent whose reply is yet to be received.
public struct PendingCall<Called: Method>: Sendable {
    let id: Int64
}

/// A reply: the result, typed and as it came, and the descriptors that came with it.
public struct Response<Called: Method>: Sendable {
    public let result: Called.Result
    /// With members that this library does not know.
    public let json: JSONValue
    /// A result's member that ends in `FileDescriptor` is an index into these.
    public let descriptors: [SharedDescriptor]
}

extension Connection {
    /// Calls a method and waits for its result. `descriptors` go with the request, for parameters that end in
    /// `FileDescriptor` to point at; they stay the caller's.
    @discardableResult
    public func call<Called: Method>(
        _ method: Called.Type, _ params: Called.Params, descriptors: [CInt] = []
    ) throws -> Called.Result {
        try receive(try send(method, params, descriptors: descriptors)).result
    }

    /// Sends a request and returns at once. Several may be on their way; each must be received, in the order sent.
    /// That the agent has closed the connection is told by `receive`.
    public func send<Called: Method>(
        _ method: Called.Type, _ params: Called.Params, descriptors: [CInt] = []
    ) throws -> PendingCall<Called> {
        PendingCall(id: try send(Called.name, JSONValue(encoding: params), descriptors))
    }

    /// Calls a method with parameters as they are, and gives its result as it came: for those who pass JSON on, and for
    /// programs that end after one call, which the types' machinery would cost more than the call.
    public func exchange(_ method: String, _ params: JSONObject, descriptors: [CInt] = []) throws -> JSONValue {
        try nextReply(to: send(method, .object(params), descriptors)).json
    }

    private func send(_ method: String, _ params: JSONValue, _ descriptors: [CInt]) throws(ConnectionError) -> Int64 {
        lastId += 1
        var line = Request(id: .number(lastId), method: method, params: params).json.serialized()
        guard line.count <= LineBuffer.longestLine else {
            lastId -= 1
            throw ConnectionError.tooLong(line.count)
        }
        line.append(UInt8(ascii: "\n"))
        try write(line, descriptors)
        return lastId
    }

    /// A reply has come, and `receive` will not wait.
    var hasReply: Bool { !replies.isEmpty }

    /// Waits for the reply to a request; those to requests sent before it must have been received.
    public func receive<Called: Method>(_ pending: PendingCall<Called>) throws -> Response<Called> {
        let (json, descriptors) = try nextReply(to: pending.id)
        do {
            let result = try json.decode(Called.Result.self, unknownKeys: .ignore, place: "result")
            return Response(result: result, json: json, descriptors: descriptors)
        } catch {
            throw fail(.garbled("\(Called.name): \(error)"))
        }
    }

    private func nextReply(to id: Int64) throws -> (json: JSONValue, descriptors: [SharedDescriptor]) {
        precondition(id == lastReceived + 1, "replies are received in the order of their requests")
        lastReceived = id
        while replies.isEmpty { try readMore(pending: true) }
        let reply = replies.removeFirst()
        // An error without an id is about a line that could not be read: it answers whatever is next.
        if case .failure(let refusal) = reply.outcome, reply.id.map({ $0 == .number(id) }) ?? true {
            throw refusal
        }
        guard reply.id == .number(id), case .success(let json) = reply.outcome else {
            replies = []
            throw fail(.garbled("a reply to another request"))
        }
        return (json, reply.descriptors)
    }
}

// MARK: - Notifications

extension Connection {
    /// Something has come already and `nextNotification()` will not wait.
    public var hasNotification: Bool { !notifications.isEmpty }

    /// Waits for the next thing the agent says unasked.
    public func nextNotification() throws(ConnectionError) -> AgentNotification {
        while notifications.isEmpty { try readMore(pending: false) }
        return notifications.removeFirst()
    }

    /// Waits for the next change; `EventSubscribe` must have been called. Other notifications stay for later.
    public func nextEvent() throws(ConnectionError) -> Event {
        while true {
            for (index, notification) in notifications.enumerated() {
                guard case .event(let event) = notification.content else { continue }
                notifications.remove(at: index)
                return event
            }
            try readMore(pending: false)
        }
    }

    /// The end of a program, if it is known by now. Does not wait.
    func takeExit(of pid: Int32) -> NetnsExited? {
        for (index, notification) in notifications.enumerated() {
            guard case .exited(let exited) = notification.content, exited.pid == pid else { continue }
            notifications.remove(at: index)
            return exited
        }
        return nil
    }
}

// MARK: - Bytes

extension Connection {
    /// Waits until something comes and takes it in. `pending`: a reply is due.
    func readMore(pending: Bool) throws(ConnectionError) {
        if let failure { throw failure }
        while try !takeIn(pending: pending) { try wait(for: POLLIN) }
    }

    /// Takes in what is there, without waiting; false where there is nothing.
    @discardableResult
    func takeIn(pending: Bool) throws(ConnectionError) -> Bool {
        if let failure { throw failure }
        do {
            let took = try readOnce(pending: pending)
            while let line = incoming.popFirst() {
                switch try line.parsed() {
                case .reply(let reply): replies.append(reply)
                case .notification(let notification): notifications.append(notification)
                }
            }
            return took
        } catch { throw fail(error) }
    }

    private func readOnce(pending: Bool) throws(ConnectionError) -> Bool {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 1)
        defer { unsafe room.deallocate() }
        let received: Received?
        do { received = try unsafe socket.receive(into: room) } catch  where error.errno == .connectionReset {
            throw .closed(pending: pending)
        } catch { throw .failed(error) }
        guard let received else { return false }
        if received.count == 0 { throw .closed(pending: pending || incoming.isInMidLine) }
        try unsafe incoming.append(UnsafeRawBufferPointer(rebasing: room[..<received.count]), received.descriptors)
        return true
    }

    /// Writes a line. The descriptors go with its first bytes, in one sendmsg(2) that holds nothing else.
    ///
    /// Where the agent has closed the connection nothing is thrown: it says why before it does so, and whoever
    /// receives the reply gets to hear that, or that the connection is closed.
    private func write(_ line: [UInt8], _ descriptors: [CInt]) throws(ConnectionError) {
        var sent = 0
        while sent < line.count && failure == nil {
            let count: Int?
            do throws(SystemError) {
                count = try unsafe line.withUnsafeBufferPointer { (bytes) throws(SystemError) in
                    try unsafe socket.send(
                        UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[sent...])),
                        descriptors: sent == 0 ? descriptors : [])
                }
            } catch  where error.errno == .brokenPipe || error.errno == .connectionReset {
                return
            } catch { throw fail(.failed(error)) }
            if let count {
                sent += count
            } else {
                try wait(for: POLLIN | POLLOUT)
                do { try takeIn(pending: true) } catch { return }
            }
        }
    }

    private func wait(for events: CInt) throws(ConnectionError) {
        var entry = pollfd(fd: fileDescriptor, events: Int16(events), revents: 0)
        do { try system("poll") { unsafe poll(&entry, 1, -1) } } catch { throw fail(.failed(error)) }
    }

    private func fail(_ error: ConnectionError) -> ConnectionError {
        failure = error
        return error
    }
}

/// Its value in this process's environment; nil where it is unset or empty.
func environmentVariable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
}
