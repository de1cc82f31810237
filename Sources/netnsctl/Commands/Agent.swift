// quota, check, info: what one may do, what this host can do, and what the agent is.

import ArgumentParser
import NetnsClient

struct ShowQuota: RequestCommand {
    typealias Called = QuotaGet

    static let configuration = CommandConfiguration(
        commandName: "quota",
        abstract: "Show your limits, what you use, and which rule decided.",
        discussion: """
              netnsctl quota
              sudo netnsctl quota alice
            """)

    @Argument(help: "Another user, by name or uid; for root.")
    var user: String?

    @OptionGroup var common: CommonOptions

    func params() -> QuotaGet.Params { .init(user: user) }

    func text(_ quota: QuotaGet.Result, colour: Bool) -> String {
        var table = Table("RESOURCE", "USED", "LIMIT", "RULE", numeric: [1, 2])
        for entry in quota.resources {
            let isFull = if let used = entry.used, let limit = entry.limit { used >= limit } else { false }
            table.add(
                Text(entry.resource), Text(entry.used.map { "\($0)" } ?? "-", isFull ? .down : .plain),
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
