// add, delete, chown, list, get: namespaces themselves.

import ArgumentParser
import NetnsClient

struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make namespaces.",
        discussion: """
            The interface lo is up in a new namespace. Where one of several cannot be made, the others are made all \
            the same and the exit code is 1.

            With --delegate you hold every capability over a namespace yourself: in it ip, nft, iptables, tc, tcpdump \
            and wg work as they do for root, setuid programs do not, and /run/netns has your delegated namespaces.

              netnsctl add server gateway client
              netnsctl add --delegate firewall && netnsctl exec firewall -- nft list ruleset
            """)

    @Argument(help: ArgumentHelp("Names for them.", valueName: "name"), transform: NamespaceSelector.parse)
    var names: [NamespaceSelector]

    @Flag(name: .customLong("lo-down"), help: "Leave lo down.")
    var loopbackDown = false

    @Flag(help: "Have the capabilities over them yourself, where the policy allows it.")
    var delegate = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        try forEach(names, NetnsAdd.self, common) {
            .init(name: $0, loopbackDown: loopbackDown ? true : nil, delegate: delegate ? true : nil)
        }
    }
}

struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete namespaces.",
        discussion: """
            Refused while programs run in one, unless they are to be killed. What is in a namespace ends with it: a \
            veth pair goes with either of its ends. Where one of several cannot be deleted, the others are deleted \
            all the same and the exit code is 1.

              netnsctl delete server gateway client
              netnsctl delete --kill server
            """)

    @Argument(help: ArgumentHelp("The namespaces.", valueName: "name"), transform: NamespaceSelector.parse)
    var names: [NamespaceSelector]

    @Flag(name: [.short, .long], help: "Kill the programs that run in them.")
    var kill = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        try forEach(names, NetnsDelete.self, common) { .init(name: $0, kill: kill ? true : nil) }
    }
}

struct Chown: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give namespaces to another owner; for root.",
        discussion: """
            With all that is in them; running programs are in the way. They count against the new owner's quota, \
            whatever its limit. Delegated ones are their owner's for good.

              netnsctl chown bob alice:server
              netnsctl chown bob $(netnsctl list --set-aside -q)
            """)

    @Argument(help: "Their new owner, by name or uid.")
    var user: String

    @Argument(help: ArgumentHelp("The namespaces.", valueName: "name"), transform: NamespaceSelector.parse)
    var names: [NamespaceSelector]

    @OptionGroup var common: CommonOptions

    func run() throws {
        try forEach(names, NetnsChown.self, common) { .init(name: $0, user: user) }
    }
}

/// One request a name, all sent at once. Each that fails is complained about; the results of the others are printed,
/// where JSON is wanted, as an array.
private func forEach<Called: Method>(
    _ names: [NamespaceSelector], _ method: Called.Type, _ common: CommonOptions,
    _ params: (NamespaceSelector) -> Called.Params
) throws {
    let agent = try common.connect()
    let pending = try names.map { (name: $0, call: try agent.send(method, params($0))) }
    var results: [JSONValue] = []
    var refusals: [(name: NamespaceSelector, refusal: WireError)] = []
    for (name, call) in pending {
        do { results.append(try agent.receive(call).json) } catch let refusal as WireError {
            refusals.append((name, refusal))
        }
    }
    for (name, refusal) in refusals {
        let sentence = refusal.suggesting(from: agent, params(name)).sentence
        complain(sentence.contains(name.description) ? sentence : "\(name): \(sentence)")
    }
    if common.json { try common.print(json: .array(results)) }
    if !refusals.isEmpty { throw SomeFailed() }
}

struct List: ListCommand {
    typealias Called = NetnsList

    static let configuration = CommandConfiguration(
        abstract: "List your namespaces.",
        discussion: """
            A deleted namespace that a process, a mount or a socket still holds is listed, and counted, until it is \
            gone. What was an account's that is not there any more, or is another's by now, is set aside for root: \
            nobody else sees it, and root deletes it or gives it away (netnsctl chown).

              netnsctl list
              for name in $(netnsctl list -q); do netnsctl delete $name; done
              sudo netnsctl list --set-aside
            """)

    @Flag(help: "Those of all users; for root.")
    var allUsers = false

    @Flag(help: "Those of accounts that are no more; for root.")
    var setAside = false

    @OptionGroup var list: ListOptions
    @OptionGroup var common: CommonOptions

    func params() -> NetnsList.Params {
        .init(allUsers: allUsers || setAside ? true : nil, setAside: setAside ? true : nil)
    }

    /// Only those that are not deleted.
    func names(_ namespaces: [NamespaceInfo]) -> [String] {
        namespaces.filter { $0.state == .live }.map(\.name.description)
    }

    func text(_ namespaces: [NamespaceInfo], colour: Bool) -> String {
        var table = Table("NAMESPACE", "ID", "OWNER", "STATE", "KIND", "OWNER IS", numeric: [1])
        for namespace in namespaces {
            let owner = namespace.user ?? "\(namespace.uid)"
            table.add(
                Text(namespace.name.description, .name), "\(namespace.id)", Text(allUsers || setAside ? owner : ""),
                Text(namespace.state.rawValue, namespace.state == .live ? .plain : .down),
                Text(namespace.delegated ? "delegated" : ""), Text(namespace.setAside == true ? "set aside" : "", .down)
            )
        }
        return table.text(colour: colour)
    }
}

struct Get: RequestCommand {
    typealias Called = NetnsGet

    static let configuration = CommandConfiguration(
        abstract: "Say what a namespace is and which processes are in it.",
        discussion: """
              netnsctl get server
              kill $(netnsctl get server --json | jq '.pids[]')
            """)

    @Argument(help: "The namespace.", transform: NamespaceSelector.parse)
    var name: NamespaceSelector

    @OptionGroup var common: CommonOptions

    func params() -> NetnsGet.Params { .init(name: name) }

    func text(_ namespace: NetnsGet.Result, colour: Bool) -> String {
        var table = Table()
        table.add("name", Text(namespace.name.description, .name))
        table.add("owner", Text(namespace.user.map { "\($0) (uid \(namespace.uid))" } ?? "uid \(namespace.uid)"))
        table.add("id", "\(namespace.id)")
        table.add("inode", "\(namespace.inode)")
        let pids = namespace.pids.map(String.init).joined(separator: " ")
        table.add("processes", Text(pids.isEmpty ? "none" : pids))
        return table.text(colour: colour)
    }
}
