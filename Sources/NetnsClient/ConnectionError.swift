// What goes wrong between a client and the agent, apart from the agent's own refusals (`WireError`).

public import Descriptors
import SystemPackage
import Wire

/// A connection could not be made or kept, or what came over it made no sense. After any of these the connection is
/// of no more use.
public enum ConnectionError: Error, Hashable, Sendable {
    /// Nobody listens at the path: the socket is missing, or the agent that made it is gone.
    case noAgent(path: String)
    /// The socket's mode or a directory's keeps this user out.
    case permissionDenied(path: String)
    /// The system call that failed otherwise.
    case failed(SystemError)
    /// The agent closed the connection; `pending`: while a reply, or the end of one, was still due.
    case closed(pending: Bool)
    /// What the agent sent was no reply of the protocol.
    case garbled(String)
    /// The request is longer than a line may be, in bytes.
    case tooLong(Int)
}

extension ConnectionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noAgent(let path):
            "no agent listens at \(path); is netnsd running? (systemctl status netnsd)"
        case .permissionDenied(let path):
            "no permission to connect to \(path); ask who administers this machine for access"
        case .failed(let error): "cannot talk to the agent: \(error)"
        case .closed(let pending):
            pending
                ? "the agent closed the connection in mid-reply; its log says why (journalctl -u netnsd)"
                : "the agent closed the connection"
        case .garbled(let what): "the agent's reply makes no sense: \(what)"
        case .tooLong(let count):
            "the request has \(count) bytes, more than the \(LineBuffer.longestLine) of a line"
        }
    }

    /// What connect(2) says, in words.
    init(connecting path: String, _ error: SystemError) {
        switch error.errno {
        // A path without a file, or a file without a listener.
        case .noSuchFileOrDirectory, .connectionRefused, .notDirectory: self = .noAgent(path: path)
        case .permissionDenied: self = .permissionDenied(path: path)
        default: self = .failed(error)
        }
    }
}
