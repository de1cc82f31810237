// What the tests of netnsd-spawn share: a spawner of their own, programs with pipes, a look at a running program.

import CLinux
import Descriptors
import Glibc
import SystemPackage

@testable import Linux

/// Uids without an account: the kernel needs none.
let alice = SpawnRequest.Owner(uid: 64001, gid: 64101, groups: [64101, 64201, 64202])
let bob = SpawnRequest.Owner(uid: 64002, gid: 64102, groups: [])

/// A directory for one test, open to everybody, removed with the value.
final class TestDirectory {
    let path: String

    init() throws(SystemError) {
        var template = Array("/tmp/netnsd-spawn-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError(Errno(rawValue: errno), "mkdtemp") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        chmod(path, 0o755)
    }

    deinit {
        for name in (try? filesInDirectory(path)) ?? [] {
            if unlink("\(path)/\(name)") != 0 { rmdir("\(path)/\(name)") }
        }
        rmdir(path)
    }

    func file(_ name: String, _ content: String, mode: mode_t = 0o644) throws -> String {
        let file = "\(path)/\(name)"
        try writeFileAtomically(file, Array(content.utf8))
        chmod(file, mode)
        return file
    }

    func copy(of source: String, as name: String, mode: mode_t) throws -> String {
        let file = "\(path)/\(name)"
        try writeFileAtomically(file, readFile(source) ?? [])
        chmod(file, mode)
        return file
    }
}

func open(_ path: String, _ flags: CInt = O_RDONLY) throws(SystemError) -> SharedDescriptor {
    SharedDescriptor(try Descriptor("open", path) { clinux_open(path, flags | O_CLOEXEC, 0) })
}

/// A new network namespace, made by a thread that ends.
func newNetworkNamespace() throws -> SharedDescriptor {
    let done = Monitor<Result<SharedDescriptor, SystemError>?>(nil)
    try startThread(named: "test") {
        let result = Result { () throws(SystemError) in
            try system("unshare") { clinux_unshare_net() }
            return try open("/proc/thread-self/ns/net")
        }
        done.change { $0 = result }
    }
    return try done.take { $0 }.get()
}

/// A pipe (pipe(7)).
func makePipe() throws(SystemError) -> (read: SharedDescriptor, write: SharedDescriptor) {
    var ends: [CInt] = [-1, -1]
    try system("pipe") { pipe(&ends) }
    for end in ends { _ = clinux_fcntl(end, F_SETFD, Int(FD_CLOEXEC)) }
    return (SharedDescriptor(Descriptor(owning: ends[0])), SharedDescriptor(Descriptor(owning: ends[1])))
}

/// A pseudo-terminal.
func makeTerminal() throws(SystemError) -> (near: SharedDescriptor, far: SharedDescriptor) {
    var near: CInt = -1
    var far: CInt = -1
    try system("posix_openpt") { clinux_open_pty(&near, &far) }
    return (SharedDescriptor(Descriptor(owning: near)), SharedDescriptor(Descriptor(owning: far)))
}

func readAll(_ descriptor: SharedDescriptor) throws(SystemError) -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = try system("read") { Glibc.read(descriptor.raw, &chunk, chunk.count) }
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += chunk[..<count]
    }
}

/// What `/proc/PID/name` says; `status` as keys and values.
func proc(_ pid: pid_t, _ name: String) throws(SystemError) -> String {
    String(decoding: try readFile("/proc/\(pid)/\(name)") ?? [], as: UTF8.self)
}

func status(_ pid: pid_t) throws(SystemError) -> [String: String] {
    var fields: [String: String] = [:]
    for line in try proc(pid, "status").split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 1)
        fields[String(parts[0])] = parts[1].split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    return fields
}

func link(_ path: String) -> String {
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = target.withUnsafeMutableBytes { readlink(path, $0.baseAddress!, $0.count) }
    return String(decoding: target.prefix(max(0, count)), as: UTF8.self)
}

/// The descriptors a process has.
func descriptors(of pid: pid_t) throws(SystemError) -> [String] { try filesInDirectory("/proc/\(pid)/fd") }

/// Whether those are all it has, once its dynamic linker has closed the libraries it reads.
func settledDescriptors(of pid: pid_t, _ expected: [String]) throws -> Bool {
    for _ in 0..<1000 {
        if try descriptors(of: pid) == expected { return true }
        usleep(10_000)
    }
    return false
}

/// How many children a process has, zombies among them.
func children(of pid: pid_t) throws(SystemError) -> Int {
    try proc(pid, "task/\(pid)/children").split(separator: " ").count
}

/// A spawner and what it has reported.
final class TestSpawner {
    let connection: SpawnerConnection
    let namespace: SharedDescriptor
    let root: SharedDescriptor
    private var nextId: UInt64 = 0
    private var events: [SpawnerEvent] = []

    /// How many descriptors a spawner has that does nothing: 0–2, the socket, epoll, the signalfd.
    static let restingDescriptors = 6

    /// The executable lies beside the test's own.
    static var executable: String {
        let directory = getenv("NETNSD_BUILD").map { String(cString: $0) }
        let own = link("/proc/self/exe")
        return (directory ?? String(own[..<own.lastIndex(of: "/")!])) + "/netnsd-spawn"
    }

    init(executable: String = TestSpawner.executable) throws {
        connection = try SpawnerConnection.start(executable: executable)
        namespace = try open("/proc/self/ns/net")
        root = try open("/")
    }

    func request(
        _ arguments: [String], owner: SpawnRequest.Owner = alice, environment: [String] = ["PATH=/usr/bin:/bin"]
    ) -> SpawnRequest {
        nextId += 1
        return SpawnRequest(
            id: nextId, owner: owner, arguments: arguments, environment: environment, networkNamespace: namespace,
            directory: root)
    }

    /// Waits for the first event that `pick` takes.
    func wait<Result>(_ pick: (SpawnerEvent) -> Result?) throws -> Result {
        while true {
            for index in events.indices {
                if let result = pick(events[index]) {
                    events.remove(at: index)
                    return result
                }
            }
            var ready = pollfd(fd: connection.fd, events: Int16(POLLIN), revents: 0)
            // Not a measure of anything: a test that waits in vain ends.
            guard try system("poll", "", { poll(&ready, 1, 60_000) }) == 1 else {
                throw SystemError(Errno(rawValue: ETIMEDOUT), "poll", "netnsd-spawn")
            }
            events += try connection.receive()
        }
    }

    enum Answer: Equatable {
        case started(pid_t)
        case failed(SpawnStep, Errno)
    }

    func answer(to id: UInt64) throws -> Answer {
        try wait { event in
            switch event {
            case .started(id, let pid, _): .started(pid)
            case .failed(id, let step, let errno): .failed(step, errno)
            default: nil
            }
        }
    }

    func ask(_ request: SpawnRequest) throws -> Answer {
        try connection.request(request)
        return try answer(to: request.id)
    }

    /// Starts what must start.
    func start(_ request: SpawnRequest) throws -> pid_t {
        switch try ask(request) {
        case .started(let pid): return pid
        case .failed(let step, let errno): throw SystemError(errno, step.description)
        }
    }

    func end(of pid: pid_t) throws -> ProgramEnd {
        try wait { event in
            if case .ended(pid, let end) = event { end } else { nil }
        }
    }

    /// Runs a program to its end: what it wrote to standard output and error, and how it ended.
    func run(_ request: SpawnRequest) throws -> (output: String, end: ProgramEnd) {
        let pid: pid_t
        let output: SharedDescriptor
        do {
            let pipe = try makePipe()
            var request = request
            request.standardOutput = pipe.write
            request.standardError = pipe.write
            if request.standardInput == nil { request.standardInput = try open("/dev/null") }
            pid = try start(request)
            output = pipe.read
        }
        let text = try readAll(output)
        return (text, try end(of: pid))
    }

    /// Runs a shell script.
    func run(_ script: String, as owner: SpawnRequest.Owner = alice) throws -> (output: String, end: ProgramEnd) {
        try run(request(["sh", "-c", script], owner: owner))
    }

    /// Lets `body` look at a program that waits, then ends it.
    func whileRunning(_ change: (inout SpawnRequest) -> Void = { _ in }, _ body: (pid_t) throws -> Void) throws {
        var request = request(["sleep", "1000000"])
        change(&request)
        let pid = try start(request)
        defer { kill(pid, SIGKILL) }
        try body(pid)
        kill(pid, SIGKILL)
        _ = try end(of: pid)
    }
}
