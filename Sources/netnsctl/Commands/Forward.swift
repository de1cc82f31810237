// forward: ports of a namespace on the loopback outside, and the other way round.

import ArgumentParser
import Glibc
import NetnsClient

struct Forward: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Forward ports into a namespace, or out of one.",
        discussion: """
            [BIND:]PORT:NAMESPACE:[ADDRESS:]PORT listens here on PORT, and connects in the namespace to ADDRESS, or to \
            127.0.0.1 where it is left out. --reverse NAMESPACE:[BIND:]PORT:[HOST:]PORT listens in the namespace and \
            connects from here. Without BIND it listens on 127.0.0.1 and ::1, where only programs of this machine, or \
            of the namespace, reach it; BIND * is every address. IPv6 addresses stand in brackets; PORT 0 listens on a \
            free port; with /udp at the end it forwards datagrams. It prints where it listens, and ends on Ctrl-C.

              netnsctl forward 8080:server:80
              netnsctl forward 8080:server:80 5353:server:10.0.0.53:53/udp
              netnsctl forward '*:2222:gateway:[fd00::2]:22'
              netnsctl forward --reverse client:3128:proxy.example.org:3128
            """)

    @Argument(
        help: ArgumentHelp("What to forward into a namespace; may be repeated.", valueName: "port:namespace:port"),
        transform: { try forwardSpec($0, .inward, ForwardSpec.inwardRule) })
    var inward: [ForwardSpec] = []

    @Option(
        name: [.short, .customLong("reverse")], parsing: .singleValue,
        help: ArgumentHelp("What to forward out of a namespace; may be repeated.", valueName: "namespace:port:port"),
        transform: { try forwardSpec($0, .outward, ForwardSpec.outwardRule) })
    var outward: [ForwardSpec] = []

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if inward.isEmpty && outward.isEmpty {
            throw ValidationError("what to forward is missing: netnsctl forward 8080:server:80")
        }
    }

    func run() throws {
        let signals = try ForwardedSignals([SIGINT, SIGTERM, SIGHUP])
        let forwarder = try Forwarder(connect: { try common.connect() }, report: { complain($0) })
        for spec in inward + outward {
            do {
                try show(spec, try forwarder.add(spec))
            } catch let error as ForwardingError {
                throw CommandFailure(description: error.description)
            }
        }
        try forwarder.run(until: signals)
    }

    private func show(_ spec: ForwardSpec, _ addresses: [SocketAddress]) throws {
        if common.json {
            let object: JSONObject = [
                "netns": .string(spec.netns.description), "transport": .string(spec.transport.rawValue),
                "reverse": .bool(spec.direction == .outward),
                "listen": .array(addresses.map { .string($0.description) }), "connect": .string(spec.target),
            ]
            return try common.print(json: .object(object))
        }
        let inside = "\(spec.netns) "
        let (before, after) = spec.direction == .inward ? ("", inside) : (inside, "")
        let places = addresses.map { before + $0.description }.joined(separator: " and ")
        try write("\(places) → \(after)\(spec.target) (\(spec.transport.rawValue))\n")
    }
}

private func forwardSpec(_ word: String, _ direction: ForwardSpec.Direction, _ rule: String) throws -> ForwardSpec {
    guard let spec = ForwardSpec(word, direction) else { throw ValidationError("It \(rule).") }
    return spec
}
