// What every command has in common: where the agent is, and how its answer is shown.

import ArgumentParser
import Glibc
import NetnsClient

/// The options of every command.
struct CommonOptions: ParsableArguments {
    @Flag(name: [.short, .long], help: "Print the agent's answer as JSON, in the keys of ip -j.")
    var json = false

    @Flag(name: [.short, .long], help: "With --json: indented.")
    var pretty = false

    @Option(
        help: ArgumentHelp("Colours: auto is on a terminal.", valueName: "auto|always|never"),
        transform: ColourChoice.parse)
    var color = ColourChoice.auto

    @Option(
        help: ArgumentHelp("The agent's socket, instead of NETNSD_SOCKET or \(standardSocketPath).", valueName: "path"))
    var socket: String?

    func connect() throws -> Connection { try Connection.connect(path: socket) }

    /// One JSON document.
    func print(json value: JSONValue) throws { try write(text(of: value)) }

    /// The document as a line, or several.
    func text(of value: JSONValue) -> String {
        String(decoding: value.serialized(pretty: pretty), as: UTF8.self) + "\n"
    }

    /// The answer, as it came or as text.
    func print(_ value: JSONValue, text: (_ colour: Bool) -> String) throws {
        if json { try print(json: value) } else { try write(text(color.isWanted)) }
    }
}

/// Writes to stdout. A reader that has gone ends this program as it does any other, by SIGPIPE.
func write(_ text: String) throws(SystemError) {
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
        written += try system("write", "stdout") {
            bytes[written...].withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
        }
    }
}

/// A command that is one request: its words make the parameters, the answer is shown.
protocol RequestCommand: ParsableCommand {
    associatedtype Called: Method
    var common: CommonOptions { get }
    /// Made of the words alone; a `ValidationError` says which one does not fit.
    func params() throws -> Called.Params
    /// What is shown of the answer; nothing, for those that change something.
    func text(_ result: Called.Result, colour: Bool) -> String
}

extension RequestCommand {
    func validate() throws { _ = try params() }

    func text(_ result: Called.Result, colour: Bool) -> String { "" }

    mutating func run() throws {
        let response = try common.connect().exchange(Called.self, try params())
        try common.print(response.json) { text(response.result, colour: $0) }
    }
}

extension Connection {
    /// Calls a method. Where its place is the caller's own namespace, the descriptor for it goes along.
    func exchange<Called: Method>(_ method: Called.Type, _ params: Called.Params) throws -> Response<Called> {
        do {
            guard !params.descriptorIndices.isEmpty else { return try receive(try send(method, params)) }
            let own = try Connection.ownNamespace()
            return try receive(try send(method, params, descriptors: [own.raw]))
        } catch let refusal as WireError { throw refusal.suggesting(from: self, params) }
    }
}

/// A command that lists things.
protocol ListCommand: RequestCommand {
    var list: ListOptions { get }
    /// What each is called where another command takes it.
    func names(_ result: Called.Result) -> [String]
}

struct ListOptions: ParsableArguments {
    @Flag(name: [.short, .long], help: "Names only, one a line.")
    var quiet = false

    @OptionGroup var watching: WatchOptions
}

extension ListCommand {
    mutating func run() throws {
        let agent = try common.connect()
        let params = try params()
        try list.watching.follow(agent, (params as? any NamespacesChosen)?.netns) {
            let response = try agent.exchange(Called.self, params)
            if common.json { return common.text(of: response.json) }
            if list.quiet { return names(response.result).map { escaped($0) + "\n" }.joined() }
            return text(response.result, colour: common.color.isWanted)
        }
    }
}

/// Parameters that may say which namespaces to look in.
protocol NamespacesChosen {
    var netns: [NamespaceSelector]? { get }
}

extension ForList: NamespacesChosen {}
