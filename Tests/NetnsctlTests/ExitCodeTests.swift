// The program itself, run against an agent that says what it is told: exit codes, stdout and stderr.

import CLinux
import Descriptors
import Glibc
import Linux
import NetnsClient
import Testing

/// What a run of netnsctl left behind.
private struct Outcome {
    let status: CInt
    let output: String
    let errors: String
    var code: CInt? { status & 0x7F == 0 ? (status >> 8) & 0xFF : nil }
    var signal: CInt? { status & 0x7F == 0 ? nil : status & 0x7F }
}

/// Runs the netnsctl that was built beside the tests.
private func netnsctl(_ words: [String], socket: String) throws -> Outcome {
    var room = [UInt8](repeating: 0, count: 4096)
    let length = try system("readlink") {
        room.withUnsafeMutableBytes { readlink("/proc/self/exe", $0.baseAddress!, $0.count) }
    }
    let tests = String(decoding: room[..<length], as: UTF8.self)
    let program = tests[..<(tests.lastIndex(of: "/") ?? tests.startIndex)] + "/netnsctl"

    let output = try Descriptor("memfd_create") { clinux_memfd("output") }
    let errors = try Descriptor("memfd_create") { clinux_memfd("errors") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, output.raw, 1)
    posix_spawn_file_actions_adddup2(&actions, errors.raw, 2)
    var argv = ([String(program)] + words).map { strdup($0) } + [nil]
    var environment = [strdup("NETNSD_SOCKET=" + socket), nil]
    // contrib/test --sanitize says by it what counts.
    if let options = getenv("ASAN_OPTIONS") {
        environment.insert(strdup("ASAN_OPTIONS=" + String(cString: options)), at: 0)
    }
    defer { for case let text? in argv + environment { free(text) } }
    var child = pid_t()
    let error = posix_spawn(&child, String(program), &actions, nil, &argv, &environment)
    try #require(error == 0, "\(program)")
    var status: CInt = 0
    try system("waitpid") { waitpid(child, &status, 0) }
    return Outcome(status: status, output: try contents(of: output), errors: try contents(of: errors))
}

private func contents(of file: borrowing Descriptor) throws -> String {
    lseek(file.raw, 0, SEEK_SET)
    return String(decoding: try read(file, "memfd"), as: UTF8.self)
}

/// Runs it against an agent that takes one connection and answers its lines with these, in order. A line that names a
/// `pidFileDescriptor` brings one of this process.
private func netnsctl(_ words: [String], answers: [String]) throws -> Outcome {
    let path = "/tmp/netnsctl-test-\(getpid())-\(Int.random(in: 0..<Int.max)).sock"
    let listening = SharedDescriptor(try Descriptor("listen", path) { clinux_unix_listen(path, 0o600, 1) })
    defer { unlink(path) }
    try startThread(named: "fake-agent") {
        // Both block; none is left open in a netnsctl that another test starts.
        _ = clinux_fcntl(listening.raw, F_SETFL, 0)
        let fd = clinux_accept(listening.raw)
        _ = clinux_fcntl(fd, F_SETFL, 0)
        let socket = UnixSocket(Descriptor(owning: fd))
        let process = Descriptor(owning: clinux_pidfd_open(getpid()))
        for answer in answers {
            var byte: UInt8 = 0
            while byte != UInt8(ascii: "\n") { guard Glibc.read(fd, &byte, 1) == 1 else { return } }
            for line in answer.split(separator: "\n") {
                let bytes = Array((line + "\n").utf8)
                let descriptors = line.contains("pidFileDescriptor") ? [process.raw] : []
                _ = try? bytes.withUnsafeBytes { try socket.send($0, descriptors: descriptors) }
            }
        }
    }
    return try netnsctl(words, socket: path)
}

private func refusal(_ id: Int, _ message: String, _ data: String) -> String {
    #"{"jsonrpc":"2.0","id":\#(id),"error":{"code":-32004,"message":"\#(message)","data":{\#(data)}}}"#
}

private func info(_ id: Int, _ name: String) -> String {
    #"{"jsonrpc":"2.0","id":\#(id),"result":{"name":"\#(name)","id":1,"uid":0,"state":"live","delegated":false}}"#
}

@Suite struct ExitCodeTests {
    private let nowhere = "/nonexistent/netnsd.sock"

    @Test(arguments: [["--help"], ["--version"], ["help", "route", "add"], ["route", "add", "--help"], []])
    func helpIsSuccess(_ words: [String]) throws {
        let outcome = try netnsctl(words, socket: nowhere)
        #expect(outcome.code == 0 && !outcome.output.isEmpty && outcome.errors.isEmpty)
    }

    @Test(arguments: [
        (["lst"], "netnsctl: unknown word 'lst'; did you mean 'list'?"),
        (["route", "ad"], "netnsctl: unknown word 'ad'; did you mean 'add'?"),
        (["list", "--jsn"], "netnsctl: Unknown option '--jsn'. Did you mean '--json'?"),
        (["route", "add", "a", "default", "viaa"], "netnsctl: unknown word 'viaa'; did you mean 'via'?"),
    ])
    func aWrongCommandLineIs2(_ words: [String], _ beginning: String) throws {
        let outcome = try netnsctl(words, socket: nowhere)
        #expect(outcome.code == 2 && outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix(beginning), "\(outcome.errors)")
    }

    @Test func noAgentIs3() throws {
        let outcome = try netnsctl(["list"], socket: nowhere)
        #expect(outcome.code == 3)
        #expect(
            outcome.errors
                == "netnsctl: no agent listens at \(nowhere); is netnsd running? (systemctl status netnsd)\n")
    }

    @Test(arguments: [([#"{"jsonrpc":"2.0","id":1,"#], "makes no sense"), ([""], "closed the connection in mid-reply")])
    func aLostConnectionIs3(_ answers: [String], _ words: String) throws {
        let outcome = try netnsctl(["list"], answers: answers)
        #expect(outcome.code == 3 && outcome.errors.contains(words), "\(outcome)")
    }

    @Test func aRefusalIs1AndSaysWhoDecided() throws {
        let answers = [refusal(1, "no more", #""reason":"quota-exceeded","rule":"defaults in policy.yaml""#)]
        let outcome = try netnsctl(["get", "a"], answers: answers)
        #expect(outcome.code == 1 && outcome.errors == "netnsctl: no more; decided by defaults in policy.yaml\n")
    }

    @Test func ofSeveralNamesThoseThatFailAreNamed() throws {
        let answers = [info(1, "a"), refusal(2, "no more", #""reason":"quota-exceeded""#), info(3, "c")]
        let outcome = try netnsctl(["add", "a", "b", "c", "--json"], answers: answers)
        #expect(outcome.code == 1 && outcome.errors == "netnsctl: b: no more\n")
        #expect(try JSONValue.parse(outcome.output).arrayValue?.map { $0["name"] } == ["a", "c"])
    }

    @Test func whatWasProbablyMeantIsSaid() throws {
        let own =
            #"{"jsonrpc":"2.0","id":2,"result":[{"name":"server","id":1,"uid":0,"state":"live","delegated":false}]}"#
        let links =
            #"{"jsonrpc":"2.0","id":3,"result":[{"netns":"server","ifindex":2,"ifname":"eth0","flags":["UP"],"mtu":1500,"#
            + #""operstate":"UP","linkmode":"DEFAULT","group":"default","link_type":"ether"}]}"#
        let refused = refusal(1, "nothing is called so", #""reason":"not-found""#)
        #expect(
            try netnsctl(["get", "servr"], answers: [refused, own]).errors
                == "netnsctl: nothing is called so; did you mean 'server' instead of 'servr'?\n")
        #expect(
            try netnsctl(["link", "delete", "server/eht0"], answers: [refused, own, links]).errors
                == "netnsctl: nothing is called so; did you mean 'eth0' instead of 'eht0'?\n")
        #expect(
            try netnsctl(["get", "elsewhere"], answers: [refused, own]).errors == "netnsctl: nothing is called so\n")
    }

    @Test func quietIsNamesAlone() throws {
        let answers = [
            #"{"jsonrpc":"2.0","id":1,"result":[{"name":"a","id":1,"uid":0,"state":"live","delegated":false},"#
                + #"{"name":"b","id":2,"uid":0,"state":"deleted","delegated":false},{"name":"c","id":3,"uid":0,"state":"live","delegated":false}]}"#
        ]
        #expect(try netnsctl(["list", "-q"], answers: answers).output == "a\nc\n")
    }

    /// The agent closes the connection after the second list, which ends the watching.
    @Test func watchingPrintsAnewAtEachChange() throws {
        func list(_ id: Int, _ name: String) -> String {
            #"{"jsonrpc":"2.0","id":\#(id),"result":[{"name":"\#(name)","id":1,"uid":0,"state":"live","delegated":false}]}"#
        }
        let event = #"{"jsonrpc":"2.0","method":"event","params":{"action":"added","subject":"netns","netns":"b"}}"#
        let answers = [#"{"jsonrpc":"2.0","id":1,"result":{}}"#, list(2, "a") + "\n" + event, list(3, "b")]
        let outcome = try netnsctl(["list", "-q", "--watch"], answers: answers)
        #expect(outcome.output == "a\nb\n" && outcome.code == 3)
    }

    @Test func coloursAreThereOnRequest() throws {
        let answers = [
            #"{"jsonrpc":"2.0","id":1,"result":[{"name":"a","id":1,"uid":0,"state":"live","delegated":false}]}"#
        ]
        #expect(try netnsctl(["list", "--color", "always"], answers: answers).output.contains("\u{1B}[36ma\u{1B}[0m"))
        #expect(try !netnsctl(["list"], answers: answers).output.contains("\u{1B}"))
        #expect(try netnsctl(["list", "--color", "pink"], socket: nowhere).code == 2)
    }

    @Test func jsonIsWhatTheAgentSaid() throws {
        let namespaces = #"[{"name":"a","id":1,"uid":0,"state":"live","delegated":false,"new":1}]"#
        let answers = [#"{"jsonrpc":"2.0","id":1,"result":\#(namespaces)}"#]
        let outcome = try netnsctl(["list", "--json"], answers: answers)
        #expect(outcome.code == 0)
        #expect(outcome.output == namespaces + "\n")
    }

    /// What exec asks first: whether the namespace is a delegated one, which it is not.
    private let managed = #"{"jsonrpc":"2.0","id":1,"result":[]}"#
    private let started = #"{"jsonrpc":"2.0","id":2,"result":{"pid":7,"pidFileDescriptor":0}}"# + "\n"

    private func exited(_ how: String) -> String {
        #"{"jsonrpc":"2.0","method":"netns.exited","params":{"pid":7,\#(how)}}"#
    }

    @Test func execReturnsWhatTheProgramReturned() throws {
        let answers = [managed, started + exited(#""exitCode":42"#)]
        #expect(try netnsctl(["exec", "a", "--", "x"], answers: answers).code == 42)
    }

    @Test func execDiesOfTheProgramsSignal() throws {
        for signal in [SIGTERM, SIGKILL, SIGSEGV] {
            let answers = [managed, started + exited(#""signal":\#(signal)"#)]
            let outcome = try netnsctl(["exec", "a", "--", "x"], answers: answers)
            #expect(outcome.signal == signal)
            #expect(outcome.status & 0x80 == 0, "a core was dumped")
        }
    }

    @Test(arguments: [
        (#""reason":"kernel","operation":"execve","errno":"ENOENT""#, 127),
        (#""reason":"kernel","operation":"execve","errno":"EACCES""#, 126),
        (#""reason":"kernel","operation":"setgroups","errno":"EPERM""#, 125), (#""reason":"not-found""#, 125),
    ])
    func execSaysWhyNothingRan(_ data: String, _ code: CInt) throws {
        let answers = [managed, refusal(2, "it did not run", data)]
        let outcome = try netnsctl(["exec", "a", "--", "x"], answers: answers)
        #expect(outcome.code == code && outcome.errors.hasPrefix("netnsctl: it did not run"))
    }

    @Test(arguments: [["exec", "a", "--", "x"], ["exec", "a"], ["exec", "--wrong", "a", "x"]])
    func execsOwnFailuresAre125(_ words: [String]) throws {
        #expect(try netnsctl(words, socket: nowhere).code == 125)
    }
}
