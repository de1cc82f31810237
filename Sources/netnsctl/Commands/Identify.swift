// identify: where a process stands.

import ArgumentParser
import Glibc
import NetnsClient

struct Identify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say which of your namespaces a process is in.",
        discussion: """
            Prints its name. Outside of them nothing is printed and the exit code is 1.

              netnsctl identify
              netnsctl identify 4711
            """)

    @Argument(help: "A process of yours; without it, this one.")
    var pid: Int32?

    @OptionGroup var common: CommonOptions

    func run() throws {
        let path = "/proc/\(pid.map(String.init) ?? "self")/ns/net"
        var file = stat()
        try system("stat", path) { stat(path, &file) }
        let agent = try common.connect()
        let names = try agent.namespaces().filter { $0.state == .live }.map(\.name)
        let pending = try names.map { try agent.send(NetnsGet.self, .init(name: $0)) }
        // A namespace that is deleted meanwhile is not where anybody's answer would be.
        let found = try pending.compactMap { call -> Response<NetnsGet>? in
            do { return try agent.receive(call) } catch is WireError { return nil }
        }
        guard let here = found.first(where: { $0.result.inode == UInt64(file.st_ino) }) else { throw SomeFailed() }
        try common.print(here.json) { _ in "\(here.result.name)\n" }
    }
}
