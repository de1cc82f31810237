// One client: bytes to lines with their descriptors, answers back in order, all within bounds.
//
// Lines are answered one at a time. While a bound is reached (lines waiting, bytes not taken by the client) nothing is
// read, so the client's own writes come to a stop; others are served on. A line that is too long, too slow or not JSON
// ends the connection after one error, for behind it the stream cannot be trusted.

import Descriptors
import Linux
import SystemPackage
import Wire

@EventLoop
final class Connection {
    /// How long a line may take from its first byte to its last.
    nonisolated static let lineMilliseconds = 30_000
    /// Lines that wait for their turn.
    private static let mostLines = 64
    /// Bytes of answers that wait for the client to read.
    private static let mostOutput = 1 << 20
    /// What a descriptor that waits counts for in bytes: a client that does not read may make the agent hold few.
    private static let descriptorWeight = 1 << 16
    private static let readSize = 1 << 16
    /// How long a client may take to read what is waiting once nothing more will be said to it.
    private static let lastWordMilliseconds = 5000

    let caller: Caller
    private unowned let agent: Agent
    private let socket: UnixSocket
    private var watch: Watch?
    private var buffer = LineBuffer()
    private var lines: [(bytes: ArraySlice<UInt8>, descriptors: [SharedDescriptor])] = []
    /// Those that came with the line begun and not yet whole.
    private var descriptors: [SharedDescriptor] = []
    private var output: [Answer] = []
    /// Bytes of `output`'s first that are sent, and of all that wait, descriptors by their weight.
    private var sent = 0
    private var waiting = 0
    /// Notifications about what an answer under way will say.
    private var behindAnswer: [Answer] = []
    private var isAnswering = false
    private var isReadingOver = false
    private(set) var isClosed = false
    private var lineTimer: Timer?
    private let closed: @EventLoop (Connection) -> Void
    /// What the policy came to for the caller, and which policy that was.
    private var known: (revision: Int, grants: Grants?)

    init(
        _ socket: consuming UnixSocket, _ caller: Caller, _ grants: Grants, _ agent: Agent,
        closed: @escaping @EventLoop (Connection) -> Void
    ) throws(SystemError) {
        self.socket = socket
        self.caller = caller
        self.agent = agent
        self.closed = closed
        known = (agent.policyRevision, grants)
        watch = try Watch(self.socket.descriptor.raw, .readable) { [weak self] readiness in self?.ready(readiness) }
    }

    /// Sends a notification. A client that does not read is cut off: `false` where it has too much waiting already.
    func notify(_ answer: Answer) -> Bool {
        guard !isClosed else { return false }
        send(answer)
        return waiting <= Self.mostOutput
    }

    /// What the caller may do by the policy in force; nil: nothing.
    var grants: Grants? {
        if known.revision == agent.policyRevision { return known.grants }
        let grants = agent.policy.grants(for: caller.person)
        known = (agent.policyRevision, grants)
        return grants
    }

    /// The process that connected.
    func peerProcess() throws(SystemError) -> SharedDescriptor {
        SharedDescriptor(try socket.peerProcess(pid: caller.credentials.pid))
    }

    /// Says a last thing and ends; no more is read. Who does not take it in a while is cut off.
    func finish(with answer: Answer) {
        guard !isClosed else { return }
        lines = []
        isReadingOver = true
        send(answer)
        closeIfDone()
        Timer(afterMilliseconds: Self.lastWordMilliseconds) { [weak self] in self?.close() }
    }

    /// Sends a notification, behind the answer under way if there is one.
    func notifyBehindAnswer(_ answer: Answer) {
        if isAnswering { behindAnswer.append(answer) } else { _ = notify(answer) }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        watch?.cancel()
        watch = nil
        lineTimer?.cancel()
        lines = []
        descriptors = []
        output = []
        socket.shutDown()
        closed(self)
    }

    private func ready(_ readiness: Readiness) {
        if readiness.contains(.writable) { flush() }
        if readiness.contains(.readable) && !isClosed { read() }
        // The other end is gone altogether: nobody will read an answer, and the report would come for ever.
        if readiness.contains(.hangup) && (isReadingOver || !readiness.contains(.readable)) { close() }
    }

    // MARK: In

    private func read() {
        do {
            let received = try unsafe withUnsafeTemporaryAllocation(byteCount: Self.readSize, alignment: 1) { room in
                let received = unsafe try socket.receive(into: room, closing: DescriptorCloser.close)
                if let received {
                    unsafe buffer.append(UnsafeRawBufferPointer(rebasing: room.prefix(received.count)))
                }
                return received
            }
            guard let received else { return }
            guard received.count > 0 else { return endOfInput() }
            if received.descriptorsTruncated {
                return fail(WireError(.invalidRequest, "more descriptors came than a line can carry"))
            }
            take(received.descriptors)
        } catch {
            close()
        }
    }

    /// Cuts whole lines off what was read. Descriptors belong to the last line that the read which brought them
    /// touches: the kernel ends a read behind the write(2) that carried them (unix(7)).
    private func take(_ received: [SharedDescriptor]) {
        let firstNew = lines.count
        while let line = buffer.nextLine() {
            lines.append((line, descriptors))
            descriptors = []
        }
        if buffer.count == 0 && lines.count > firstNew {
            lines[lines.count - 1].descriptors += received
        } else {
            descriptors += received
        }
        if lines.last.map({ $0.descriptors.count > mostDescriptors }) == true
            || descriptors.count > mostDescriptors
        {
            return fail(WireError(.invalidRequest, "more than \(mostDescriptors) descriptors came with a line"))
        }
        if buffer.isOverlong || lines.contains(where: { $0.bytes.count > LineBuffer.longestLine }) {
            return fail(WireError(.parseError, "a line is longer than \(LineBuffer.longestLine) bytes"))
        }
        watchTheClock(lineBegun: buffer.count > 0, lineEnded: lines.count > firstNew)
        adjustInterest()
        answerLines()
    }

    /// The deadline is the line's, however often a byte of it comes.
    private func watchTheClock(lineBegun: Bool, lineEnded: Bool) {
        if lineEnded || !lineBegun {
            lineTimer?.cancel()
            lineTimer = nil
        }
        if lineBegun && lineTimer == nil {
            lineTimer = Timer(afterMilliseconds: Self.lineMilliseconds) { [weak self] in self?.lineIsLate() }
        }
    }

    private func lineIsLate() {
        lineTimer = nil
        guard watch?.interest.contains(.readable) == true else {
            return watchTheClock(lineBegun: true, lineEnded: false)  // the time was ours: nothing was read
        }
        fail(WireError(.parseError, "a line took longer than \(Self.lineMilliseconds / 1000) s to arrive"))
    }

    /// The client has sent its last; what it asked is answered still.
    private func endOfInput() {
        isReadingOver = true
        lineTimer?.cancel()
        adjustInterest()
        closeIfDone()
    }

    /// Says what is wrong and reads no more.
    private func fail(_ error: WireError) {
        descriptors = []
        lineTimer?.cancel()
        finish(with: Answer(Reply(id: nil, failure: error)))
        adjustInterest()
    }

    // MARK: Answering

    private func answerLines() {
        guard !isAnswering, !lines.isEmpty, !isClosed else { return }
        isAnswering = true
        EventLoop.begin { [self] in
            while !lines.isEmpty && waiting <= Self.mostOutput && !isClosed {
                let line = lines.removeFirst()
                let (answer, isFatal) = await Dispatch.answer(
                    line.bytes, line.descriptors, from: self, of: caller, agent)
                if isClosed { break }
                if isFatal { finish(with: answer) } else { send(answer) }
                for answer in exchange(&behindAnswer, with: []) { _ = notify(answer) }
                adjustInterest()
            }
            isAnswering = false
            closeIfDone()
        }
    }

    private func closeIfDone() {
        if isReadingOver && !isAnswering && lines.isEmpty && output.isEmpty { close() }
    }

    // MARK: Out

    private func send(_ answer: Answer) {
        output.append(answer)
        waiting += answer.bytes.count + answer.descriptors.count * Self.descriptorWeight
        flush()
    }

    private func flush() {
        do {
            while let answer = output.first {
                let sentNow = try unsafe answer.bytes.withUnsafeBytes { bytes in
                    // Descriptors go with the line's first byte, in a sendmsg(2) of the line's own.
                    try unsafe socket.send(
                        UnsafeRawBufferPointer(rebasing: bytes[sent...]),
                        descriptors: sent == 0 ? answer.descriptors.map(\.raw) : [])
                }
                guard let sentNow else { break }
                sent += sentNow
                waiting -= sentNow
                if sent == answer.bytes.count {
                    waiting -= answer.descriptors.count * Self.descriptorWeight
                    output.removeFirst()
                    sent = 0
                }
            }
        } catch {
            return close()  // nobody is there to read it
        }
        adjustInterest()
        closeIfDone()
        answerLines()
    }

    private func adjustInterest() {
        guard !isClosed else { return }
        var interest: Readiness = output.isEmpty ? [] : .writable
        if !isReadingOver && lines.count < Self.mostLines && waiting <= Self.mostOutput { interest.insert(.readable) }
        watch?.interest = interest
    }
}
