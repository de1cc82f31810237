// Programs in a namespace: starting one on descriptors of one's own, and seeing it through to its end.

import CLinux
import Descriptors
import Glibc
import IPRoute
import SystemPackage
public import Wire

/// A program the agent started for this connection. It ends with the connection: keep that open.
public struct RunningProgram: Sendable {
    public let pid: Int32
    /// pidfd_open(2).
    public let descriptor: SharedDescriptor

    /// Sends it a signal (signal(7)). That it has ended already is no error.
    public func signal(_ number: CInt) throws(SystemError) {
        do {
            try system("pidfd_send_signal", "\(number)") { clinux_pidfd_send_signal(descriptor.raw, number) }
        } catch  where error.errno == .noSuchProcess {}
    }
}

/// How a program ended.
public enum ProgramEnd: Hashable, Sendable {
    /// What it returned, 0 to 255.
    case exited(Int32)
    /// The signal that ended it (signal(7)).
    case signalled(Int32)
}

extension Connection {
    /// Starts a program in a namespace.
    ///
    /// ```swift
    /// let ping = try agent.execute(["ping", "-c", "3", "10.0.0.1"], in: NamespaceSelector("client"))
    /// print(try agent.wait(for: ping))
    /// ```
    /// - Parameters:
    ///   - argv: The program and its arguments; a name without `/` is looked for in the environment's PATH.
    ///   - netns: Without it, `default`.
    ///   - environment: `NAME=value` each; without it, this process's.
    ///   - standardInput: A descriptor the program gets as its 0; without one its 0 is closed. Likewise 1 and 2. They
    ///     stay the caller's.
    ///   - workingDirectory: A path.
    ///   - umask: Without it, this process's.
    public func execute(
        _ argv: [String], in netns: NamespaceSelector?, environment: [String]? = nil, standardInput: CInt? = 0,
        standardOutput: CInt? = 1, standardError: CInt? = 2, workingDirectory: String = ".", umask: UInt32? = nil
    ) throws -> RunningProgram {
        let directory = try Descriptor("open", workingDirectory) {
            unsafe clinux_open(workingDirectory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        }
        guard let arguments = ProgramArguments(argv) else {
            throw WireError(.invalidParams, "a program must be named")
        }
        let variables = (environment ?? processEnvironment()).compactMap { EnvironmentVariable($0) }
        var descriptors = [directory.raw]
        func pass(_ descriptor: CInt?) -> DescriptorIndex? {
            guard let descriptor else { return nil }
            descriptors.append(descriptor)
            return DescriptorIndex(descriptors.count - 1)
        }
        var params = NetnsExec.Params(
            netns: netns, argv: arguments, environment: variables, workingDirectoryFileDescriptor: 0)
        params.stdinFileDescriptor = pass(standardInput)
        params.stdoutFileDescriptor = pass(standardOutput)
        params.stderrFileDescriptor = pass(standardError)
        params.umask = FileModeMask(Int(umask ?? processUmask()))
        let pending = try send(NetnsExec.self, params, descriptors: descriptors)
        let response = try receive(pending)
        let index = response.result.pidFileDescriptor
        guard response.descriptors.indices.contains(index) else {
            throw ConnectionError.garbled("netns.exec came without the descriptor it names")
        }
        return RunningProgram(pid: response.result.pid, descriptor: response.descriptors[index])
    }

    /// Waits until the program has ended. Signals that `signals` reads meanwhile are passed on to it.
    public func wait(for program: RunningProgram, forwarding signals: borrowing ForwardedSignals) throws -> ProgramEnd {
        while true {
            if let end = takeExit(of: program.pid) { return ProgramEnd(end) }
            var entries = [
                pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: signals.fileDescriptor, events: Int16(POLLIN), revents: 0),
            ]
            try system("poll") { unsafe poll(&entries, nfds_t(entries.count), -1) }
            if entries[1].revents != 0, let number = signals.next() { try program.signal(number) }
            if entries[0].revents != 0 { try takeIn(pending: true) }
        }
    }

    /// Waits until the program has ended.
    public func wait(for program: RunningProgram) throws -> ProgramEnd {
        while true {
            if let end = takeExit(of: program.pid) { return ProgramEnd(end) }
            try readMore(pending: true)
        }
    }
}

extension ProgramEnd {
    init(_ exited: NetnsExited) {
        self = exited.signal.map { .signalled($0) } ?? .exited(exited.exitCode ?? 0)
    }
}

/// Signals that are blocked and wait to be passed on (signalfd(2)).
public struct ForwardedSignals: ~Copyable, Sendable {
    private let descriptor: Descriptor
    var fileDescriptor: CInt { descriptor.raw }

    /// What somebody sends to have a program end, or to tell it something.
    public static let usual: [CInt] = [SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH]

    /// Blocks the signals in this thread. Those that this process ignores, as under nohup(1), are left alone.
    public init(_ signals: [CInt] = usual) throws(SystemError) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals where !clinux_is_ignored(signal) { unsafe sigaddset(&set, signal) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        let fixed = set
        descriptor = try Descriptor("signalfd") {
            var set = fixed
            return unsafe signalfd(-1, &set, CInt(SFD_CLOEXEC | SFD_NONBLOCK))
        }
    }

    /// One that has come; nil where there is none.
    func next() -> CInt? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        return unsafe read(fileDescriptor, &information, size) == size ? CInt(information.ssi_signo) : nil
    }
}

/// This process's environment. What is no UTF-8 cannot go over the wire and is left out.
func processEnvironment() -> [String] {
    var variables: [String] = []
    guard var next = unsafe clinux_environment() else { return [] }
    while let variable = unsafe next.pointee {
        if let text = unsafe String(validatingCString: variable) { variables.append(text) }
        unsafe next += 1
    }
    return variables
}

/// This process's file mode creation mask. It can only be read by setting it: to the strictest, for the moment.
private func processUmask() -> UInt32 {
    let mask = Glibc.umask(0o777)
    _ = Glibc.umask(mask)
    return UInt32(mask)
}
