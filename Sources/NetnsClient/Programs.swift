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

    /// Signals the process group it leads; before Linux 6.9 it alone.
    func signalGroup(_ number: CInt) {
        if clinux_pidfd_signal_group(descriptor.raw, number) != 0 { try? signal(number) }
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
    ///   - standardInput: A descriptor the program gets as its 0; likewise 1 and 2. They stay the caller's. nil: closed
    ///     in the program.
    ///   - workingDirectory: A path.
    ///   - umask: Without it, this process's.
    ///   - controllingTerminal: Standard input, the far end of a pty(7), becomes the program's controlling terminal.
    ///   - waitStatuses: A pipe's writing end, with a controlling terminal: the program can be stopped, and what wait(2)
    ///     says of it is written here.
    ///   - detach: It lives on when the connection ends.
    ///   - hostNames: In its /etc/hosts stand the caller's other namespaces.
    public func execute(
        _ argv: [String], in netns: NamespaceSelector?, environment: [String]? = nil, standardInput: CInt? = 0,
        standardOutput: CInt? = 1, standardError: CInt? = 2, workingDirectory: String = ".", umask: UInt32? = nil,
        controllingTerminal: Bool = false, waitStatuses: CInt? = nil, detach: Bool = false, hostNames: Bool = false
    ) throws -> RunningProgram {
        let directory = try Descriptor("open", workingDirectory) {
            unsafe clinux_open(workingDirectory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        }
        guard let arguments = ProgramArguments(argv) else {
            throw WireError(.invalidParams, "a program must be named")
        }
        let variables = (environment ?? currentEnvironment()).compactMap { EnvironmentVariable($0) }
        var descriptors = [directory.raw]
        var params = NetnsExec.Params(
            netns: netns, argv: arguments, environment: variables, workingDirectoryFileDescriptor: 0)
        func pass(_ descriptor: CInt?) -> DescriptorIndex? {
            guard let descriptor else { return nil }
            descriptors.append(descriptor)
            return DescriptorIndex(descriptors.count - 1)
        }
        params.stdinFileDescriptor = pass(standardInput)
        params.stdoutFileDescriptor = pass(standardOutput)
        params.stderrFileDescriptor = pass(standardError)
        params.waitStatusFileDescriptor = pass(waitStatuses)
        params.umask = FileModeMask(Int(umask ?? processUmask()))
        if controllingTerminal { params.controllingTerminal = true }
        if detach { params.detach = true }
        if hostNames { params.hostNames = true }
        let pending = try send(NetnsExec.self, params, descriptors: descriptors)
        let response = try receive(pending)
        let index = response.result.pidFileDescriptor
        guard response.descriptors.indices.contains(index) else {
            throw ConnectionError.garbled("netns.exec came without the descriptor it names")
        }
        return RunningProgram(pid: response.result.pid, descriptor: response.descriptors[index])
    }

    /// Waits until the program has ended.
    public func wait(for program: RunningProgram) throws -> ProgramEnd {
        while true {
            if let exited = takeExit(of: program.pid) {
                guard let end = ProgramEnd(exited) else { throw ProgramEndUnknown(pid: program.pid) }
                return end
            }
            try readMore(pending: true)
        }
    }
}

extension ProgramEnd {
    /// nil: nobody saw how.
    init?(_ exited: NetnsExited) {
        if let signal = exited.signal {
            self = .signalled(signal)
        } else if let code = exited.exitCode {
            self = .exited(code)
        } else {
            return nil
        }
    }

    /// From wait(2)'s status, by the macros there; nil where that tells of no end.
    init?(waitStatus status: CInt) {
        switch status & 0x7F {
        case 0: self = .exited((status >> 8) & 0xFF)
        case 0x7F: return nil
        case let signal: self = .signalled(signal)
        }
    }
}

/// This process's environment, `NAME=value` each. What is no UTF-8 cannot go over the wire and is left out.
public func currentEnvironment() -> [String] {
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
