// dns: what programs in a namespace are told of names.

import ArgumentParser
import NetnsClient

struct DNS: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show or set the name servers and host names of a namespace.",
        discussion: """
            What programs started from then on find in /etc/resolv.conf and /etc/hosts. Each kind of setting that is \
            given replaces what was there of its kind; with --clear all others are emptied as well. Without options \
            the settings are shown.

              netnsctl dns client --server 10.0.0.1 --search lab.example
              netnsctl dns client --host server=10.0.0.1 --host server=fd00::1
              netnsctl dns client --clear
            """)

    @Argument(help: "The namespace.", transform: NamespaceSelector.parse)
    var name: NamespaceSelector

    @Option(
        name: [.customLong("server")], parsing: .singleValue,
        help: ArgumentHelp("A name server's address; may be repeated.", valueName: "address"),
        transform: { try read($0, "an address like 10.0.0.1", IPAddress.init) })
    var servers: [IPAddress] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("A domain to look names up in; may be repeated.", valueName: "domain"),
        transform: { try read($0, HostName.rule, HostName.init) })
    var search: [HostName] = []

    @Option(
        name: [.customLong("option")], parsing: .singleValue,
        help: ArgumentHelp("An option of resolv.conf(5); may be repeated.", valueName: "option"),
        transform: { try read($0, ResolverOption.rule, ResolverOption.init) })
    var options: [ResolverOption] = []

    @Option(
        name: [.customLong("host")], parsing: .singleValue,
        help: ArgumentHelp("A name and an address for it; may be repeated.", valueName: "name=address"),
        transform: { try read($0, "NAME=ADDRESS, server=10.0.0.1 for instance", DNSSettings.Host.init(word:)) })
    var hosts: [DNSSettings.Host] = []

    @Flag(help: "Empty what is not given.")
    var clear = false

    @OptionGroup var common: CommonOptions

    private var changes: Bool {
        clear || !(servers.isEmpty && search.isEmpty && options.isEmpty && hosts.isEmpty)
    }

    /// The settings that shall hold after these.
    func settings(after old: DNSSettings) -> DNSSettings {
        let kept = clear ? DNSSettings() : old
        return DNSSettings(
            servers: servers.isEmpty ? kept.servers : servers, search: search.isEmpty ? kept.search : search,
            options: options.isEmpty ? kept.options : options, hosts: hosts.isEmpty ? kept.hosts : hosts)
    }

    func run() throws {
        let agent = try common.connect()
        let old = try agent.receive(agent.send(DNSGet.self, .init(netns: name)))
        guard changes else { return try common.print(old.json) { _ in old.result.text } }
        let params = DNSSet.Params(netns: name, settings: settings(after: old.result))
        try common.print(agent.receive(agent.send(DNSSet.self, params)).json) { _ in "" }
    }
}

extension DNSSettings {
    /// In the words of resolv.conf(5) and hosts(5).
    var text: String {
        var lines = servers.map { "nameserver \($0)" }
        if !search.isEmpty { lines.append("search " + search.map(\.text).joined(separator: " ")) }
        if !options.isEmpty { lines.append("options " + options.map(\.text).joined(separator: " ")) }
        lines += hosts.map { "\($0.address)\t\($0.name)" }
        return lines.map { $0 + "\n" }.joined()
    }
}

extension DNSSettings.Host {
    /// `server=10.0.0.1`.
    init?(word: String) {
        guard let equals = word.firstIndex(of: "="), let name = HostName(String(word[..<equals])),
            let address = IPAddress(String(word[word.index(after: equals)...]))
        else { return nil }
        self.init(name: name, address: address)
    }
}

private func read<Value>(_ word: String, _ rule: String, _ make: (String) -> Value?) throws -> Value {
    guard let value = make(word) else { throw ValidationError("'\(word)': \(rule)") }
    return value
}
