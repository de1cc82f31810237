// The agent's small parts that need no kernel: rates, the command line, records, what is logged.

import JSON
import Linux
import Logging
import Testing
import Wire

@testable import Agent

@Suite("A rate of requests")
struct TokenBucketTests {
    @Test("A second's worth at once, then evenly")
    func burst() {
        var bucket = TokenBucket()
        for _ in 0..<5 { #expect(bucket.take(perSecond: 5, nowMilliseconds: 0) == nil) }
        #expect(bucket.take(perSecond: 5, nowMilliseconds: 0) == 200)
        #expect(bucket.take(perSecond: 5, nowMilliseconds: 150) == 50)
        #expect(bucket.take(perSecond: 5, nowMilliseconds: 200) == nil)
        #expect(bucket.take(perSecond: 5, nowMilliseconds: 200) == 200)
    }

    @Test("A long rest saves no more than a second's worth")
    func rest() {
        var bucket = TokenBucket()
        _ = bucket.take(perSecond: 2, nowMilliseconds: 0)
        for _ in 0..<2 { #expect(bucket.take(perSecond: 2, nowMilliseconds: 3_600_000) == nil) }
        #expect(bucket.take(perSecond: 2, nowMilliseconds: 3_600_000) != nil)
    }

    @Test("Coming when told is early enough")
    func retry() throws {
        var bucket = TokenBucket()
        var now = 0
        for _ in 0..<50 {
            if let wait = bucket.take(perSecond: 7, nowMilliseconds: now) {
                now += wait
                #expect(bucket.take(perSecond: 7, nowMilliseconds: now) == nil)
            }
        }
    }

    @Test("A rate of nothing lets nobody through")
    func zero() {
        var bucket = TokenBucket()
        #expect(bucket.take(perSecond: 0, nowMilliseconds: 0) != nil)
    }

    @Test("A burst beyond a second's worth, then evenly")
    func ownBurst() {
        var bucket = TokenBucket()
        for _ in 0..<10 { #expect(bucket.take(perSecond: 2, burst: 10, nowMilliseconds: 0) == nil) }
        #expect(bucket.take(perSecond: 2, burst: 10, nowMilliseconds: 0) == 500)
        #expect(bucket.take(perSecond: 2, burst: 10, nowMilliseconds: 500) == nil)
        for _ in 0..<10 { #expect(bucket.take(perSecond: 2, burst: 10, nowMilliseconds: 3_600_000) == nil) }
        #expect(bucket.take(perSecond: 2, burst: 10, nowMilliseconds: 3_600_000) != nil)
    }

    @Test("A rate that is lowered holds at once")
    func lowered() {
        var bucket = TokenBucket()
        _ = bucket.take(perSecond: 100, nowMilliseconds: 0)
        #expect(bucket.take(perSecond: 1, nowMilliseconds: 0) == nil)
        #expect(bucket.take(perSecond: 1, nowMilliseconds: 0) != nil)
    }
}

@Suite("The command line of netnsd")
struct OptionsTests {
    private func serve(_ words: [String], environment: String? = nil) throws -> Options {
        guard case .serve(let options) = try Options.parse(words, environment: environment) else {
            throw Options.Misuse(message: "not to serve")
        }
        return options
    }

    @Test("Defaults, the environment, and options over both")
    func values() throws {
        #expect(try serve([]).socket == "/run/netnsd/netnsd.sock")
        #expect(try serve([]).config == nil)
        #expect(try serve([], environment: "/a").socket == "/a")
        #expect(try serve([], environment: "").socket == "/run/netnsd/netnsd.sock")
        #expect(try serve(["--socket", "/b"], environment: "/a").socket == "/b")
        let all = try serve(["--config=/c=d", "--state-directory", "/s", "--log-level=debug", "--audit", "/a"])
        #expect(all.audit == "/a")
        #expect(all.config == "/c=d")
        #expect(all.stateDirectory == "/s")
        #expect(all.logLevel == .debug)
    }

    @Test("What it does besides serving")
    func others() throws {
        let words = ["--check-state", "--state-directory", "/s", "--repair", "--json"]
        guard case .checkState(let check, directory: "/s") = try Options.parse(words, environment: nil) else {
            return #expect(Bool(false), "--check-state")
        }
        #expect(check.repair && check.json)
        guard case .checkConfig("/p") = try Options.parse(["--check-config", "/p"], environment: nil) else {
            return #expect(Bool(false), "--check-config")
        }
        guard case .print(let version) = try Options.parse(["--version"], environment: nil) else {
            return #expect(Bool(false), "--version")
        }
        #expect(version == "netnsd \(programVersion)\n")
        guard case .print(Options.help) = try Options.parse(["-h"], environment: nil) else {
            return #expect(Bool(false), "-h")
        }
    }

    @Test(
        "What it does not understand",
        arguments: [
            ["--socket"], ["--nonsense"], ["word"], ["--log-level", "loud"], ["--"], ["--audit"], ["--repair"],
            ["--json"],
        ])
    func misuse(words: [String]) {
        #expect(throws: Options.Misuse.self) { try Options.parse(words, environment: nil) }
    }
}

@Suite("Records of namespaces")
struct RecordTests {
    private let whole = """
        {"version": 1, "boot": "b", "id": 1000000, "owner": {"uid": 7, "user": "alice"}, "name": "server",
         "state": "live", "identity": {"device": 4, "inode": 5}}
        """

    private func decode(_ text: String) throws -> Record {
        try JSONValue.parse(Array(text.utf8)[...]).decode(Record.self)
    }

    @Test("What is written is read again")
    func roundTrip() throws {
        let record = try decode(whole)
        #expect(record.owner == Owner(uid: 7, user: "alice"))
        #expect(record.state == .live)
        let bytes = try JSONValue(encoding: record).serialized()
        #expect(try decode(String(decoding: bytes, as: UTF8.self)) == record)
    }

    @Test(
        "A record that is not wholly understood is none",
        arguments: [
            ("\"version\": 1", "\"version\": 2"), ("\"live\"", "\"sleeping\""), ("\"server\"", "\"../server\""),
            ("1000000", "\"1000000\""), ("1000000", "4294967296"), ("\"uid\": 7", "\"uid\": -7"),
            ("\"boot\": \"b\",", ""), ("\"boot\"", "\"colour\": 1, \"boot\""),
        ])
    func notUnderstood(part: String, instead: String) throws {
        let parts = whole.split(separator: part, maxSplits: 1, omittingEmptySubsequences: false)
        try #require(parts.count == 2)
        #expect(throws: JSONError.self) { try decode(parts.joined(separator: instead)) }
    }
}

@Suite("What is logged")
struct LogTests {
    @Test(
        "Nothing in it fools a terminal or pretends to be another line",
        arguments: [
            ("plain text ü", "plain text ü"), ("\u{1b}[31m", "\\u{1b}[31m"), ("a\nb\r", "a\\u{a}b\\u{d}"),
            ("\u{7f}\u{9b}", "\\u{7f}\\u{9b}"), ("\u{202e}x\u{2066}", "\\u{202e}x\\u{2066}"), ("\u{0}", "\\u{0}"),
        ])
    func escapes(text: String, expected: String) {
        #expect(escaped(text) == expected)
    }
}

@Suite("Who a namespace belongs to")
struct OwnerTests {
    @Test("An account's name is part of it, so a number given to another account is another owner")
    func identity() {
        #expect(Owner(uid: 7, user: "alice") != Owner(uid: 7, user: "carol"))
        #expect(Owner(uid: 7, user: nil).text == "7")
    }

    @Test("What its namespaces are called on the host, and beside another of its name")
    func pins() {
        let name = NamespaceName("server")!
        #expect(Owner.root.pinName(of: name) == "server")
        #expect(Owner(uid: 7, user: "alice").pinName(of: name) == "alice:server")
        #expect(Owner(uid: 7, user: "alice").pinName(of: name, besideAnother: true) == "alice@7:server")
        #expect(Owner(uid: 7, user: nil).pinName(of: name) == "7:server")
        for text in ["alice:server", "alice@7:server", "7:server"] {
            #expect(NamespaceSelector(text)?.description == text)
        }
    }
}
