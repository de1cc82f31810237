// Bytes on their way between this process's terminal and the program's.
//
// How it works: each way has one buffer; its source is read when that is empty and its sink written when it is not, so
// neither side can make the relay hold more than it has room for, and neither way waits for the other.

import CLinux
import Descriptors
import Glibc
import SystemPackage

/// One way.
struct Flow {
    private var buffer = [UInt8](repeating: 0, count: 65536)
    private var waiting = 0..<0

    var isEmpty: Bool { waiting.isEmpty }

    enum Outcome { case moved, blocked, ended, failed(Errno) }

    /// Takes what there is at the source; the buffer must be empty.
    mutating func fill(from source: CInt) -> Outcome {
        let room = buffer.count
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(source, $0.baseAddress, room) }
        let outcome = Self.outcome(count)
        waiting = 0..<max(count, 0)
        return outcome
    }

    /// Gives the sink what it takes, and at most so many bytes.
    mutating func empty(into sink: CInt, atMost limit: Int = .max) -> Outcome {
        let part = waiting.prefix(limit)
        let count = unsafe buffer[part].withUnsafeBytes { unsafe Glibc.write(sink, $0.baseAddress, $0.count) }
        let outcome = Self.outcome(count)
        waiting = waiting.dropFirst(max(count, 0))
        return outcome
    }

    mutating func discard() { waiting = 0..<0 }

    /// Puts one byte in; the buffer must be empty.
    mutating func put(_ byte: UInt8) {
        buffer[0] = byte
        waiting = 0..<1
    }

    /// errno is read before anything else runs.
    private static func outcome(_ count: Int) -> Outcome {
        if count > 0 { return .moved }
        if count == 0 { return .ended }
        let error = Errno(rawValue: errno)
        return error == .wouldBlock || error == .interrupted ? .blocked : .failed(error)
    }
}

/// Both ways between a terminal, or what stands in its place, and the near end of a program's pseudo-terminal.
struct TerminalFlows: ~Copyable {
    let near: CInt
    let input: CInt
    /// Of its own description where it is a terminal, so that it need not block others that write there.
    private let output: Descriptor
    private let outputIsTerminal: Bool
    /// So many bytes are written at once: a pipe with room takes PIPE_BUF without blocking (pipe(7)), a terminal's
    /// description of one's own never blocks.
    private let mostAtOnce: Int
    private var inward = Flow()
    private var outward = Flow()
    /// Nothing more comes from the input.
    private var inputHasEnded = false

    /// Why the relay cannot go on.
    enum Failure: Error {
        /// The terminal is gone (SIGHUP is what it says to those in its foreground).
        case hungUp
        /// Nobody reads standard output any more.
        case brokenPipe
    }

    init(near: CInt, input: CInt, output: CInt) throws(SystemError) {
        self.near = near
        self.input = input
        outputIsTerminal = isatty(output) == 1
        if outputIsTerminal,
            let own = try? Descriptor(
                "open", "", { unsafe clinux_open("/proc/self/fd/\(output)", Self.outputFlags, 0) })
        {
            self.output = own
            mostAtOnce = .max
        } else {
            mostAtOnce = Int(PIPE_BUF)
            self.output = try Descriptor("dup") { clinux_fcntl(output, F_DUPFD_CLOEXEC, 3) }
        }
    }

    private static let outputFlags = O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC

    /// What to poll: input, output, near end, in this order. `reading`: this process may read its terminal.
    func entries(reading: Bool) -> [pollfd] {
        let wantsInput = reading && inward.isEmpty && !inputHasEnded
        let nearEvents = (outward.isEmpty ? POLLIN : 0) | (inward.isEmpty ? 0 : POLLOUT)
        return [
            pollfd(fd: wantsInput ? input : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: outward.isEmpty ? -1 : output.raw, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: nearEvents == 0 ? -1 : near, events: Int16(nearEvents), revents: 0),
        ]
    }

    /// Moves what can be moved; `ready` is what poll(2) made of `entries`.
    mutating func move(_ ready: ArraySlice<pollfd>) throws(Failure) {
        let (first, second, third) = (ready.startIndex, ready.startIndex + 1, ready.startIndex + 2)
        if ready[first].revents != 0 { try readInput() }
        if ready[second].revents != 0 { try writeOutput() }
        if ready[third].revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 && outward.isEmpty {
            _ = outward.fill(from: near)
            if !outward.isEmpty { try writeOutput() }
        }
        if !inward.isEmpty, case .failed = inward.empty(into: near) { inward.discard() }
    }

    private mutating func readInput() throws(Failure) {
        switch inward.fill(from: input) {
        case .moved, .blocked: return
        case .failed(.ioError): throw .hungUp
        case .ended, .failed:
            // In raw mode a terminal says this only when it is gone.
            if isatty(input) == 1 { throw .hungUp }
            inputHasEnded = true
            inward.put(endOfFile)
        }
    }

    /// The character by which the program's terminal says that there is no more; Ctrl-D.
    private var endOfFile: UInt8 {
        var modes = termios()
        guard unsafe tcgetattr(near, &modes) == 0 else { return 4 }
        return unsafe withUnsafeBytes(of: modes.c_cc) { unsafe $0[Int(VEOF)] }
    }

    private mutating func writeOutput() throws(Failure) {
        switch outward.empty(into: output.raw, atMost: mostAtOnce) {
        case .moved, .blocked, .ended: return
        case .failed(.brokenPipe): throw .brokenPipe
        case .failed(let error): if outputIsTerminal || error == .ioError { throw .hungUp } else { outward.discard() }
        }
    }

    /// Writes what the program has written, for at most so many buffers; others may write to its terminal without
    /// end. `waiting`: for as long as the reader needs; else as far as it goes at once.
    mutating func drain(waiting: Bool) throws(Failure) {
        for _ in 0..<16 {
            while !outward.isEmpty {
                var entry = pollfd(fd: output.raw, events: Int16(POLLOUT), revents: 0)
                guard unsafe poll(&entry, 1, waiting ? -1 : 0) > 0 else { return }
                try writeOutput()
            }
            guard case .moved = outward.fill(from: near) else { return }
        }
    }
}
