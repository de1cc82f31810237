// exec: a program in a namespace, on this program's own terminal or descriptors.

import ArgumentParser
import CLinux
import Glibc
import NetnsClient
import SystemPackage

struct Exec: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a program in a namespace.",
        usage:
            "netnsctl exec [<options>] <name> -- <program> [<argument> ...]\nnetnsctl exec --all -- <program> [<argument> ...]",
        discussion: """
            The program has your identity, environment and working directory, and this command's standard input, \
            output and error. Signals sent to this command reach it. Options of this command stand before NAME.

            On a terminal the program gets one of its own that is relayed to yours: keys, size and full-screen \
            programs work as they do here, and Ctrl-Z stops the program and this command together, until fg or bg. \
            Without one, descriptors are passed as they are. The program goes on when the agent is restarted; when \
            this command is killed or its terminal goes away, the program is hung up.

            Exit codes: the program's; if a signal ended it, this command ends by the same signal (128+n to a \
            shell); 127 program not found; 126 program not executable; 125 anything else went wrong. With --all: the \
            highest of those of the namespaces, 128+n for a signal.

              netnsctl exec client -- ping -c 3 192.168.100.1
              netnsctl exec server -- sh -c 'ip addr | grep inet'
              netnsctl exec --all -- ip -brief addr
              netnsctl exec --detach --output web.log server -- python3 -m http.server 80
            """)

    @Flag(name: [.customShort("t"), .customLong("terminal")], help: "Make a terminal for the program in any case.")
    var forceTerminal = false

    @Flag(
        name: [.customShort("T"), .customLong("no-terminal")],
        help: "Pass the descriptors even where they are a terminal.")
    var noTerminal = false

    @Flag(help: "The program finds your other namespaces' addresses by their names (/etc/hosts).")
    var hostNames = false

    @Flag(help: Tutorial.help)
    var tutorial = false

    @Flag(help: "One after another in each of your namespaces, each with a line that names it before it.")
    var all = false

    @Flag(name: [.short, .long], help: "Let the program live on by itself and print its pid; see ps, kill, wait.")
    var detach = false

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "With --detach: where its output goes, at the end of a file; without, nowhere.", valueName: "file"))
    var output: String?

    @Flag(help: "With --detach: its output goes to the journal, under the program's name.")
    var journal = false

    @OptionGroup var common: CommonOptions

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("The namespace; -- ; the program and its arguments.", valueName: "name -- program"))
    var words: [String] = []

    /// The namespace's word, and the program's with and without `--` before them.
    private var parts: (name: String?, argv: [String]) {
        let name = all ? nil : words.first
        let rest = all ? words[...] : words.dropFirst()
        return (name, Array(rest.first == "--" ? rest.dropFirst() : rest))
    }

    var argv: [String] { parts.argv }

    /// nil with `--all`.
    var name: NamespaceSelector? { parts.name.flatMap { NamespaceSelector($0) } }

    func validate() throws {
        if !all && (words.isEmpty || words.first == "--") {
            throw ValidationError("the namespace is missing: netnsctl exec NAME -- PROGRAM")
        }
        if let word = parts.name { _ = try NamespaceSelector.parse(word) }
        if argv.isEmpty {
            throw ValidationError("the program is missing: netnsctl exec \(parts.name ?? "--all") -- PROGRAM")
        }
        if forceTerminal && noTerminal { throw ValidationError("-t and -T exclude each other") }
        if detach && (forceTerminal || all) { throw ValidationError("--detach goes with neither -t nor --all") }
        if tutorial && (detach || all) { throw ValidationError("--tutorial goes with neither --detach nor --all") }
        if output != nil && !detach { throw ValidationError("--output goes with --detach; here the shell's > does it") }
        if journal && (!detach || output != nil) {
            throw ValidationError("--journal goes with --detach and without --output")
        }
        try checkArguments()
    }

    private var options: RunOptions {
        var options = common.runOptions
        options.terminal = forceTerminal ? .always : noTerminal ? .never : .automatic
        options.hostNames = hostNames
        return options
    }

    func run() throws {
        if detach { return try startDetached() }
        if all { return try runInEach() }
        let commands = tutorial ? try explained { try Tutorial() } : nil
        var options = options
        if let commands { options.environment = commands.environment(currentEnvironment()) }
        try common.runAndEndAlike(argv, in: name, options) { commands?.remove() }
    }

    private func startDetached() throws {
        let program = try explained {
            let null = try Descriptor("open", "/dev/null") { clinux_open("/dev/null", O_RDWR | O_CLOEXEC, 0) }
            let log = try openOutput()
            let agent = try common.connect()
            if try agent.isDelegated(name) {
                throw ExecFailure(
                    code: ExitStatus.execFailed,
                    message: "--detach: a delegated namespace is entered by this command itself; "
                        + "send it to the background with setsid or nohup instead")
            }
            return try agent.execute(
                argv, in: name, standardInput: null.raw, standardOutput: log?.raw ?? null.raw,
                standardError: log?.raw ?? null.raw, detach: true, hostNames: hostNames)
        }
        try common.print(["pid": .integer(Int64(program.pid))]) { _ in "\(program.pid)\n" }
    }

    /// Where a detached program writes; nil: nowhere.
    private func openOutput() throws -> SharedDescriptor? {
        if journal {
            let program = argv[0].split(separator: "/").last.map(String.init) ?? argv[0]
            return SharedDescriptor(try openJournalStream(identifier: program))
        }
        return try output.map { path in
            SharedDescriptor(
                try Descriptor("open", path) { clinux_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666) })
        }
    }

    /// Each of one's namespaces in turn; the exit code is the highest.
    private func runInEach() throws {
        let names = try explained { try common.connect().namespaces() }.filter { $0.state == .live }.map(\.name)
        var results: [JSONValue] = []
        var worst: CInt = 0
        for name in names {
            if !common.json { try write("netns: \(name)\n") }
            do throws(ExecFailure) {
                let run = try explained { try common.connect().run(argv, in: name, options) }
                worst = max(worst, run.end.shellCode)
                results.append(run.json(netns: name))
                // Who interrupts one of a loop in a shell means the loop.
                if run.end == .signalled(SIGINT) { clinux_die_of(SIGINT) }
            } catch {
                complain("\(name): \(error.message)")
                worst = max(worst, error.code)
            }
        }
        if common.json { try common.print(json: .array(results)) }
        Glibc.exit(worst)
    }
}

/// The program was not run to its end; `code` says so to the shell.
struct ExecFailure: Error {
    let code: CInt
    let message: String
}

/// Whatever is thrown comes out as an `ExecFailure`.
func explained<Result>(_ body: () throws -> Result) throws(ExecFailure) -> Result {
    do {
        return try body()
    } catch let refusal as WireError {
        throw ExecFailure(code: refusal.execCode, message: refusal.sentence)
    } catch let failure as ExecFailure {
        throw failure
    } catch let error as SystemError where error.operation == "execve" {
        throw ExecFailure(code: execCode(error.errno), message: "\(error.subject): \(error.errno)")
    } catch {
        throw ExecFailure(code: ExitStatus.execFailed, message: "\(error)")
    }
}

extension CommonOptions {
    var runOptions: RunOptions {
        var options = RunOptions()
        options.socketPath = socket
        options.closed = Set((0...2).filter { Netnsctl.inherited($0) == nil })
        return options
    }

    /// Runs the program and ends this one as it ended. `afterwards` comes between the two.
    func runAndEndAlike(
        _ argv: [String], in netns: NamespaceSelector?, _ options: RunOptions, afterwards: () -> Void = {}
    ) throws -> Never {
        let run = try explained {
            defer { afterwards() }
            let agent = try connect()
            if try json && agent.isDelegated(netns) {
                throw ExecFailure(
                    code: ExitStatus.execFailed,
                    message: "--json: in a delegated namespace this command becomes the program and cannot report")
            }
            do {
                if !json {
                    try agent.becomeProgram(
                        argv, ifDelegated: netns, environment: options.environment, hostNames: options.hostNames)
                }
                return try agent.run(argv, in: netns, options)
            } catch let refusal as WireError {
                throw netns.map { refusal.suggesting(from: agent, NetnsGet.Params(name: $0)) } ?? refusal
            }
        }
        if json { try print(json: run.json(netns: netns)) }
        run.end.endAlike()
    }
}

extension ProgramRun {
    func json(netns: NamespaceSelector?) -> JSONValue {
        var object: JSONObject = ["pid": .integer(Int64(pid))]
        if let netns { object["netns"] = .string(netns.description) }
        switch end {
        case .exited(let code): object["exitCode"] = .integer(Int64(code))
        case .signalled(let number): object["signal"] = .integer(Int64(number))
        }
        return .object(object)
    }
}

extension ProgramEnd {
    /// As a shell tells it in `$?`.
    var shellCode: CInt {
        switch self {
        case .exited(let code): code
        case .signalled(let number): 128 + number
        }
    }

    /// Ends this program in the same way.
    func endAlike() -> Never {
        switch self {
        case .exited(let code): Glibc.exit(code)
        case .signalled(let number): clinux_die_of(number)
        }
    }
}

extension WireError {
    /// The code a shell gives (POSIX, Shell Command Language, 2.8.2), where execve(2) is what failed.
    fileprivate var execCode: CInt {
        guard details.operation == "execve" else { return ExitStatus.execFailed }
        return details.errno == "ENOENT" ? ExitStatus.notFound : ExitStatus.notExecutable
    }
}

/// The same of this process's own execve(2), in a delegated namespace.
private func execCode(_ errno: Errno) -> CInt {
    errno == .noSuchFileOrDirectory ? ExitStatus.notFound : ExitStatus.notExecutable
}

/// Swift has put U+FFFD where an argument was no UTF-8: better no program than another argument.
func checkArguments() throws {
    let areUTF8 = (0..<Int(CommandLine.argc)).allSatisfy { index in
        guard let argument = CommandLine.unsafeArgv[index] else { return true }
        return String(validatingCString: argument) != nil
    }
    if !areUTF8 { throw ValidationError("an argument is not UTF-8, which cannot be passed on") }
}
