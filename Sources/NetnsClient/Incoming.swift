// From the bytes the agent sends to replies and notifications.

import Descriptors
public import JSON
import Wire

/// Something the agent sent unasked.
public struct AgentNotification: Sendable {
    public let method: String
    /// As it came.
    public let params: JSONValue
    public let content: Content

    public enum Content: Sendable {
        /// A change in a subscribed namespace, or the mark that some were missed.
        case event(Event)
        /// A program started on this connection has ended.
        case exited(NetnsExited)
        /// A line of the log that is followed.
        case log(LogEntry)
        /// One that this version of the library does not know; within protocol version 1 there may come more.
        case other
    }
}

/// One line as it came, with the descriptors that came with it.
struct IncomingLine {
    let bytes: ArraySlice<UInt8>
    let descriptors: [SharedDescriptor]
}

/// Cuts what recvmsg(2) brings into lines and keeps descriptors with theirs.
///
/// A line with descriptors is one sendmsg(2) of its own, and the kernel ends a recvmsg(2) behind the bytes that
/// descriptors came with (unix(7)). So they belong to the last line begun: the last whole one, or that still growing.
struct IncomingLines {
    private var buffer = LineBuffer()
    private var lines: [IncomingLine] = []
    private var next = 0
    /// Those of the line that is not whole yet.
    private var begun: [SharedDescriptor] = []

    /// A line was begun and never ended.
    var isInMidLine: Bool { buffer.count > 0 }

    mutating func append(_ bytes: UnsafeRawBufferPointer, _ descriptors: [SharedDescriptor]) throws(ConnectionError) {
        let endsLine = unsafe bytes.last == UInt8(ascii: "\n")
        unsafe buffer.append(bytes)
        var whole: [ArraySlice<UInt8>] = []
        while let line = buffer.nextLine() { whole.append(line) }
        if buffer.isOverlong { throw .garbled("a line is longer than \(LineBuffer.longestLine) bytes") }
        for (index, line) in whole.enumerated() {
            var own: [SharedDescriptor] = []
            if index == 0 { swap(&own, &begun) }
            if endsLine && index == whole.count - 1 { own += descriptors }
            lines.append(IncomingLine(bytes: line, descriptors: own))
        }
        if !endsLine { begun += descriptors }
    }

    mutating func popFirst() -> IncomingLine? {
        guard next < lines.count else { return nil }
        defer {
            next += 1
            if next == lines.count { (lines, next) = ([], 0) }
        }
        return lines[next]
    }
}

/// A reply as it came. The result stays JSON until somebody says which type it is.
struct RawReply {
    let id: RequestId?
    let outcome: Result<JSONValue, WireError>
    let descriptors: [SharedDescriptor]
}

enum Parsed {
    case reply(RawReply)
    case notification(AgentNotification)
}

extension IncomingLine {
    /// Reads a line. Members that are not known are ignored: a newer agent may have more to say.
    func parsed() throws(ConnectionError) -> Parsed {
        do {
            let json = try JSONValue.parse(bytes)
            if json["method"] != nil && json["id"] == nil {
                return .notification(try AgentNotification(json.decode(Wire.Notification.self, unknownKeys: .ignore)))
            }
            // The usual answer, without Codable's machinery: a program that makes one request ends sooner.
            if json["jsonrpc"] == "2.0", case .integer(let id)? = json["id"], let result = json["result"],
                json["error"] == nil
            {
                return .reply(RawReply(id: .number(id), outcome: .success(result), descriptors: descriptors))
            }
            let reply = try json.withKnownReason.decode(Reply.self, unknownKeys: .ignore)
            let outcome: Result<JSONValue, WireError>
            if let failure = reply.failure {
                outcome = .failure(failure)
            } else if let result = json["result"] {
                outcome = .success(result)
            } else {
                throw ConnectionError.garbled("neither a result nor an error")
            }
            return .reply(RawReply(id: reply.id, outcome: outcome, descriptors: descriptors))
        } catch let error as ConnectionError {
            throw error
        } catch {
            throw .garbled("\(error)")
        }
    }
}

extension AgentNotification {
    /// One whose parameters hold a word that this library does not know is passed on as it is.
    init(_ notification: Wire.Notification) {
        method = notification.method
        params = notification.params
        if method == Event.name, let event = try? params.decode(Event.self, unknownKeys: .ignore) {
            content = .event(event)
        } else if method == NetnsExited.name, let exited = try? params.decode(NetnsExited.self, unknownKeys: .ignore) {
            content = .exited(exited)
        } else if method == LogEntry.name, let entry = try? params.decode(LogEntry.self, unknownKeys: .ignore) {
            content = .log(entry)
        } else {
            content = .other
        }
    }
}

extension JSONValue {
    /// An error's reason may be a word added after this library was built: it is taken as an error without one.
    fileprivate var withKnownReason: JSONValue {
        guard case .object(var reply) = self, case .object(var error)? = reply["error"],
            case .object(var data)? = error["data"], let word = data["reason"]?.stringValue,
            WireError.Reason(rawValue: word) == nil
        else { return self }
        data["reason"] = .string(WireError.Reason.internalError.rawValue)
        error["data"] = .object(data)
        reply["error"] = .object(error)
        return .object(reply)
    }
}
