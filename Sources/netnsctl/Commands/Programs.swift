// ps, kill, wait: programs that exec started.

import ArgumentParser
import CLinux
import Glibc
import NetnsClient

struct ListPrograms: ListCommand {
    typealias Called = ProgramList

    static let configuration = CommandConfiguration(
        commandName: "ps",
        abstract: "List your programs.",
        discussion: """
            Those that exec and shell started and that run, and detached ones that have ended and were not waited \
            for.

              netnsctl ps
              netnsctl ps server --json | jq '.[] | select(.running) | .pid'
            """)

    @Argument(help: "Those in this namespace.", transform: NamespaceSelector.parse)
    var name: NamespaceSelector?

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func params() -> ProgramList.Params { .init(netns: name) }

    /// The pids of those that run.
    func names(_ programs: [ProgramInfo]) -> [String] { programs.filter(\.running).map { "\($0.pid)" } }

    func text(_ programs: [ProgramInfo], colour: Bool) -> String {
        var table = Table("PID", "NAMESPACE", "STATE", "STARTED", "PROGRAM", numeric: [0])
        for program in programs {
            table.add(
                "\(program.pid)", Text(program.netns?.description ?? "(deleted)", .name), program.state,
                Text(localTime(program.started)), Text(program.argv.joined(separator: " ")))
        }
        return table.text(colour: colour)
    }
}

extension ProgramInfo {
    var state: Text {
        if running { return Text(detached ? "detached" : "attached", .up) }
        if let signal { return Text(SignalName.all[signal] ?? "signal \(signal)", .down) }
        return exitCode.map { Text("exit \($0)", $0 == 0 ? .plain : .down) } ?? Text("ended", .down)
    }
}

/// `2025-11-02 14:03:59` where this computer is.
func localTime(_ seconds: Int64) -> String {
    var time = time_t(seconds)
    var parts = tm()
    localtime_r(&time, &parts)
    var text = [UInt8](repeating: 0, count: 32)
    let length = text.withUnsafeMutableBytes { room in
        strftime(room.baseAddress?.assumingMemoryBound(to: CChar.self), room.count, "%Y-%m-%d %H:%M:%S", &parts)
    }
    return String(decoding: text[..<length], as: UTF8.self)
}

struct Kill: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send a signal to a program, or to all in a namespace.",
        discussion: """
            Programs that exec and shell started. A word of digits is a pid, any other a namespace. Where nothing got \
            the signal the exit code is 1.

              netnsctl kill 4711
              netnsctl kill server --signal HUP
            """)

    @Argument(help: ArgumentHelp("A pid, or a namespace.", valueName: "pid-or-name"))
    var target: String

    @Option(
        name: [.short, .long], help: "By name, with SIG before it or without, or by number; without it, TERM.",
        transform: SignalName.parse)
    var signal: SignalNumber?

    @OptionGroup var common: CommonOptions

    func params() throws -> ProgramKill.Params {
        if let pid = Int32(target) { return .init(pid: pid, signal: signal) }
        return .init(netns: try NamespaceSelector.parse(target), signal: signal)
    }

    func validate() throws { _ = try params() }

    func run() throws {
        let response = try common.connect().exchange(ProgramKill.self, try params())
        try common.print(response.json) { _ in "" }
        if response.result.pids.isEmpty {
            if !common.json {
                complain(Int32(target) == nil ? "\(target): no program runs there" : "\(target): it has ended")
            }
            throw SomeFailed()
        }
    }
}

struct Wait: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Wait for a detached program, and end as it ends.",
        discussion: """
            If it has ended already, its exit code is still there, once. Exit codes are those of exec.

              pid=$(netnsctl exec --detach server -- make test)
              netnsctl wait $pid
            """)

    @Argument(help: "The program's, as exec --detach printed it.")
    var pid: Int32

    @OptionGroup var common: CommonOptions

    func run() throws {
        let end = try explained { try common.connect().waitForDetached(pid, socketPath: common.socket) }
        if common.json { try common.print(json: ProgramRun(pid: pid, end: end).json(netns: nil)) }
        end.endAlike()
    }
}

/// Signals by their names without SIG (signal(7)).
enum SignalName {
    static let all: [Int32: String] = Dictionary(
        uniqueKeysWithValues: (Int32(1)...31).compactMap { number in
            clinux_signal_name(number).map { (number, String(cString: $0)) }
        })

    static func parse(_ word: String) throws -> SignalNumber {
        var name = word.uppercased()
        if name.hasPrefix("SIG") { name.removeFirst(3) }
        let number = Int(word) ?? all.first { $0.value == name }.map { Int($0.key) }
        guard let signal = number.flatMap({ SignalNumber($0) }) else {
            throw ValidationError("'\(word)' is no signal; say TERM, HUP, 9 …")
        }
        return signal
    }
}
