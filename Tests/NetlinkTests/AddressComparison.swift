// What we list, against what iproute2 lists in the same namespace: key by key, both ways.

import Descriptors
import Glibc
import IPRoute
import JSON
import Netlink
import Testing

extension TestNamespace {
    /// Runs `ip` with the words of `line`.
    @discardableResult
    func run(_ line: String) throws -> String {
        let words = line.split(separator: " ").map(String.init)
        return try output(of: ["nsenter", "--net=/proc/\(getpid())/fd/\(descriptor.raw)", "ip"] + words)
    }

    /// What `ip -j -d` prints.
    func json(_ line: String) throws -> [JSONValue] {
        try JSONValue.parse(try run("-j -d \(line)")).arrayValue ?? []
    }

    /// A namespace with a veth pair, d0 and d1, both up; IPv6 gives itself no address, so nothing is tentative.
    static func withPair() throws -> TestNamespace {
        let namespace = try fresh()
        try namespace.run("link add d0 type veth peer name d1")
        for device in ["d0", "d1"] {
            try namespace.run("link set \(device) addrgenmode none")
            try namespace.run("link set \(device) up")
        }
        try namespace.run("link set lo up")
        return namespace
    }

    func index(_ name: String) throws -> Int32 { try socket.index(of: InterfaceName(name)!) }
}

/// Our values in iproute2's form: what is true is null there. `ignored` are keys that only one of us has.
func shown(_ values: [some Encodable], without ignored: Set<String> = []) throws -> [JSONValue] {
    try values.map { comparable(try JSONValue(encoding: $0), without: ignored) }
}

func comparable(_ value: JSONValue, without ignored: Set<String>) -> JSONValue {
    guard case .object(let object) = value else { return value }
    return .object(
        JSONObject(
            object.filter { !ignored.contains($0.key) }.map { ($0.key, $0.value.isNull ? true : $0.value) }))
}

/// Fails with the first pair that differs, which the whole lists would hide.
func expectEqual(_ ours: [JSONValue], _ theirs: [JSONValue], _ location: SourceLocation = #_sourceLocation) {
    #expect(ours.count == theirs.count, sourceLocation: location)
    for (our, their) in zip(ours, theirs) { #expect(our == their, sourceLocation: location) }
}

/// Runs what must fail and gives the error.
func failure(_ body: () throws(NetlinkError) -> Void, _ location: SourceLocation = #_sourceLocation) throws
    -> NetlinkError
{
    do {
        try body()
    } catch {
        return error
    }
    Issue.record("no error", sourceLocation: location)
    throw CancellationError()
}

/// Looks until `condition` holds: the kernel does some things on a thread of its own, soon after. Ten seconds at most.
func waitUntil(_ condition: () throws -> Bool, _ location: SourceLocation = #_sourceLocation) throws {
    for _ in 0..<10_000 {
        if try condition() { return }
        usleep(1000)
    }
    Issue.record("it never came to be", sourceLocation: location)
}

/// Values as people write them.
func prefix(_ text: String) -> IPPrefix { IPPrefix(text)! }
func address(_ text: String) -> IPAddress { IPAddress(text)! }
func name(_ text: String) -> InterfaceName { InterfaceName(text)! }
func word(_ value: UInt32) -> Word { Word(value) }
