// quota, check, info: what one may do, what this host can do, and what the agent is.

import ArgumentParser
import NetnsClient

struct ShowQuota: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quota",
        abstract: "Show your limits, what you use, and which rule decided.",
        discussion: """
              netnsctl quota
              sudo netnsctl quota alice
              sudo netnsctl quota --all-users
            """)

    @Argument(help: "Another user, by name or uid; for root.")
    var user: String?

    @Flag(help: "Everybody's, in short; for root.")
    var allUsers = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if allUsers && user != nil { throw ValidationError("--all-users excludes a user") }
    }

    func run() throws {
        let agent = try common.connect()
        if allUsers {
            let response = try agent.exchange(QuotaList.self, Nothing())
            try common.print(response.json) { table(response.result).text(colour: $0) }
        } else {
            let response = try agent.exchange(QuotaGet.self, .init(user: user))
            try common.print(response.json) { text(response.result, colour: $0) }
        }
    }

    /// A row a user, `3/8` in each column: used of the limit.
    private func table(_ users: [QuotaList.User]) -> Table {
        let resources = Resource.allCases.map(\.rawValue)
        var table = Table()
        table.headings = ["USER", "UID"] + resources.map { $0.uppercased() }
        table.numeric = Set(1...resources.count + 1)
        for user in users {
            let cells = resources.map { resource in
                user.resources.first { $0.resource == resource }.map(\.cell) ?? Text()
            }
            table.rows.append([Text(user.user ?? "(none)", .name), Text("\(user.uid)")] + cells)
        }
        return table
    }

    private func text(_ quota: QuotaGet.Result, colour: Bool) -> String {
        var table = Table("RESOURCE", "USED", "LIMIT", "RULE", numeric: [1, 2])
        for entry in quota.resources {
            table.add(
                Text(entry.resource), Text(entry.used.map { "\($0)" } ?? "-", entry.isFull ? .down : .plain),
                Text(entry.limit.map { "\($0)" } ?? "none"), Text(entry.rule))
        }
        var rights = Table()
        rights.add("kinds", Text(quota.rights.kinds.joined(separator: " ")))
        for (index, pattern) in quota.rights.sysctl.enumerated() {
            rights.add(index == 0 ? "sysctl" : "", Text(pattern))
        }
        return table.text(colour: colour) + "\n" + rights.text(colour: colour)
    }
}

extension QuotaGet.Entry {
    fileprivate var isFull: Bool { if let used, let limit { used >= limit } else { false } }

    /// Nothing where nothing is used.
    fileprivate var cell: Text {
        guard let used, used > 0 else { return Text() }
        return Text("\(used)/\(limit.map(String.init) ?? "none")", isFull ? .down : .plain)
    }
}

struct Check: RequestCommand {
    typealias Called = AgentCheck

    static let configuration = CommandConfiguration(
        abstract: "Say what this kernel and host can do, and what is missing for the rest.",
        discussion: """
              netnsctl check
              netnsctl check --json | jq -r '.checks[] | select(.works | not) | .what'
            """)

    @OptionGroup var common: CommonOptions

    func params() -> Nothing { Nothing() }

    func text(_ result: AgentCheck.Result, colour: Bool) -> String {
        var table = Table("WHAT", "WORKS", "MISSING", "REMEDY")
        for check in result.checks {
            table.add(
                Text(check.what), check.works ? Text("yes", .up) : Text("no", .down), Text(check.missing ?? ""),
                Text(check.remedy ?? ""))
        }
        return "kernel \(escaped(result.kernel))\n\n" + table.text(colour: colour)
    }
}

struct Info: RequestCommand {
    typealias Called = AgentInfo

    static let configuration = CommandConfiguration(
        abstract: "Say which agent answers, and who you are to it.",
        discussion: """
              netnsctl info
            """)

    @OptionGroup var common: CommonOptions

    func params() -> Nothing { Nothing() }

    func text(_ info: AgentInfo.Result, colour: Bool) -> String {
        var table = Table()
        table.add("agent", Text("netnsd \(info.version)"))
        table.add("client", Text("netnsctl \(programVersion)"))
        table.add("protocol", "\(info.protocolVersion)")
        table.add("features", Text(info.features.joined(separator: " ")))
        table.add("you", Text(info.user.map { "\($0) (uid \(info.uid))" } ?? "uid \(info.uid)"))
        table.add("line", "at most \(info.limits.lineBytes) bytes, in \(info.limits.lineMilliseconds) ms")
        return table.text(colour: colour)
    }
}
