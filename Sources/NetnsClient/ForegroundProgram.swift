// A program this process stands for: it runs as if it had been started here.
//
// How it works: without a terminal the program has this process's own descriptors, and what is left to do is to pass
// signals on and wait. With one it has a pseudo-terminal of its own: this process's is set raw, bytes go both ways
// (TerminalFlow.swift), and what the keys mean is decided by the program's terminal. When the program is stopped there,
// its keeper says so (netns.exec, `waitStatusFileDescriptor`); then this process gives its terminal back and stops too,
// and when somebody continues it, it continues the program.

import CLinux
import Descriptors
import Glibc
import SystemPackage
public import Wire

/// What `run` needs to know besides the program; each has the value that a program started here would have.
public struct RunOptions: Sendable {
    public enum TerminalUse: Sendable {
        /// Where standard input and output are terminals.
        case automatic
        case always, never
    }

    public var terminal = TerminalUse.automatic
    /// `NAME=value` each; nil: this process's.
    public var environment: [String]?
    /// In the program's /etc/hosts stand the caller's other namespaces.
    public var hostNames = false
    /// Those of the descriptors 0, 1 and 2 that were closed when this process began: they are closed in the program.
    public var closed: Set<CInt> = []
    /// The agent's socket, to find it again after a restart; as for `Connection.connect`.
    public var socketPath: String?

    public init() {}

    /// The descriptor, unless it was closed.
    fileprivate func standard(_ descriptor: CInt) -> CInt? { closed.contains(descriptor) ? nil : descriptor }

    fileprivate var wantsTerminal: Bool {
        switch terminal {
        case .always: true
        case .never: false
        case .automatic: (0...1).allSatisfy { !closed.contains($0) && isatty($0) == 1 }
        }
    }
}

/// A program that was run, and how it ended.
public struct ProgramRun: Sendable {
    public let pid: Int32
    public let end: ProgramEnd

    public init(pid: Int32, end: ProgramEnd) {
        self.pid = pid
        self.end = end
    }
}

extension Connection {
    /// Runs a program in a namespace as if it were started here: on this process's terminal or descriptors, with signals
    /// passed on, stopped and continued with this process. It goes on when the agent is restarted.
    ///
    /// For a process that does this and nothing else: it takes over the signals of the thread, and when the terminal
    /// is gone or standard output has no reader it ends as a program would (SIGHUP, SIGPIPE).
    /// Throws `ProgramEndUnknown` besides what `call` throws.
    public func run(
        _ argv: [String], in netns: NamespaceSelector?, _ options: RunOptions = RunOptions()
    ) throws -> ProgramRun {
        // Before the program can be there for somebody to signal.
        let signals = try ForwardedSignals(withoutBrokenPipe: true)
        defer { signals.letThrough() }
        guard options.wantsTerminal else {
            let program = try execute(
                argv, in: netns, environment: options.environment, standardInput: options.standard(0),
                standardOutput: options.standard(1), standardError: options.standard(2), hostNames: options.hostNames)
            let watch = ProgramWatch(program, on: self, path: options.socketPath)
            return ProgramRun(pid: program.pid, end: try PlainProgram(watch, signals).run())
        }
        return try runOnTerminal(argv, in: netns, options, signals)
    }

    private func runOnTerminal(
        _ argv: [String], in netns: NamespaceSelector?, _ options: RunOptions, _ signals: ForwardedSignals
    ) throws -> ProgramRun {
        let anyTerminal = (CInt(0)...2).first { isatty($0) == 1 }
        let pseudo = try PseudoTerminal(like: anyTerminal)
        // Before the program can write anything: its terminal has done already what the modes say.
        let terminal = Terminal(0)
        if terminal?.isForeground == true { terminal?.makeRaw() }
        defer { terminal?.restore() }
        var ends: [CInt] = [-1, -1]
        try system("pipe") { unsafe pipe(&ends) }
        let statuses = Descriptor(owning: ends[0])
        let keeper = Descriptor(owning: ends[1])
        let program = try execute(
            argv, in: netns, environment: options.environment, standardInput: pseudo.far.raw,
            standardOutput: pseudo.far.raw, standardError: isatty(2) == 1 ? pseudo.far.raw : options.standard(2),
            controllingTerminal: true, waitStatuses: keeper.raw, hostNames: options.hostNames)
        _ = consume keeper
        let watch = ProgramWatch(program, on: self, path: options.socketPath)
        let flows = try TerminalFlows(near: pseudo.near.raw, input: 0, output: 1)
        let near = pseudo.intoNear()
        let relay = TerminalProgram(
            watch, signals, terminal, near: near, flows: flows, statuses: statuses, windowOf: anyTerminal)
        return ProgramRun(pid: program.pid, end: try relay.run())
    }
}

/// A program on this process's own descriptors.
private struct PlainProgram {
    let watch: ProgramWatch
    let signals: ForwardedSignals

    init(_ watch: ProgramWatch, _ signals: ForwardedSignals) {
        self.watch = watch
        self.signals = signals
    }

    func run() throws -> ProgramEnd {
        var ready: ArraySlice<pollfd> = []
        while true {
            if let end = try watch.look(ready) { return end }
            var entries = [pollfd(fd: signals.fileDescriptor, events: Int16(POLLIN), revents: 0)] + watch.entries
            try system("poll") { unsafe poll(&entries, nfds_t(entries.count), watch.timeout) }
            while let number = signals.next() { try pass(number) }
            ready = entries[1...]
        }
    }

    /// The program's process group has no shell over it, so the kernel would discard SIGTSTP: SIGSTOP it is.
    private func pass(_ number: CInt) throws {
        switch number {
        case SIGTSTP:
            watch.program.signalGroup(SIGSTOP)
            signals.stop(SIGTSTP, group: false)
            watch.program.signalGroup(SIGCONT)
        case SIGCONT: watch.program.signalGroup(SIGCONT)
        default: try watch.program.signal(number)
        }
    }
}

/// A program on a terminal of its own, relayed to this process's.
private final class TerminalProgram {
    private let watch: ProgramWatch
    private let signals: ForwardedSignals
    private let near: Descriptor
    private var flows: TerminalFlows
    private let statuses: Descriptor
    private var statusesOpen = true
    /// The one that is set raw.
    private let terminal: Terminal?
    private let windowOf: CInt?

    /// So often a process in the background looks whether it has come to the foreground: a shell that brings a running
    /// job there tells it nothing.
    private static let lookMilliseconds: CInt = 200

    init(
        _ watch: ProgramWatch, _ signals: ForwardedSignals, _ terminal: Terminal?, near: consuming Descriptor,
        flows: consuming TerminalFlows, statuses: consuming Descriptor, windowOf: CInt?
    ) {
        self.watch = watch
        self.signals = signals
        self.near = near
        self.flows = flows
        self.statuses = statuses
        self.windowOf = windowOf
        self.terminal = terminal
    }

    func run() throws -> ProgramEnd {
        do {
            let end = try relay()
            try flows.drain(waiting: false)
            leave()
            try flows.drain(waiting: true)
            return end
        } catch let failure as TerminalFlows.Failure {
            // The connection ends with this process, and so the program is hung up.
            leave()
            clinux_die_of(failure == .hungUp ? SIGHUP : SIGPIPE)
        } catch {
            leave()
            throw error
        }
    }

    /// The terminal is as it was, and signals have their effect again.
    private func leave() {
        terminal?.restore()
        signals.letThrough()
    }

    private func relay() throws -> ProgramEnd {
        var ready: ArraySlice<pollfd> = []
        while true {
            if let end = try watch.look(ready) { return end }
            let isForeground = terminal?.isForeground ?? true
            if isForeground { terminal?.makeRaw() }
            let own = [
                pollfd(fd: signals.fileDescriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: statusesOpen ? statuses.raw : -1, events: Int16(POLLIN), revents: 0),
            ]
            var entries = own + watch.entries + flows.entries(reading: isForeground)
            let timeouts = [watch.timeout, isForeground ? -1 : Self.lookMilliseconds].filter { $0 >= 0 }
            try system("poll") { unsafe poll(&entries, nfds_t(entries.count), timeouts.min() ?? -1) }
            while let signal = signals.nextReceived() { try pass(signal) }
            if entries[1].revents != 0 { try readStatus() }
            try flows.move(entries[4...])
            ready = entries[2..<4]
        }
    }

    private func pass(_ signal: SignalSource.Received) throws {
        switch signal.number {
        case SIGWINCH: takeSize()
        case SIGCONT: try resume()
        case SIGINT, SIGQUIT, SIGTSTP:
            // A key that was pressed before the terminal was raw is for all in the foreground of the program's.
            guard !signal.isFromKernel || clinux_signal_foreground(near.raw, signal.number) != 0 else { return }
            try watch.program.signal(signal.number)
        default: try watch.program.signal(signal.number)
        }
    }

    /// What wait(2) told the program's keeper.
    private func readStatus() throws {
        var status: CInt = 0
        let size = MemoryLayout<CInt>.size
        guard unsafe read(statuses.raw, &status, size) == size else {
            statusesOpen = false
            return
        }
        if let end = ProgramEnd(waitStatus: status) { watch.note(end) }
        // WIFSTOPPED and WSTOPSIG of wait(2).
        if status & 0xFF == 0x7F { try suspend((status >> 8) & 0xFF) }
    }

    /// The program is stopped: so is this process, and with it the job it is part of.
    private func suspend(_ signal: CInt) throws {
        try flows.drain(waiting: true)
        terminal?.restore()
        if signal == SIGSTOP {
            signals.stop(SIGSTOP, group: false)
        } else {
            signals.stop(SIGTSTP, group: true)
        }
        try resume()
    }

    /// Goes on where it stopped, with the program. It draws anew by itself; where the size has changed meanwhile, its
    /// terminal tells it so (SIGWINCH).
    private func resume() throws {
        if terminal?.isForeground == true { terminal?.makeRaw() }
        takeSize()
        try watch.program.signal(SIGCONT)
    }

    private func takeSize() {
        if let windowOf { _ = clinux_copy_window_size(windowOf, near.raw) }
    }
}

extension Connection {
    /// Waits for a detached program, or takes the end it has had, which the agent then forgets; also when the agent is
    /// restarted meanwhile. `socketPath` as for `RunOptions`. One that is not detached is refused: it has a client,
    /// which waits for it.
    public func waitForDetached(_ pid: Int32, socketPath: String? = nil) throws -> ProgramEnd {
        let known = try call(ProgramList.self, .init()).first { $0.pid == pid }
        if let known, !known.detached {
            throw WireError(
                .busy, "the program with pid \(pid) is not detached: the client that started it waits for it")
        }
        let response = try receive(try send(ProgramAttach.self, .init(pid: pid)))
        guard let index = response.result.pidFileDescriptor, response.descriptors.indices.contains(index) else {
            let info = response.result.program
            guard let end = ProgramEnd(NetnsExited(pid: pid, exitCode: info.exitCode, signal: info.signal)) else {
                throw ProgramEndUnknown(pid: pid)
            }
            return end
        }
        let watch = ProgramWatch(
            RunningProgram(pid: pid, descriptor: response.descriptors[index]), on: self, path: socketPath)
        var ready: ArraySlice<pollfd> = []
        while true {
            if let end = try watch.look(ready) { return end }
            var entries = watch.entries
            try system("poll") { unsafe poll(&entries, nfds_t(entries.count), watch.timeout) }
            ready = entries[...]
        }
    }
}
