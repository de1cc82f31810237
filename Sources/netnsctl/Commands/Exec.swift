// exec: a program in a namespace, on this program's own descriptors.

import ArgumentParser
import CLinux
import Glibc
import NetnsClient

struct Exec: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a program in a namespace.",
        discussion: """
            The program has your identity, environment and working directory, and this command's standard input, \
            output and error. Signals sent to this command reach it. Options of this command stand before NAME.

            Exit codes: the program's; if a signal ended it, this command ends by the same signal (128+n to a \
            shell); 127 program not found; 126 program not executable; 125 anything else went wrong.

              netnsctl exec client -- ping -c 3 192.168.100.1
              netnsctl exec server -- sh -c 'ip addr | grep inet'
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The namespace.", transform: NamespaceSelector.parse)
    var name: NamespaceSelector

    @Argument(parsing: .captureForPassthrough, help: "The program and its arguments.")
    var command: [String] = []

    /// The program's words, with and without `--` before them.
    var argv: [String] { command.first == "--" ? Array(command.dropFirst()) : command }

    func validate() throws {
        if argv.isEmpty { throw ValidationError("the program is missing: netnsctl exec \(name) -- PROGRAM") }
        // Swift has put U+FFFD where an argument was no UTF-8: better no program than another argument.
        if !argumentsAreUTF8() { throw ValidationError("an argument is not UTF-8, which cannot be passed on") }
    }

    func run() throws {
        let end: ProgramEnd
        let pid: Int32
        do {
            // Before the program can be there for somebody to signal.
            let signals = try ForwardedSignals()
            let agent = try common.connect()
            let program = try agent.execute(
                argv, in: name, standardInput: Netnsctl.inherited(0), standardOutput: Netnsctl.inherited(1),
                standardError: Netnsctl.inherited(2))
            pid = program.pid
            end = try agent.wait(for: program, forwarding: signals)
        } catch let refusal as WireError {
            throw ExecFailure(code: refusal.execCode, message: refusal.sentence)
        } catch {
            throw ExecFailure(code: ExitStatus.execFailed, message: "\(error)")
        }
        if common.json {
            var object: JSONObject = ["pid": .integer(Int64(pid))]
            switch end {
            case .exited(let code): object["exitCode"] = .integer(Int64(code))
            case .signalled(let number): object["signal"] = .integer(Int64(number))
            }
            try common.print(json: .object(object))
        }
        switch end {
        case .exited(let code): Glibc.exit(code)
        case .signalled(let number): clinux_die_of(number)
        }
    }
}

/// The program was not run to its end; `code` says so to the shell.
struct ExecFailure: Error {
    let code: CInt
    let message: String
}

extension WireError {
    /// The code a shell gives (POSIX, Shell Command Language, 2.8.2), where execve(2) is what failed.
    fileprivate var execCode: CInt {
        guard details.operation == "execve" else { return ExitStatus.execFailed }
        return details.errno == "ENOENT" ? ExitStatus.notFound : ExitStatus.notExecutable
    }
}

private func argumentsAreUTF8() -> Bool {
    (0..<Int(CommandLine.argc)).allSatisfy { index in
        guard let argument = CommandLine.unsafeArgv[index] else { return true }
        return String(validatingCString: argument) != nil
    }
}
