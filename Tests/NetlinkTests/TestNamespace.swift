// A network namespace of a test's own, and iproute2 run in it for comparison.

import CLinux
import Descriptors
import Glibc
import Netlink
import Testing

/// A fresh network namespace. A thread that ends at once makes it; no thread of the test ever stands in it, since a
/// socket opened there works from anywhere.
struct TestNamespace: ~Copyable, Sendable {
    let descriptor: Descriptor
    let socket: NetlinkSocket

    static func fresh() throws -> TestNamespace {
        try onThread {
            try system("unshare") { clinux_unshare_net() }
            let here = try Descriptor("open") { clinux_open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC, 0) }
            return TestNamespace(descriptor: here, socket: try NetlinkSocket())
        }
    }

    /// Something else that belongs to this namespace: a monitor, a second socket.
    func open<Opened: ~Copyable & Sendable>(_ body: @escaping @Sendable () throws -> Opened) throws -> Opened {
        let raw = descriptor.raw
        return try onThread {
            try system("setns") { clinux_setns(raw, CLINUX_CLONE_NEWNET) }
            return try body()
        }
    }

    /// Runs iproute2 in the namespace and gives what it printed.
    @discardableResult
    func ip(_ arguments: String...) throws -> String {
        try output(of: enter + arguments)
    }

    /// The same, with a descriptor as its standard input.
    func ip(_ arguments: [String], input: borrowing Descriptor) throws {
        _ = try output(of: enter + arguments, input: input.raw)
    }

    private var enter: [String] { ["nsenter", "--net=/proc/\(getpid())/fd/\(descriptor.raw)", "ip"] }
}

/// Runs `body` on a thread that ends with it, so it may leave the thread in any namespace.
private func onThread<Result: ~Copyable & Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
    let work = ThreadWork(body)
    let box = Unmanaged.passRetained(work as AnyThreadWork)
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { argument in
            Unmanaged<AnyThreadWork>.fromOpaque(argument!).takeRetainedValue().run()
            return nil
        }, box.toOpaque())
    try #require(code == 0)
    pthread_join(thread, nil)
    if let error = work.error { throw error }
    return work.result.take()!
}

/// What a C callback can name without knowing the result's type.
private class AnyThreadWork {
    func run() {}
}

private final class ThreadWork<Result: ~Copyable & Sendable>: AnyThreadWork {
    let body: @Sendable () throws -> Result
    var result: Result?
    var error: (any Error)?

    init(_ body: @escaping @Sendable () throws -> Result) {
        self.body = body
    }

    override func run() {
        do { result = try body() } catch { self.error = error }
    }
}

/// Runs a program to its end; its standard output, or an error where it failed.
func output(of arguments: [String], input: CInt? = nil) throws -> String {
    var ends: [CInt] = [-1, -1]
    let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue
    try system("socketpair") { socketpair(AF_UNIX, CInt(type), 0, &ends) }
    let reading = Descriptor(owning: ends[0])
    let pid = try spawn(arguments, input: input, output: Descriptor(owning: ends[1]))
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while case let count = try system("read", "", { Glibc.read(reading.raw, &chunk, chunk.count) }), count > 0 {
        output += chunk[..<count]
    }
    var status: CInt = 0
    try system("waitpid") { waitpid(pid, &status, 0) }
    try #require(status == 0, "\(arguments) failed")
    return String(decoding: output, as: UTF8.self)
}

private func spawn(_ arguments: [String], input: CInt?, output: consuming Descriptor) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, output.raw, 1)
    if let input { posix_spawn_file_actions_adddup2(&actions, input, 0) }
    var pid = pid_t()
    let words = arguments.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    let code = posix_spawnp(&pid, arguments[0], &actions, nil, words, environ)
    try #require(code == 0, "\(arguments)")
    return pid
}
