// The other end of a connection: says what a test tells it to, line by line.

import CLinux
import Descriptors
import Glibc
import NetnsClient

/// The agent's end of a socket pair. It blocks; all a test sends fits into the socket's buffer.
final class FakeAgent {
    let socket: UnixSocket
    private var lines = LineBuffer()
    /// What came with the last line read.
    private(set) var descriptors: [SharedDescriptor] = []

    /// A connection and the agent at its other end.
    static func pair() throws -> (Connection, FakeAgent) {
        var ends: (CInt, CInt) = (-1, -1)
        try withUnsafeMutablePointer(to: &ends) { pair in
            try pair.withMemoryRebound(to: CInt.self, capacity: 2) { pair in
                _ = try system("socketpair") {
                    socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, pair)
                }
            }
        }
        let agent = FakeAgent(socket: UnixSocket(Descriptor(owning: ends.1)))
        return (try Connection(UnixSocket(Descriptor(owning: ends.0))), agent)
    }

    private init(socket: consuming UnixSocket) { self.socket = socket }

    /// One sendmsg(2).
    func say(_ text: String, descriptors: [CInt] = []) throws {
        let bytes = Array(text.utf8)
        let sent = try bytes.withUnsafeBytes { try socket.send($0, descriptors: descriptors) }
        precondition(sent == bytes.count)
    }

    /// The next request.
    func hear() throws -> JSONValue {
        while true {
            if let line = lines.nextLine() { return try JSONValue.parse(line) }
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 1)
            defer { room.deallocate() }
            guard let received = try socket.receive(into: room), received.count > 0 else { throw Gone() }
            lines.append(UnsafeRawBufferPointer(rebasing: room[..<received.count]))
            descriptors = received.descriptors
        }
    }

    struct Gone: Error {}
}

/// A pipe, to see that a descriptor is the one that was passed.
struct Pipe: ~Copyable {
    let reading: Descriptor
    let writing: Descriptor

    init() throws {
        var ends: [CInt] = [-1, -1]
        try system("pipe") { pipe(&ends) }
        reading = Descriptor(owning: ends[0])
        writing = Descriptor(owning: ends[1])
    }

    /// The byte that was written to the other end.
    static func read(_ fd: CInt) -> UInt8? {
        var byte: UInt8 = 0
        return Glibc.read(fd, &byte, 1) == 1 ? byte : nil
    }

    func write(_ byte: UInt8) {
        var byte = byte
        _ = Glibc.write(writing.raw, &byte, 1)
    }
}
