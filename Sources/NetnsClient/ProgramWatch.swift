// Learning how a program ends, even where the agent is restarted meanwhile.
//
// How it works: the agent that started the program tells of its end on the connection. Where the connection is lost,
// connecting is tried for some seconds; the next agent knows the program and is asked to take this connection for it
// (program.attach). Without an agent the program still runs: its pidfd tells that it has ended, and from Linux 6.15
// how; so does its keeper, where it has one.

import CLinux
import Descriptors
import Glibc
import SystemPackage
import Wire

final class ProgramWatch {
    let program: RunningProgram
    private let path: String?
    private var agent: AgentState
    /// What the keeper said; it counts where there is no agent to ask.
    private var kept: ProgramEnd?
    /// When the pidfd told of the end that nobody has said the manner of.
    private var endedUnseen: Int64?

    private enum AgentState {
        case attached(Connection)
        case asked(Connection, PendingCall<ProgramAttach>, until: Int64)
        case sought(until: Int64)
        case givenUp
    }

    /// An agent that is restarted is back within this.
    private static let secondsSought: Int64 = 10
    /// Between two tries, and between two looks for what the kernel will say soon.
    private static let pause: CInt = 100
    /// Once a program has ended, somebody has waited for it within this.
    private static let unseenMilliseconds: Int64 = 1000

    /// `path`: where to look for the next agent.
    init(_ program: RunningProgram, on connection: Connection, path: String?) {
        self.program = program
        self.path = path
        agent = .attached(connection)
    }

    /// What to poll: the connection, and the pidfd where there is none.
    var entries: [pollfd] {
        let connection: CInt
        switch agent {
        case .attached(let attached): connection = attached.fileDescriptor
        case .asked(let asked, _, _): connection = asked.fileDescriptor
        case .sought, .givenUp: connection = -1
        }
        let process = isAttached || endedUnseen != nil ? -1 : program.descriptor.raw
        return [
            pollfd(fd: connection, events: Int16(POLLIN), revents: 0),
            pollfd(fd: process, events: Int16(POLLIN), revents: 0),
        ]
    }

    /// Milliseconds after which `look` is due all the same; -1 for never.
    var timeout: CInt {
        if endedUnseen != nil { return Self.pause / 10 }
        return switch agent {
        case .attached, .givenUp: -1
        case .asked, .sought: Self.pause
        }
    }

    private var isAttached: Bool { if case .attached = agent { true } else { false } }

    /// The keeper has said how the program ended.
    func note(_ end: ProgramEnd) { kept = end }

    /// How the program has ended, if it has; nil where it runs. To be asked before poll(2), with what the last one made
    /// of `entries`: the end may have come together with the program's beginning. Throws `ProgramEndUnknown`.
    func look(_ ready: ArraySlice<pollfd>) throws -> ProgramEnd? {
        if let process = ready.last, process.revents != 0 { endedUnseen = milliseconds() }
        if let exited = hear(hasNews: ready.first.map { $0.revents != 0 } ?? true) {
            if let end = ProgramEnd(exited) { return end }
            endedUnseen = milliseconds()
            agent = .givenUp
        }
        guard let since = endedUnseen else { return nil }
        if let end = kept ?? seenEnd { return end }
        if milliseconds() - since > Self.unseenMilliseconds { throw ProgramEndUnknown(pid: program.pid) }
        return nil
    }

    private var seenEnd: ProgramEnd? {
        var status: CInt = 0
        guard unsafe clinux_pidfd_exit_status(program.descriptor.raw, &status) == 0 else { return nil }
        return ProgramEnd(waitStatus: status)
    }

    /// What an agent says of the program's end, if one has said it by now.
    private func hear(hasNews: Bool) -> NetnsExited? {
        switch agent {
        case .attached(let connection):
            do {
                if hasNews { try connection.takeIn(pending: true) }
            } catch {
                // What came before the end of the connection counts.
                if let exited = connection.takeExit(of: program.pid) { return exited }
                agent = .sought(until: milliseconds() + Self.secondsSought * 1000)
                return nil
            }
            return connection.takeExit(of: program.pid)
        case .asked(let connection, let pending, let until):
            do {
                try connection.takeIn(pending: true)
                guard connection.hasReply else { return nil }
                _ = try connection.receive(pending)
                agent = .attached(connection)
                return connection.takeExit(of: program.pid)
            } catch is WireError {
                agent = .givenUp  // it does not know the program: nothing is to be had from it
            } catch {
                agent = .sought(until: until)
            }
        case .sought(let until): seek(until)
        case .givenUp: break
        }
        return nil
    }

    private func seek(_ until: Int64) {
        guard milliseconds() < until else {
            agent = .givenUp
            return
        }
        guard let connection = try? Connection.connect(path: path),
            let pending = try? connection.send(ProgramAttach.self, .init(pid: program.pid))
        else { return }
        agent = .asked(connection, pending, until: until)
    }
}

/// A program has ended while no agent ran, and the kernel does not tell how.
public struct ProgramEndUnknown: Error, CustomStringConvertible {
    public let pid: Int32
    public var description: String {
        "the agent was gone when the program (pid \(pid)) ended: how it ended is not known"
    }
}

/// Of a clock that nobody sets.
private func milliseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
