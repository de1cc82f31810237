// The help of every command, compared with Golden/. NETNSCTL_UPDATE_GOLDEN=1 writes those files anew.

import ArgumentParser
import Glibc
import Linux
import Testing

@testable import netnsctl

private let golden = String(#filePath.dropLast("HelpTests.swift".count)) + "Golden/"

/// Every command with its words, the root's being `netnsctl`.
private func commands(
    _ type: any ParsableCommand.Type = Netnsctl.self, _ name: String = "netnsctl"
) -> [(name: String, type: any ParsableCommand.Type)] {
    let below = type.configuration.subcommands + type.configuration.groupedSubcommands.flatMap(\.subcommands)
    return [(name, type)] + below.flatMap { commands($0, "\(name)-\($0._commandName)") }
}

@Suite struct HelpTests {
    @Test(arguments: commands().map(\.name))
    func isAsItWasAgreed(_ name: String) throws {
        let type = try #require(commands().first { $0.name == name }?.type)
        let help = Netnsctl.helpMessage(for: type, columns: 80) + "\n"
        let path = golden + name + ".txt"
        if getenv("NETNSCTL_UPDATE_GOLDEN") != nil { try writeFileAtomically(path, Array(help.utf8), mode: 0o644) }
        let agreed = try #require(try readFile(path, missingIsNil: true), "no \(path)")
        #expect(help == String(decoding: agreed, as: UTF8.self))
    }

    @Test(arguments: commands().map(\.name))
    func hasAnExampleAndJSON(_ name: String) throws {
        let type = try #require(commands().first { $0.name == name }?.type)
        #expect(!type.configuration.abstract.isEmpty)
        let words = name.split(separator: "-").joined(separator: " ")
        #expect(
            type.configuration.discussion.contains("  \(words) ")
                || type.configuration.discussion.contains("  \(words)\n")
                || type.configuration.discussion.hasSuffix(words))
        for line in type.configuration.discussion.split(separator: "\n") where line.hasPrefix("  netnsctl") {
            #expect(line.count <= 80, "an example must be fit to be copied")
        }
        let isGroup = !type.configuration.subcommands.isEmpty || !type.configuration.groupedSubcommands.isEmpty
        #expect(Netnsctl.helpMessage(for: type).contains("--json") != isGroup)
    }
}
