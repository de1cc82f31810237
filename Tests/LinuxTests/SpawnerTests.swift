// netnsd-spawn itself: what it answers, what it survives, what it leaves behind.

import CLinux
import Descriptors
import Glibc
import SystemPackage
import Testing

@testable import Linux

@Suite(.serialized) struct SpawnerTests {
    let spawner: TestSpawner
    let directory: TestDirectory

    init() throws {
        spawner = try TestSpawner()
        directory = try TestDirectory()
    }

    @Test func nothingOfTheAgentsReachesIt() throws {
        let leak = Glibc.open("/dev/null", O_RDONLY)  // without close-on-exec
        defer { close(leak) }
        setenv("NETNSD_TEST_LEAK", "1", 1)
        let fresh = try TestSpawner()
        let pid = fresh.connection.pid
        #expect(try fresh.run("true").end == .exited(status: 0))
        #expect(try descriptors(of: pid).count == TestSpawner.restingDescriptors)
        #expect(link("/proc/\(pid)/fd/0") == "/dev/null" && link("/proc/\(pid)/fd/1") == "/dev/null")
        #expect(try proc(pid, "environ") == "")
        #expect(getsid(pid) == pid)
        #expect(link("/proc/\(pid)/cwd") == "/")
        #expect(try status(pid)["Threads"] == "1")
    }

    @Test func endsAreReported() throws {
        #expect(try spawner.run("exit 7").end == .exited(status: 7))
        #expect(try spawner.run("kill -TERM $$").end == .signalled(SIGTERM, coreDumped: false))
        #expect(try spawner.run("exit 255").end == .exited(status: 255))
        var request = spawner.request(["sh", "-c", "kill -SEGV $$"])
        request.limits = [ResourceLimit(.core, soft: 0, hard: 0)]
        #expect(try spawner.run(request).end == .signalled(SIGSEGV, coreDumped: false))
    }

    @Test func thePidfdIsThePrograms() throws {
        let request = spawner.request(["sleep", "1000000"])
        try spawner.connection.request(request)
        let (pid, pidfd) = try spawner.wait { event in
            if case .started(request.id, let pid, let pidfd?) = event { (pid, pidfd) } else { nil }
        }
        #expect(clinux_pidfd_send_signal(pidfd.raw, SIGUSR1) == 0)
        #expect(try spawner.end(of: pid) == .signalled(SIGUSR1, coreDumped: false))
    }

    // MARK: Finding the program

    @Test func notFoundAndNotExecutableAreToldApart() throws {
        func failure(_ program: String, path: String = "/usr/bin:/bin") throws -> Int? {
            let request = spawner.request([program], environment: ["PATH=\(path)"])
            guard case .failed(let step, let errno) = try spawner.ask(request) else { return nil }
            #expect(step == .execve)
            return step.exitStatus(for: errno)
        }
        let plain = try directory.file("plain", "#!/bin/sh\n", mode: 0o644)
        #expect(try failure("netnsd-no-such-program") == 127)
        #expect(try failure("/nowhere/at-all") == 127)
        #expect(try failure("") == 127)
        #expect(try failure(plain) == 126)
        #expect(try failure("plain", path: "/nowhere:\(directory.path):/bin") == 126)
        #expect(try failure("/tmp") == 126)
        #expect(try failure(String(repeating: "x", count: 5000)) == 126)
        #expect(SpawnStep(CLINUX_SPAWN_STEP_SETGROUPS).exitStatus(for: .notPermitted) == 125)
    }

    @Test func theProgramIsSearchedInItsOwnPath() throws {
        _ = try directory.file("tool", "", mode: 0o644)
        let other = try TestDirectory()
        _ = try other.file("tool", "#!/bin/sh\necho \"$0\"\n", mode: 0o755)
        // One that may not be executed does not end the search.
        let path = "PATH=/etc/passwd:\(directory.path):\(other.path)"
        #expect(try spawner.run(spawner.request(["tool"], environment: [path])).output == "\(other.path)/tool\n")
        // An empty entry is the working directory.
        var request = spawner.request(["tool"], environment: ["PATH="])
        request.directory = try open(other.path)
        #expect(try spawner.run(request).output == "tool\n")
        // Without PATH: execvp(3)'s default.
        #expect(try spawner.run(spawner.request(["echo", "found"], environment: [])).output == "found\n")
    }

    @Test func aScriptWithoutInterpreterLineIsTheShells() throws {
        let script = try directory.file("script", "echo \"$0 $*\"\n", mode: 0o755)
        #expect(try spawner.run(spawner.request([script, "a", "b c"])).output == "\(script) a b c\n")
    }

    @Test func argumentZeroCanDiffer() throws {
        var request = spawner.request(["-login", "-c", "echo $0"])
        request.program = "/bin/sh"
        #expect(try spawner.run(request).output == "-login\n")
    }

    @Test func bytesThatAreNoTextArriveAsTheyAre() throws {
        var request = spawner.request(["sh", "-c", "printf %s \"$1$V\" | od -An -tx1", "sh"])
        request.arguments.append([0xff, 0xc0, 0x0a])
        request.environment.append([0x56, 0x3d, 0xfe])
        #expect(try spawner.run(request).output.split(separator: " ").joined() == "ffc00afe\n")
    }

    @Test func aLargeEnvironmentArrives() throws {
        let variables = (0..<9).map { "V\($0)=" + String(repeating: "x", count: 100_000) }
        let request = spawner.request(["sh", "-c", "env | wc -c; echo ${#V8}"], environment: ["PATH=/bin"] + variables)
        let lines = try spawner.run(request).output.split(whereSeparator: \.isWhitespace)
        #expect(lines.count == 2 && Int(lines[0])! > 900_000 && lines[1] == "100000")
    }

    @Test func tooLargeAnEnvironmentIsExecsError() throws {
        let request = spawner.request(["true"], environment: ["V=" + String(repeating: "x", count: 200_000)])
        #expect(try spawner.ask(request) == .failed(.execve, Errno(rawValue: E2BIG)))
        let huge = (0..<100).map { "V\($0)=" + String(repeating: "x", count: 100_000) }
        #expect(throws: SystemError.self) {
            try spawner.connection.request(spawner.request(["true"], environment: huge))
        }
    }

    @Test func whatHasNoFormIsRefused() throws {
        #expect(throws: SystemError.self) { try spawner.connection.request(spawner.request([])) }
        #expect(throws: SystemError.self) { try spawner.connection.request(spawner.request(["a\0b"])) }
        #expect(throws: SystemError.self) {
            try spawner.connection.request(spawner.request(["a"], environment: ["\0"]))
        }
    }

    // MARK: Many

    @Test func aHundredAtOnce() throws {
        let requests = (0..<100).map { _ in spawner.request(["sleep", "1000000"]) }
        for request in requests { try spawner.connection.request(request) }
        var pids: Set<pid_t> = []
        for request in requests {
            guard case .started(let pid) = try spawner.answer(to: request.id) else { continue }
            pids.insert(pid)
        }
        #expect(pids.count == 100)
        for pid in pids { kill(pid, SIGKILL) }
        for pid in pids { #expect(try spawner.end(of: pid) == .signalled(SIGKILL, coreDumped: false)) }
        #expect(try children(of: spawner.connection.pid) == 0)
        #expect(try descriptors(of: spawner.connection.pid).count == TestSpawner.restingDescriptors)
    }

    @Test func aThousandOneAfterAnotherLeaveNothing() throws {
        for index in 0..<1000 {
            let request = spawner.request([index % 10 == 9 ? "netnsd-no-such-program" : "true"])
            switch try spawner.ask(request) {
            case .started(let pid): #expect(try spawner.end(of: pid) == .exited(status: 0))
            case .failed(let step, _): #expect(step == .execve && index % 10 == 9)
            }
        }
        #expect(try spawner.run("exit 3").end == .exited(status: 3))
        #expect(try children(of: spawner.connection.pid) == 0)
        #expect(try descriptors(of: spawner.connection.pid).count == TestSpawner.restingDescriptors)
    }

    @Test func answersThatAreNotReadAreNotLost() throws {
        // More than the socket holds: the spawner queues, and stops taking requests.
        var asked: [UInt64] = []
        do {
            while asked.count < 5000 {
                let request = spawner.request(["netnsd-no-such-program"])
                try spawner.connection.request(request)
                asked.append(request.id)
            }
        } catch {
            #expect((error as any Error as? SystemError)?.errno == .wouldBlock)
        }
        for id in asked { #expect(try spawner.answer(to: id) == .failed(.execve, .noSuchFileOrDirectory)) }
        #expect(try spawner.run("exit 4").end == .exited(status: 4))
    }

    // MARK: Faults

    @Test(
        .enabled(if: clinux_spawn_faults),
        arguments: CLINUX_SPAWN_STEP_SETSID.rawValue...CLINUX_SPAWN_STEP_EXECVE.rawValue)
    func aStepThatFailsIsTheEnd(_ number: UInt32) throws {
        let step = SpawnStep(rawValue: number)
        let terminal = try makeTerminal()
        chmod(directory.path, 0o777)
        let marker = "\(directory.path)/ran"
        var request = spawner.request(["sh", "-c", "echo >\(marker)"])
        request.standardInput = terminal.far
        request.hasControllingTerminal = true
        request.nice = 1
        request.scheduling = .init(policy: 0, priority: 0)
        request.outOfMemoryScoreAdjustment = 1
        request.limits = [ResourceLimit(.core, soft: 0, hard: 0)]
        request.binds = [
            .init(source: try directory.file("a", ""), target: try directory.file("b", ""))
        ]
        request.mountNamespace = try open("/proc/self/ns/mnt")
        request.fault = step
        #expect(try spawner.ask(request) == .failed(step, .notPermitted))
        #expect(access(marker, F_OK) != 0)
        // The same request without the fault: the marker shows what would have run.
        // A terminal of its own, because the failed process may not have left the first one yet.
        let another = try makeTerminal()
        request.standardInput = another.far
        request.fault = nil
        request.id += 1000
        #expect(try spawner.end(of: spawner.start(request)) == .exited(status: 0))
        #expect(access(marker, F_OK) == 0)
    }

    @Test func everyStepHasAName() {
        for number in 0..<CLINUX_SPAWN_STEPS.rawValue { #expect(clinux_spawn_step_name(number) != nil) }
        #expect(clinux_spawn_step_name(CLINUX_SPAWN_STEPS.rawValue) == nil)
    }

    @Test func aDamagedBodyHarmsNothing() throws {
        let request = spawner.request(["true"])
        let body = try request.body()
        let values: [UInt32] = [.max, .max / 2, UInt32(body.count), UInt32(body.count) - 8, 1, 0]
        for word in 0..<MemoryLayout<clinux_spawn_body>.size / 4 {
            for value in values {
                var damaged = body
                withUnsafeBytes(of: value) { damaged.replaceSubrange(word * 4..<word * 4 + 4, with: $0) }
                let request = spawner.request(["true"])
                // The id as well, which was the first request's, unless it is what is damaged.
                if word != 2 && word != 3 {
                    withUnsafeBytes(of: request.id) { damaged.replaceSubrange(8..<16, with: $0) }
                }
                try spawner.connection.request(request, body: damaged)
                if case .started(let pid) = try spawner.answer(to: request.id) { _ = try spawner.end(of: pid) }
            }
        }
        for count in [0, 8, MemoryLayout<clinux_spawn_body>.size - 1, body.count - 1] {
            let request = spawner.request(["true"])
            try spawner.connection.request(request, body: Array(body.prefix(count)))
            guard case .failed(SpawnStep(CLINUX_SPAWN_STEP_REQUEST), _) = try spawner.answer(to: request.id) else {
                Issue.record("a body of \(count) bytes was taken")
                continue
            }
        }
        #expect(try spawner.run("exit 5").end == .exited(status: 5))
    }

    @Test func descriptorsOfTheWrongKindAreErrors() throws {
        let null = try open("/dev/null")
        var request = spawner.request(["true"])
        request.networkNamespace = null
        #expect(try spawner.ask(request) == .failed(SpawnStep(CLINUX_SPAWN_STEP_SETNS), .invalidArgument))
        request = spawner.request(["true"])
        request.directory = null
        #expect(try spawner.ask(request) == .failed(SpawnStep(CLINUX_SPAWN_STEP_DIRECTORY), .notDirectory))
        request = spawner.request(["true"])
        request.cgroup = null
        #expect(try spawner.ask(request) == .failed(SpawnStep(CLINUX_SPAWN_STEP_CLONE), .badFileDescriptor))
    }

    @Test func withoutRoomForDescriptorsItAnswersAndGoesOn() throws {
        let pid = spawner.connection.pid
        #expect(try spawner.run("true").end == .exited(status: 0))
        let old = try ResourceLimit(.openFiles, of: pid)
        func limit(_ files: UInt64) throws {
            let new = [files, old.hard]
            try system("prlimit") { clinux_prlimit(pid, ResourceLimit.Resource.openFiles.rawValue, new, nil) }
        }
        try limit(7)  // six are open
        #expect(
            try spawner.ask(spawner.request(["true"]))
                == .failed(SpawnStep(CLINUX_SPAWN_STEP_REQUEST), .tooManyOpenFiles))
        try limit(10)  // enough for the request, not for a pipe
        #expect(
            try spawner.ask(spawner.request(["true"])) == .failed(SpawnStep(CLINUX_SPAWN_STEP_PIPE), .tooManyOpenFiles))
        try limit(old.soft)
        #expect(try spawner.run("true").end == .exited(status: 0))
        #expect(try descriptors(of: pid).count == TestSpawner.restingDescriptors)
    }

    @Test func oneThatHangsHoldsUpNobodyAndCanBeCancelled() throws {
        // execve(2) of a file with a write lease waits for the lease's holder (fcntl(2), "Leases").
        signal(SIGIO, SIG_IGN)
        let program = try directory.copy(of: "/bin/true", as: "program", mode: 0o755)
        let lease = try open(program, O_RDWR)
        let type = CInt(F_WRLCK)
        try system("fcntl", "F_SETLEASE") { clinux_fcntl(lease.raw, 1024, Int(type)) }  // F_LINUX_SPECIFIC_BASE + 0
        let hanging = spawner.request([program])
        try spawner.connection.request(hanging)
        #expect(try spawner.run("exit 6").end == .exited(status: 6))
        try spawner.connection.cancel(id: hanging.id)
        guard case .started(let pid) = try spawner.answer(to: hanging.id) else {
            Issue.record("a cancelled start was reported as failed")
            return
        }
        #expect(try spawner.end(of: pid) == .signalled(SIGKILL, coreDumped: false))
        #expect(try descriptors(of: spawner.connection.pid).count == TestSpawner.restingDescriptors)
    }

    // MARK: Without the agent

    @Test func keptProgramsOutliveTheAgent() throws {
        let input = try makePipe()
        let output = try makePipe()
        let spawner: pid_t
        let program: pid_t
        do {
            let agent = try TestSpawner()
            spawner = agent.connection.pid
            var request = agent.request(["sh", "-c", "read go; echo done"])
            request.standardInput = input.read
            request.standardOutput = output.write
            program = try agent.start(request)
            try agent.connection.keep(id: request.id)
        }
        #expect(try status(spawner)["State"]?.hasPrefix("Z") == false)
        #expect(kill(program, 0) == 0)
        #expect(Glibc.write(input.write.raw, "\n", 1) == 1)
        var end: CInt = -1
        #expect(waitpid(spawner, &end, 0) == spawner)
        #expect(end == 0)
        var text = [UInt8](repeating: 0, count: 16)
        #expect(Glibc.read(output.read.raw, &text, text.count) == 5 && text.starts(with: "done\n".utf8))
    }

    @Test func whatIsNotKeptEndsWithTheAgent() throws {
        let spawner: pid_t
        let process: SharedDescriptor
        do {
            let agent = try TestSpawner()
            spawner = agent.connection.pid
            process = try openProcess(agent.start(agent.request(["sleep", "600"])))
        }
        var ready = pollfd(fd: process.raw, events: Int16(POLLIN), revents: 0)
        #expect(poll(&ready, 1, 60_000) == 1)
        #expect(waitpid(spawner, nil, 0) == spawner)
    }

    @Test func theAgentSeesTheSpawnersEnd() throws {
        kill(spawner.connection.pid, SIGKILL)
        let closed: Bool = try spawner.wait { if case .closed = $0 { true } else { nil } }
        #expect(closed)
        #expect(waitpid(spawner.connection.pid, nil, WNOHANG) == -1)
    }

    @Test func byHandItExplainsItself() throws {
        // Descriptor 3 is no socket there.
        var request = spawner.request([TestSpawner.executable])
        let copy = try directory.copy(of: TestSpawner.executable, as: "netnsd-spawn", mode: 0o755)
        request.program = copy
        let (output, end) = try spawner.run(request)
        #expect(end == .exited(status: 125))
        #expect(output.hasPrefix("netnsd-spawn: "))
    }
}
