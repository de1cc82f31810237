// netnsctl --complete where no agent is asked: words that are always the same. The shells and the agent's own things are
// Tests/completion's to test.

import ArgumentParser
import Testing

@testable import netnsctl

/// What may stand at the end of these words; an agent is nowhere.
private func answer(_ words: String...) -> Answer {
    CommandLineWords(["netnsctl", words[0], "--socket", "/nonexistent/netnsd.sock"] + words.dropFirst()).answer()
}

private func words(_ answer: Answer) -> [String] {
    guard case .words(let candidates) = answer else { return [] }
    return candidates.map(\.word)
}

@Suite struct CompletionTests {
    /// contrib/generate has been called since the last change of a command.
    @Test func theTableKnowsEachCommand() throws {
        func compare(_ type: any ParsableCommand.Type, _ path: String) throws {
            let entry = try #require(commandEntry(path), "contrib/generate must be called: '\(path)' is new")
            let below = type.configuration.subcommands
            let names = entry.commands.map { String($0.names.prefix { $0 != " " }) }.filter { $0 != "help" }
            #expect(names == below.map { $0._commandName })
            for next in below { try compare(next, path.isEmpty ? next._commandName : "\(path) \(next._commandName)") }
        }
        try compare(Netnsctl.self, "")
    }

    @Test func commandsByNameAndAlias() {
        #expect(words(CommandLineWords(["netnsctl", ""]).answer()).contains("graph"))
        #expect(words(answer("addr", "")) == ["add", "replace", "delete", "flush", "list"])
        #expect(words(answer("address", "")) == words(answer("addr", "")))
        #expect(words(answer("no-such-command", "")) == [])
        #expect(words(answer("addr", "no-such-command", "")) == [])
    }

    @Test func optionsThatAreNotThereYet() {
        #expect(words(answer("delete", "--")).contains("--kill"))
        #expect(!words(answer("delete", "--kill", "--")).contains("--kill"))
        #expect(!words(answer("delete", "-k", "--")).contains("--kill"))
        #expect(words(answer("link", "add", "a/b", "--address", "10.0.0.1/8", "--")).contains("--address"))
        #expect(!words(answer("list", "--")).contains("--socket"))
        #expect(words(answer("delete", "--", "--")) == [])
    }

    @Test func valuesOfOptions() {
        #expect(words(answer("list", "--color", "")) == ["auto", "always", "never"])
        #expect(words(answer("list", "--color=")) == ["--color=auto", "--color=always", "--color=never"])
        #expect(words(answer("graph", "-f", "")) == ["text", "svg", "dot", "mermaid"])
        #expect(words(answer("link", "set", "a/b", "--arp", "")) == ["on", "off"])
        #expect(answer("list", "--socket", "") == .files)
        #expect(words(answer("link", "add", "a/b", "--kind", "ipvlan", "--mode", "")) == ["l2", "l3", "l3s"])
    }

    @Test func programsBeginWhereTheyDo() {
        #expect(CommandLineWords(["netnsctl", "exec", "a", "--", ""]).answer() == .command(4))
        #expect(CommandLineWords(["netnsctl", "exec", "a", "--", "ls", "-"]).answer() == .command(4))
        #expect(CommandLineWords(["netnsctl", "exec", "a", "l"]).answer() == .command(3))
        #expect(CommandLineWords(["netnsctl", "exec", "--json", "a", "ls", "--"]).answer() == .command(4))
    }

    @Test func keywordsStandAtTheirPlaces() {
        let address = ["addr", "add", "a/eth0"]
        #expect(words(CommandLineWords(["netnsctl"] + address + [""]).answer()) == [])
        let after = words(answer("addr", "add", "a/eth0", "10.0.0.1/8", "nodad", ""))
        #expect(after.contains("broadcast") && !after.contains("nodad"))
        #expect(words(answer("addr", "add", "a/eth0", "10.0.0.1/8", "scope", "")).first == "global")
        #expect(words(answer("addr", "add", "a/eth0", "10.0.0.1/8", "label", "")) == [])
        #expect(words(answer("addr", "add", "10.0.0.1/8", "")).contains("dev"), "the place may be left out")
        #expect(words(answer("route", "add", "a", "")).first == "default")
        #expect(words(answer("route", "add", "a", "blackhole", "10.0.0.0/8", "")).contains("metric"))
        #expect(words(answer("route", "add", "default", "default", "")).contains("via"), "the first names a namespace")
        #expect(words(answer("route", "list", "a", "type", "")).contains("blackhole"))
        #expect(words(answer("rule", "add", "a", "ipproto", "")).contains("tcp"))
        #expect(words(answer("neigh", "add", "a/eth0", "10.0.0.1", "nud", "")).contains("permanent"))
    }

    @Test func namesAreReadOffTheAnswer() {
        let reply = #"""
            {"jsonrpc":"2.0","id":1,"result":[{"name":"a","id":1,"uid":9,"user":"x","state":"live"},
            {"id":2,"state":"live","user":"\"name\":\"no\"","name":"b.c-d"},{"name":"e","state":"deleted"},
            {"state":"live"},{"name":"x\\u0022:f","state":"live"},{"name":"bob:g","state":"live"}]}
            """#
        func names(_ reply: String) -> [String] { Array(reply.utf8).withUnsafeBytes { NameScan.live(in: $0) } }
        #expect(names(reply) == ["a", "b.c-d", "bob:g"])
        #expect(names(#"{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}"#) == [])
        #expect(names(#"{"result":[{"name":"a","state":"li"#) == [])
    }

    @Test func withoutAnAgentKindsAreAllThatThereAre() {
        #expect(words(answer("link", "add", "a/b", "--kind", "")).contains("geneve"))
        #expect(words(answer("delete", "")) == [])
        #expect(words(answer("sysctl", "a", "net.")) == [])
    }
}
