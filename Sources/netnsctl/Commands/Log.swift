// log: what one has asked of the agent that changes something, and what came of it.

import ArgumentParser
import Glibc
import NetnsClient

struct ShowLog: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Show what you asked for that changes something, and what came of it.",
        discussion: """
            The agent remembers the newest 500 lines of each user. root sees everybody's.

              netnsctl log -n 20
              netnsctl log --follow
              netnsctl log --since 2h --json | jq '.[] | select(.outcome != "ok")'
              sudo netnsctl log --user alice
            """)

    @Option(
        name: [.customShort("n"), .long], help: ArgumentHelp("Only the newest so many.", valueName: "number"),
        transform: LineCount.parse)
    var lines: LineCount?

    @Option(
        help: ArgumentHelp("From then on: so long ago, like 30s, 10m, 2h or 1d.", valueName: "time"),
        transform: TimeSpan.parse)
    var since: TimeSpan?

    @Flag(name: [.short, .long], help: "And later ones as they come, until interrupted.")
    var follow = false

    @Option(help: ArgumentHelp("Another user's, by name or uid; for root.", valueName: "user"))
    var user: String?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let agent = try common.connect()
        let now = Int64(time(nil))
        let response = try agent.exchange(
            LogList.self,
            .init(lines: lines, since: since.map { now - $0.seconds }, user: user, follow: follow ? true : nil))
        guard follow else {
            return try common.print(response.json) { colour in table(response.result).text(colour: colour) }
        }
        for entry in response.result { try show(entry) }
        while true {
            if case .log(let entry) = try agent.nextNotification().content { try show(entry) }
        }
    }

    private func table(_ entries: [LogEntry]) -> Table {
        var table = Table("TIME", "USER", "METHOD", "NAMESPACE", "WHAT", "OUTCOME", "MS", numeric: [6])
        for entry in entries { table.rows.append(entry.cells) }
        return table
    }

    /// One line, as they come; with JSON a document.
    private func show(_ entry: LogEntry) throws {
        if common.json { return try common.print(json: JSONValue(encoding: entry)) }
        let cells = entry.cells.filter { !$0.isEmpty }
        try write(cells.joined(by: "  ").rendered(colour: common.color.isWanted) + "\n")
    }
}

extension LogEntry {
    fileprivate var cells: [Text] {
        let owner = user ?? "\(uid)"
        if let dropped {
            return [Text(localTime(time / 1_000_000)), Text(owner), Text("(\(dropped) lines left out)", .down)]
        }
        return [
            Text(localTime(time / 1_000_000)), Text(owner), Text(method ?? ""),
            Text(netns?.joined(separator: " ") ?? "", .name), Text(subject ?? ""),
            Text(outcome ?? "", outcome == "ok" ? .plain : .down), Text(microseconds.map(milliseconds) ?? ""),
        ]
    }
}

/// `0.8` of 812 µs.
private func milliseconds(_ microseconds: Int64) -> String {
    let tenths = (microseconds + 50) / 100
    return "\(tenths / 10).\(tenths % 10)"
}

/// A number and a unit: `30s`, `10m`, `2h`, `1d`.
struct TimeSpan: WordValue {
    let seconds: Int64
    static let rule = "must be a number and s, m, h or d, like 10m"

    static func make(_ word: String) -> TimeSpan? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        guard let unit = word.last.flatMap({ units[$0] }), let number = Int64(word.dropLast()),
            (0...1_000_000).contains(number)
        else { return nil }
        return TimeSpan(seconds: number * unit)
    }
}
