// The root of the commands, and the way from an error to an exit code.

import ArgumentParser
import CLinux
import Glibc
import NetnsClient

struct Netnsctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "netnsctl",
        abstract: "Build and use network namespaces of your own.",
        discussion: """
            A place is written NAMESPACE/INTERFACE: server/eth0. Where NAMESPACE is left out, it is the one you are in; \
            from the host's network that is a private one called default. root may write alice:server/eth0.

            Two namespaces and a cable between them:

              netnsctl add server client
              netnsctl connect server/eth0 client/eth0
              netnsctl addr add server/eth0 10.0.0.1/24
              netnsctl addr add client/eth0 10.0.0.2/24
              netnsctl exec client -- ping -c 3 10.0.0.1
              netnsctl show

            Exit codes: 0 success; 1 the agent refused; 2 the command line is wrong; 3 no agent, or the connection \
            was lost. Those of exec, shell and wait: the program's own; it dies of the signal the program died of \
            (128+n to a shell); 127 program not found; 126 program not executable; 125 anything else went wrong.

            NETNSD_SOCKET is the path of the agent's socket; NO_COLOR, if set, turns colours off, --color always on.
            """,
        version: programVersion,
        groupedSubcommands: [
            CommandGroup(
                name: "Namespace",
                subcommands: [
                    Add.self, Delete.self, List.self, Get.self, Show.self, GraphCommand.self, DNS.self, Identify.self,
                    Nsid.self, Chown.self,
                ]),
            CommandGroup(
                name: "Program", subcommands: [Exec.self, Shell.self, ListPrograms.self, Kill.self, Wait.self]),
            CommandGroup(
                name: "Content",
                subcommands: [
                    LinkCommands.self, ConnectEnds.self, AddressCommands.self, RouteCommands.self, NexthopCommands.self,
                    RuleCommands.self, NeighbourCommands.self, MulticastCommands.self, ForwardingCommands.self,
                    Sysctl.self,
                    Monitor.self,
                ]),
            CommandGroup(name: "Packets and ports", subcommands: [Capture.self, Forward.self]),
            CommandGroup(
                name: "Agent", subcommands: [ShowQuota.self, ShowLog.self, Check.self, Info.self, Completions.self]),
        ]
    )

    static func start() -> Never {
        occupyStandardDescriptors()
        do {
            var command = try parseAsRoot()
            try command.run()
            Glibc.exit(0)
        } catch {
            leave(error)
        }
    }

    /// Says what went wrong, each kind by its own exit code.
    private static func leave(_ error: any Error) -> Never {
        switch error {
        case let failure as ExecFailure:
            complain(failure.message)
            Glibc.exit(failure.code)
        case let refusal as WireError:
            complain(refusal.sentence)
            Glibc.exit(ExitStatus.refused)
        case let error as ConnectionError:
            complain(error.description)
            Glibc.exit(error.isRequestsFault ? ExitStatus.usage : ExitStatus.noAgent)
        case let error as SystemError:
            complain(error.description)
            Glibc.exit(ExitStatus.refused)
        case let failure as CommandFailure:
            complain(failure.description)
            Glibc.exit(ExitStatus.refused)
        case is SomeFailed: Glibc.exit(ExitStatus.refused)
        default: leaveParser(error)
        }
    }

    /// The argument parser's errors, its help among them.
    private static func leaveParser(_ error: any Error) -> Never {
        let code = exitCode(for: error)
        var text = fullMessage(for: error)
        if code.isSuccess {
            try? write(text + "\n")
            Glibc.exit(0)
        }
        if text.hasPrefix("Error: ") { text = String(text.dropFirst("Error: ".count)) }
        complain(unknownCommand() ?? text)
        guard code == .validationFailure else { Glibc.exit(code.rawValue) }
        // What these return is a program's, but for this one.
        let command = CommandLine.arguments.dropFirst().first
        Glibc.exit(["exec", "shell", "wait"].contains(command) ? ExitStatus.execFailed : ExitStatus.usage)
    }

    /// A sentence about the first word that should be a command and is none.
    private static func unknownCommand() -> String? {
        var level: any ParsableCommand.Type = Netnsctl.self
        for word in CommandLine.arguments.dropFirst() {
            let below = level.configuration.subcommands + level.configuration.groupedSubcommands.flatMap(\.subcommands)
            if below.isEmpty || word.hasPrefix("-") || word == "help" { return nil }
            if let next = below.first(where: { $0._commandName == word || $0.configuration.aliases.contains(word) }) {
                level = next
            } else {
                return "\(unknown(word, below.map { $0._commandName })) (netnsctl --help)"
            }
        }
        return nil
    }

    /// Where a standard descriptor is closed, the next file opened would take its place: the socket to the agent.
    private static func occupyStandardDescriptors() {
        for fd in CInt(0)...2 where clinux_fcntl(fd, F_GETFD, 0) < 0 {
            _ = clinux_open("/dev/null", O_RDWR | O_CLOEXEC, 0)
        }
    }

    /// A standard descriptor if it came with this process: what comes through execve(2) is not close-on-exec.
    static func inherited(_ fd: CInt) -> CInt? {
        clinux_fcntl(fd, F_GETFD, 0) & FD_CLOEXEC == 0 ? fd : nil
    }
}

enum ExitStatus {
    static let refused: CInt = 1
    static let usage: CInt = 2
    static let noAgent: CInt = 3
    static let execFailed: CInt = 125
    static let notExecutable: CInt = 126
    static let notFound: CInt = 127
}

/// Some of several things failed, and each was complained about.
struct SomeFailed: Error {}

extension ConnectionError {
    /// The connection is as good as ever.
    var isRequestsFault: Bool { if case .tooLong = self { true } else { false } }
}

extension WireError {
    /// The agent's sentence and, where it does not say so itself, what decided: the rule, or the kernel's words.
    var sentence: String {
        var text = message
        func add(_ detail: String?, _ before: String, _ after: String = "") {
            if let detail, !detail.isEmpty, !text.contains(detail) { text += before + detail + after }
        }
        add(details.kernelMessage, ": ")
        add(details.errno, " (", ")")
        add(details.missing, "; the kernel lacks ")
        add(details.rule, "; decided by ")
        if let pids = details.pids, !pids.isEmpty {
            add(pids.map(String.init).joined(separator: " "), "; processes ")
        }
        if let wait = details.retryAfterMilliseconds { add("\(wait) ms", "; try again after ") }
        return text
    }
}

/// A line on stderr.
func complain(_ message: String) {
    let line = "netnsctl: \(escaped(message))\n"
    _ = Array(line.utf8).withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
}
