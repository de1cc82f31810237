// Calls, notifications, descriptors and faults, against an agent that is told what to say.

import CLinux
import Descriptors
import Glibc
import SystemPackage
import Testing

@testable import NetnsClient

private func ok(_ id: Int, _ result: String) -> String { #"{"jsonrpc":"2.0","id":\#(id),"result":\#(result)}"# + "\n" }

private func name(_ text: String) -> NamespaceSelector { NamespaceSelector(text)! }

@Suite struct CallTests {
    @Test func aRequestIsOneLineAndItsResultIsTyped() throws {
        let (connection, agent) = try FakeAgent.pair()
        let call = try connection.send(NetnsAdd.self, .init(name: name("server")))
        #expect(
            try agent.hear() == ["jsonrpc": "2.0", "id": 1, "method": "netns.add", "params": ["name": "server"]])
        try agent.say(ok(1, #"{"name":"server","id":4,"uid":1000,"user":"alice","state":"live","delegated":false}"#))
        let result = try connection.receive(call).result
        #expect(result.name == name("server"))
        #expect(result.id == 4 && result.user == "alice" && result.state == .live)
    }

    @Test func aReplyMayComeByteByByte() throws {
        let (connection, agent) = try FakeAgent.pair()
        let call = try connection.send(AddrFlush.self, ForNamespace(Place(name("a")), AddressFilter()))
        for byte in ok(1, #"{"removed":3}"#).unicodeScalars { try agent.say(String(byte)) }
        #expect(try connection.receive(call).result == Flushed(removed: 3))
    }

    @Test func repliesAreTakenInTheOrderOfTheirRequests() throws {
        let (connection, agent) = try FakeAgent.pair()
        let calls = try (0..<3).map { _ in
            try connection.send(AddrFlush.self, ForNamespace(Place(name("a")), AddressFilter()))
        }
        try agent.say((1...3).map { ok($0, #"{"removed":\#($0)}"#) }.joined())
        #expect(try calls.map { try connection.receive($0).result.removed } == [1, 2, 3])
    }

    @Test func whatIsNotKnownIsIgnoredAndKept() throws {
        let (connection, agent) = try FakeAgent.pair()
        let call = try connection.send(AddrFlush.self, ForNamespace(Place(name("a")), AddressFilter()))
        try agent.say(#"{"jsonrpc":"2.0","id":1,"result":{"removed":1,"later":[1]},"also":true}"# + "\n")
        let response = try connection.receive(call)
        #expect(response.result.removed == 1)
        #expect(response.json == ["removed": 1, "later": [1]])
    }

    @Test func aRefusalKeepsItsReasonAndItsDetails() throws {
        let (connection, agent) = try FakeAgent.pair()
        let call = try connection.send(NetnsAdd.self, .init(name: name("ninth")))
        try agent.say(
            #"{"jsonrpc":"2.0","id":1,"error":{"code":-32002,"message":"no more","data":{"reason":"quota-exceeded","#
                + #""resource":"namespaces","limit":8,"used":8,"rule":"defaults"}}}"# + "\n")
        let refusal = try #require(throws: WireError.self) { try connection.receive(call) }
        #expect(refusal.reason == .quotaExceeded && refusal.message == "no more")
        #expect(refusal.details.resource == .namespaces && refusal.details.limit == 8 && refusal.details.used == 8)
        // The connection is as good as before.
        let next = try connection.send(AddrFlush.self, ForNamespace(Place(name("a")), AddressFilter()))
        try agent.say(ok(2, #"{"removed":0}"#))
        #expect(try connection.receive(next).result.removed == 0)
    }

    @Test func aReasonThatIsNotKnownYetIsStillARefusal() throws {
        let (connection, agent) = try FakeAgent.pair()
        let call = try connection.send(NetnsAdd.self, .init(name: name("a")))
        try agent.say(
            #"{"jsonrpc":"2.0","id":1,"error":{"code":-32050,"message":"too late","data":{"reason":"too-late"}}}"#
                + "\n")
        let refusal = try #require(throws: WireError.self) { try connection.receive(call) }
        #expect(refusal.message == "too late")
    }

    @Test func manyRequestsSentAheadDoNotStop() throws {
        // More than both directions of the socket hold: the agent answers only what it has read, in a thread of its own.
        let (connection, agent) = try FakeAgent.pair()
        let count = 4000
        let agentsEnd = dup(agent.socket.descriptor.raw)
        var thread = pthread_t()
        let argument = UnsafeMutablePointer<CInt>.allocate(capacity: 1)
        argument.initialize(to: agentsEnd)
        pthread_create(
            &thread, nil,
            { argument in
                let fd = argument!.load(as: CInt.self)
                var (id, byte) = (0, UInt8(0))
                while read(fd, &byte, 1) == 1 {
                    guard byte == UInt8(ascii: "\n") else { continue }
                    id += 1
                    let line =
                        Array(#"{"jsonrpc":"2.0","id":\#(id),"result":{"removed":1}}"#.utf8) + [UInt8(ascii: "\n")]
                    var sent = 0
                    while sent < line.count { sent += max(0, write(fd, Array(line[sent...]), line.count - sent)) }
                }
                return nil
            }, argument)
        var calls: [PendingCall<AddrFlush>] = []
        for _ in 0..<count {
            calls.append(try connection.send(AddrFlush.self, ForNamespace(Place(name("a")), AddressFilter())))
        }
        var removed = 0
        for call in calls { removed += try connection.receive(call).result.removed }
        #expect(removed == count)
        shutdown(agentsEnd, CInt(SHUT_RDWR))
        pthread_join(thread, nil)
        close(agentsEnd)
        argument.deallocate()
    }

    @Test func aRequestLongerThanALineIsNotSent() throws {
        let (connection, agent) = try FakeAgent.pair()
        let keys = [SysctlKey](repeating: SysctlKey("net.ipv4.ip_forward")!, count: 60_000)
        #expect(throws: ConnectionError.self) {
            try connection.call(SysctlGet.self, ForNamespace(Place(name("a")), SysctlKeys(keys)))
        }
        let call = try connection.send(AddrFlush.self, ForNamespace(Place(name("a")), AddressFilter()))
        try agent.say(ok(1, #"{"removed":0}"#))
        #expect(try connection.receive(call).result.removed == 0)
    }
}

@Suite struct NotificationTests {
    private let exited = #"{"jsonrpc":"2.0","method":"netns.exited","params":{"pid":7,"exitCode":3}}"# + "\n"
    private let event =
        #"{"jsonrpc":"2.0","method":"event","params":{"action":"added","subject":"netns","netns":"a"}}"# + "\n"

    @Test func theyMayStandBetweenReplies() throws {
        let (connection, agent) = try FakeAgent.pair()
        let calls = try (0..<2).map { _ in
            try connection.send(AddrFlush.self, ForNamespace(Place(name("a")), AddressFilter()))
        }
        try agent.say(exited + ok(1, #"{"removed":1}"#) + event + ok(2, #"{"removed":2}"#))
        #expect(try calls.map { try connection.receive($0).result.removed } == [1, 2])
        #expect(connection.hasNotification)
        guard case .exited(let end) = try connection.nextNotification().content else {
            Issue.record("no netns.exited")
            return
        }
        #expect(end.pid == 7 && end.exitCode == 3 && end.signal == nil)
        #expect(try connection.nextNotification().method == "event")
        #expect(!connection.hasNotification)
    }

    @Test func eventsAreFoundAmongOthers() throws {
        let (connection, agent) = try FakeAgent.pair()
        try agent.say(exited + event)
        let found = try connection.nextEvent()
        #expect(found.action == .added && found.subject == .netns && found.netns == name("a"))
        #expect(try connection.nextNotification().method == NetnsExited.name)
    }

    @Test func anUnknownOneIsPassedOnAsItIs() throws {
        let (connection, agent) = try FakeAgent.pair()
        try agent.say(#"{"jsonrpc":"2.0","method":"event","params":{"action":"added","subject":"weather"}}"# + "\n")
        let notification = try connection.nextNotification()
        guard case .other = notification.content else {
            Issue.record("taken for something known")
            return
        }
        #expect(notification.params == ["action": "added", "subject": "weather"])
    }
}

@Suite struct DescriptorTests {
    @Test func theyGoWithTheRequestThatNamesThem() throws {
        let (connection, agent) = try FakeAgent.pair()
        let pipe = try Pipe()
        _ = try connection.send(
            AddrFlush.self, ForNamespace(Place(netnsFileDescriptor: 0), AddressFilter()),
            descriptors: [pipe.reading.raw])
        #expect(try agent.hear()["params"] == ["netnsFileDescriptor": 0])
        try #require(agent.descriptors.count == 1)
        pipe.write(42)
        #expect(Pipe.read(agent.descriptors[0].raw) == 42)
    }

    private let started = #"{"jsonrpc":"2.0","id":1,"result":{"pid":9,"pidFileDescriptor":0}}"#

    private func params() -> NetnsExec.Params {
        .init(
            netns: nil, argv: ProgramArguments(["true"])!, environment: [], workingDirectoryFileDescriptor: 0)
    }

    @Test func whatIsLeftOutIsNotPassed() throws {
        let (connection, agent) = try FakeAgent.pair()
        let pipe = try Pipe()
        try agent.say(started + "\n", descriptors: [pipe.reading.raw])
        _ = try connection.execute(
            ["true"], in: nil, environment: [], standardInput: nil, standardOutput: pipe.writing.raw)
        let request = try agent.hear()
        #expect(agent.descriptors.count == 3)
        #expect(request["params"]?["stdinFileDescriptor"] == nil)
        #expect(request["params"]?["workingDirectoryFileDescriptor"] == 0)
        #expect(request["params"]?["stdoutFileDescriptor"] == 1)
        #expect(request["params"]?["stderrFileDescriptor"] == 2)
    }

    @Test func theyComeWithTheLineTheyWereSentWith() throws {
        let (connection, agent) = try FakeAgent.pair()
        let pipe = try Pipe()
        let first = try connection.send(NetnsExec.self, params(), descriptors: [0])
        let second = try connection.send(AddrFlush.self, ForNamespace(Place(name("a")), AddressFilter()))
        // All is there before the first is read, a line before and a line behind the one with the descriptor.
        try agent.say(#"{"jsonrpc":"2.0","method":"netns.exited","params":{"pid":8,"signal":9}}"# + "\n")
        try agent.say(started + "\n", descriptors: [pipe.reading.raw])
        try agent.say(ok(2, #"{"removed":0}"#))
        let response = try connection.receive(first)
        try #require(response.descriptors.count == 1)
        pipe.write(43)
        #expect(Pipe.read(response.descriptors[0].raw) == 43)
        #expect(try connection.receive(second).descriptors.isEmpty)
    }

    @Test func theyComeWithTheBeginningOfALine() throws {
        let (connection, agent) = try FakeAgent.pair()
        let pipe = try Pipe()
        let call = try connection.send(NetnsExec.self, params(), descriptors: [0])
        try agent.say(String(started.prefix(20)), descriptors: [pipe.reading.raw])
        try agent.say(String(started.dropFirst(20)) + "\n")
        let response = try connection.receive(call)
        try #require(response.descriptors.count == 1)
        pipe.write(44)
        #expect(Pipe.read(response.descriptors[0].raw) == 44)
    }

    @Test func aProgramIsSeenThroughToItsEnd() throws {
        let (connection, agent) = try FakeAgent.pair()
        let pipe = try Pipe()
        // The reply is there before the request: the fake agent needs no thread.
        try agent.say(started + "\n", descriptors: [pipe.reading.raw])
        let program = try connection.execute(["sleep", "9"], in: name("a"), environment: ["A=b"], umask: 0o27)
        let request = try agent.hear()
        #expect(agent.descriptors.count == 4)
        #expect(request["params"]?["argv"] == ["sleep", "9"])
        #expect(request["params"]?["environment"] == ["A=b"])
        #expect(request["params"]?["umask"] == 0o27)
        #expect(program.pid == 9)
        try agent.say(
            #"{"jsonrpc":"2.0","method":"netns.exited","params":{"pid":8,"exitCode":0}}"# + "\n"
                + #"{"jsonrpc":"2.0","method":"netns.exited","params":{"pid":9,"signal":15}}"# + "\n")
        #expect(try connection.wait(for: program) == .signalled(SIGTERM))
        // The other program's end is still there for whoever waits for it.
        #expect(connection.hasNotification)
    }

    @Test func thisProcessesEnvironmentGoesAlong() throws {
        let (connection, agent) = try FakeAgent.pair()
        let pipe = try Pipe()
        setenv("NETNS_CLIENT_TEST", "y=ä", 1)
        try agent.say(started + "\n", descriptors: [pipe.reading.raw])
        _ = try connection.execute(["true"], in: nil)
        let request = try agent.hear()
        #expect(request["params"]?["environment"]?.arrayValue?.contains("NETNS_CLIENT_TEST=y=ä") == true)
        #expect(request["params"]?["netns"] == nil)
    }
}

@Suite struct FaultTests {
    private func flush(_ connection: Connection) throws -> PendingCall<AddrFlush> {
        try connection.send(AddrFlush.self, ForNamespace(Place(NamespaceSelector("a")), AddressFilter()))
    }

    @Test(arguments: [
        "{\"jsonrpc\":\"2.0\",\n", "nonsense\n", "{\"jsonrpc\":\"2.0\",\"id\":1}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"removed\":1}}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"removed\":\"many\"}}\n",
    ])
    func aGarbledReplyEndsTheConnection(_ line: String) throws {
        let (connection, agent) = try FakeAgent.pair()
        let call = try flush(connection)
        try agent.say(line)
        let error = try #require(throws: ConnectionError.self) { try connection.receive(call) }
        guard case .garbled = error else {
            Issue.record("\(error)")
            return
        }
        // Nothing that comes later is believed.
        try agent.say(ok(2, #"{"removed":1}"#))
        let next = try flush(connection)
        #expect(throws: error) { try connection.receive(next) }
    }

    @Test func aReplyCutOffIsSaidToBe() throws {
        let connection: Connection
        let call: PendingCall<AddrFlush>
        do {
            let agent: FakeAgent
            (connection, agent) = try FakeAgent.pair()
            call = try flush(connection)
            try agent.say(#"{"jsonrpc":"2.0","id":1,"#)
        }
        #expect(throws: ConnectionError.closed(pending: true)) { try connection.receive(call) }
    }

    @Test func whyTheAgentClosedIsHeardThoughWritingFails() throws {
        let connection: Connection
        do {
            let agent: FakeAgent
            (connection, agent) = try FakeAgent.pair()
            try agent.say(
                #"{"jsonrpc":"2.0","id":null,"error":{"code":-32002,"message":"16 connections are open","#
                    + #""data":{"reason":"quota-exceeded"}}}"# + "\n")
        }
        let call = try flush(connection)
        let refusal = try #require(throws: WireError.self) { try connection.receive(call) }
        #expect(refusal.message == "16 connections are open")
    }

    @Test func theEndWithoutAnythingDueIsNoCutReply() throws {
        let connection: Connection
        do { (connection, _) = try FakeAgent.pair() }
        #expect(throws: ConnectionError.closed(pending: false)) { try connection.nextNotification() }
    }

    @Test func nobodyThereIsSaidWithThePath() throws {
        let error = try #require(throws: ConnectionError.self) {
            try Connection.connect(path: "/nonexistent/netnsd.sock")
        }
        #expect(error == .noAgent(path: "/nonexistent/netnsd.sock"))
        #expect("\(error)".contains("no agent listens at /nonexistent/netnsd.sock; is netnsd running?"))
    }
}

@Suite struct ForwardingTests {
    @Test func aSignalToThisProcessReachesTheProgram() throws {
        var mask = sigset_t()
        pthread_sigmask(SIG_SETMASK, nil, &mask)
        defer { pthread_sigmask(SIG_SETMASK, &mask, nil) }

        // The test's thread may block the signal, and a child would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var child = pid_t()
        var argv: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("100"), nil]
        defer { for case let word? in argv { free(word) } }
        try #require(posix_spawnp(&child, "sleep", nil, &attributes, &argv, nil) == 0)
        let process = try Descriptor("pidfd_open") { clinux_pidfd_open(child) }

        let (connection, agent) = try FakeAgent.pair()
        try agent.say(
            #"{"jsonrpc":"2.0","id":1,"result":{"pid":\#(child),"pidFileDescriptor":0}}"# + "\n",
            descriptors: [process.raw])
        let program = try connection.execute(["sleep"], in: nil, environment: [])
        let signals = try ForwardedSignals()
        raise(SIGUSR1)
        try program.signal(try #require(signals.next()))
        try agent.say(#"{"jsonrpc":"2.0","method":"netns.exited","params":{"pid":\#(child),"signal":10}}"# + "\n")
        #expect(try connection.wait(for: program) == .signalled(SIGUSR1))

        var status: CInt = 0
        try system("waitpid") { waitpid(child, &status, 0) }
        #expect(status & 0x7F == SIGUSR1)
        // A program that has ended already is no error.
        try program.signal(SIGTERM)
    }
}
