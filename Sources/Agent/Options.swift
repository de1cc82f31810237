// The agent's command line.

import Glibc
import Logging
import Wire

struct Options: Sendable {
    var socket = standardSocketPath
    var config: String?
    var stateDirectory = "/run/netnsd/state"
    /// The file that audit lines go to; nil: the journal or the log.
    var audit: String?
    var logLevel = Logger.Level.info

    static let standardConfig = "/etc/netnsd/policy.yaml"

    static let help = """
        USAGE: netnsd [--socket PATH] [--config FILE] [--state-directory DIR] [--audit FILE]
                      [--log-level LEVEL]
               netnsd --check-config FILE
               netnsd --check-state [--repair] [--json] [--state-directory DIR]

        Lets people who are not root have network namespaces: listens for netnsctl and others on a Unix socket, asks
        the kernel who they are, and does what the policy allows them.

        OPTIONS:
          --socket PATH           where to listen (default: \(standardSocketPath), or NETNSD_SOCKET);
                                  a socket passed by systemd comes first
          --config FILE           the policy (default: \(standardConfig); with the *.yaml of policy.d
                                  beside it; built-in defaults where there is none)
          --state-directory DIR   what is remembered across a restart (default: /run/netnsd/state)
          --audit FILE            write a line of JSON for each request that changes something; a full file
                                  (16 MiB) becomes FILE.1 (default: the journal, or the log where the agent
                                  is no service)
          --log-level LEVEL       trace, debug, info, notice, warning, error or critical (default: info)
          --check-config FILE     read the policy, say what is wrong with it, and leave
          --check-state           say where what is written down, the mounts in /run/netns and the kernel
                                  disagree, and leave: 0 where they do not, 1 where they do
          --repair                with --check-state: mend it, where no agent runs
          --json                  with --check-state: as a JSON document
          --version               print the version
          -h, --help              print this

        SIGHUP reads the policy again and opens the audit file anew; a bad policy leaves the old in force. SIGTERM ends
        the agent and leaves every namespace and program as it is: the next one takes them up.

        EXAMPLE:
          netnsd --config ./policy.yaml --socket /tmp/netnsd.sock --log-level debug

        """

    enum Command {
        case serve(Options)
        case checkConfig(String)
        case checkState(StateCheck, directory: String)
        case print(String)
    }

    /// A word of the command line that is not understood; the message says which.
    struct Misuse: Error {
        let message: String
    }

    static func parse(_ arguments: [String], environment socket: String?) throws(Misuse) -> Command {
        var options = Options()
        var check = StateCheck()
        var checksState = false
        if let socket, !socket.isEmpty { options.socket = socket }
        var rest = arguments[...]
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            let option = word.hasPrefix("--") && parts.count == 2 ? parts[0] : word
            func value() throws(Misuse) -> String {
                if option != word { return parts[1] }
                guard let value = rest.popFirst() else { throw Misuse(message: "\(option) needs a value") }
                return value
            }
            switch option {
            case "--socket": options.socket = try value()
            case "--config": options.config = try value()
            case "--state-directory": options.stateDirectory = try value()
            case "--audit": options.audit = try value()
            case "--log-level":
                let level = try value()
                guard let known = Logger.Level(rawValue: level) else {
                    throw Misuse(
                        message: "--log-level is trace, debug, info, notice, warning, error or critical, not \(level)")
                }
                options.logLevel = known
            case "--check-config": return .checkConfig(try value())
            case "--check-state": checksState = true
            case "--repair": check.repair = true
            case "--json": check.json = true
            case "--version": return .print("netnsd \(programVersion)\n")
            case "-h", "--help": return .print(help)
            default: throw Misuse(message: "unknown option \(word); see netnsd --help")
            }
        }
        if checksState { return .checkState(check, directory: options.stateDirectory) }
        if check.repair || check.json { throw Misuse(message: "--repair and --json need --check-state") }
        return .serve(options)
    }
}
