// The agent's end of netnsd-spawn, the process that starts people's programs.

import CLinux
public import Descriptors
import Glibc
public import SystemPackage

/// What is done for a program before it runs; a failure names it. The steps and their order: CLinuxSpawn.h.
public struct SpawnStep: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    init(_ step: clinux_spawn_step) { self.init(rawValue: step.rawValue) }

    /// The program itself: all before it was done.
    public static let execve = SpawnStep(CLINUX_SPAWN_STEP_EXECVE)
    /// Making or entering a delegated namespace's user namespace.
    public static let userNamespace = SpawnStep(CLINUX_SPAWN_STEP_USERNS)
    public static let networkNamespace = SpawnStep(CLINUX_SPAWN_STEP_NETNS)

    /// In the manual pages' words: `setgroups`, `execve`.
    public var description: String {
        guard let name = unsafe clinux_spawn_step_name(rawValue) else { return "step \(rawValue)" }
        return unsafe String(cString: name)
    }

    /// The exit status that tells people whose fault it was, as env(1) has it: 127 the program was not found, 126 it
    /// could not be executed, 125 anything before that.
    public func exitStatus(for errno: Errno) -> Int {
        guard self == .execve else { return 125 }
        return errno == .noSuchFileOrDirectory ? 127 : 126
    }
}

/// How a program ended (wait(2)).
public enum ProgramEnd: Hashable, Sendable {
    case exited(status: CInt)
    case signalled(CInt, coreDumped: Bool)

    /// From waitpid(2)'s status; its macros are not imported.
    init(waitStatus status: CInt) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited(status: status >> 8 & 0xff) : .signalled(signal, coreDumped: status & 0x80 != 0)
    }
}

/// What the spawner reports.
public enum SpawnerEvent: Sendable {
    /// The program runs. Always before its end. No pidfd where this process had no room for one more descriptor.
    case started(id: UInt64, pid: pid_t, pidfd: SharedDescriptor?)
    /// It never ran.
    case failed(id: UInt64, step: SpawnStep, Errno)
    /// A program that was `started` is gone. Another one may have its pid from the next event on.
    case ended(pid: pid_t, ProgramEnd)
    /// The delegated network namespace is there; what holds it is the descriptor. Where this process had no room for
    /// one more, the request has `failed`.
    case made(id: UInt64, namespace: SharedDescriptor)
    /// The spawner is gone; nothing follows. Programs it started run on.
    case closed
}

/// A running netnsd-spawn. When this is let go of, the spawner leaves after its last program has ended.
public final class SpawnerConnection: Sendable {
    public let pid: pid_t
    private let socket: Descriptor

    /// To be waited for (readable: events).
    public var fd: CInt { socket.raw }

    private init(pid: pid_t, socket: consuming Descriptor) {
        self.pid = pid
        self.socket = socket
    }

    /// Starts the spawner. To be called before this process confines itself: what confines it then, confines people's
    /// programs. The spawner gets nothing of this process but standard error.
    public static func start(executable: String) throws(SystemError) -> SpawnerConnection {
        var pid: pid_t = 0
        let socket = try Descriptor("posix_spawn", executable) { unsafe clinux_spawn_start(executable, &pid) }
        return SpawnerConnection(pid: pid, socket: socket)
    }

    /// Asks for a program. The answer is an event with the request's id, unless this throws: EAGAIN while the spawner
    /// has as much to do as the socket holds, EPIPE when it is gone, EINVAL and E2BIG for a request that has no form.
    public func request(_ request: SpawnRequest) throws(SystemError) {
        try self.request(request, body: try request.body())
    }

    /// Asks for a delegated network namespace; answers and errors as for a program.
    public func request(_ request: DelegateRequest) throws(SystemError) {
        let bits: UInt32 = request.userNamespace == nil ? 0 : 1 << UInt32(CLINUX_SPAWN_USERNS)
        try send(
            CLINUX_SPAWN_DELEGATE, id: request.id, body: request.body(), request.userNamespace.map { [$0] } ?? [],
            bits: bits | 1 << UInt32(CLINUX_SPAWN_BODY))
    }

    func request(_ request: SpawnRequest, body: [UInt8]) throws(SystemError) {
        let roles = request.roles
        try send(CLINUX_SPAWN_START, id: request.id, body: body, roles.descriptors, bits: roles.bits)
    }

    private func send(
        _ kind: Int, id: UInt64, body: [UInt8], _ others: [SharedDescriptor], bits: UInt32
    ) throws(SystemError) {
        let memory = try Descriptor("memfd_create") { unsafe clinux_memfd("netnsd-spawn") }
        try write(body, to: memory, "memfd")
        try system("fcntl", "F_ADD_SEALS") { clinux_spawn_seal(memory.raw) }
        let descriptors = [SharedDescriptor(memory)] + others
        try send(kind, id: id, descriptors.map(\.raw), bits: bits)
        withExtendedLifetime(descriptors) {}
    }

    /// Kills what a request has started if its program does not run yet: it may be held up for ever by a file system
    /// that does not answer. The request's event comes all the same.
    public func cancel(id: UInt64) throws(SystemError) {
        try send(CLINUX_SPAWN_CANCEL, id: id, [], bits: 0)
    }

    /// Has the program of a start outlive this process. One that was not asked for by this is killed when the spawner
    /// sees this process's end.
    public func keep(id: UInt64) throws(SystemError) {
        try send(CLINUX_SPAWN_KEEP, id: id, [], bits: 0)
    }

    private func send(_ kind: Int, id: UInt64, _ descriptors: [CInt], bits: UInt32) throws(SystemError) {
        let datagram = clinux_spawn_datagram(
            version: CLINUX_SPAWN_VERSION, kind: UInt32(kind), id: id, descriptors: bits, reserved: 0)
        try system("sendmsg", "netnsd-spawn") {
            unsafe withUnsafeBytes(of: datagram) {
                unsafe clinux_send(fd, $0.baseAddress, $0.count, descriptors, descriptors.count)
            }
        }
    }

    /// All that the spawner has reported so far; never waits. After `closed` there is nothing more to wait for.
    public func receive() throws(SystemError) -> [SpawnerEvent] {
        var events: [SpawnerEvent] = []
        while true {
            var event = clinux_spawn_event()
            var received = clinux_received()
            let count: Int
            do {
                count = try system("recvmsg", "netnsd-spawn") {
                    unsafe withUnsafeMutableBytes(of: &event) {
                        unsafe clinux_receive(fd, $0.baseAddress, $0.count, 0, &received)
                    }
                }
            } catch  where error.errno == .wouldBlock {
                return events
            } catch  where error.errno == .connectionReset {
                count = 0  // it left requests unread
            } catch {
                // What has come is not forgotten for what has not.
                if events.isEmpty { throw error }
                return events
            }
            guard count > 0 else {
                // Its exit follows at once; nobody else waits for it.
                _ = waitpid(pid, nil, 0)
                return events + [.closed]
            }
            let descriptors = (0..<received.descriptorCount).map { index in
                let raw = unsafe withUnsafeBytes(of: &received.descriptors) {
                    unsafe $0.load(fromByteOffset: index * MemoryLayout<CInt>.stride, as: CInt.self)
                }
                return SharedDescriptor(Descriptor(owning: raw))
            }
            guard count == MemoryLayout<clinux_spawn_event>.size, event.version == CLINUX_SPAWN_VERSION else {
                throw SystemError(Errno(rawValue: EPROTO), "recvmsg", "netnsd-spawn")
            }
            events.append(try Self.decode(event, descriptors.first))
        }
    }

    private static func decode(
        _ event: clinux_spawn_event, _ descriptor: SharedDescriptor?
    ) throws(SystemError) -> SpawnerEvent {
        switch Int(event.kind) {
        case CLINUX_SPAWN_STARTED:
            return .started(id: event.id, pid: event.pid, pidfd: descriptor)
        case CLINUX_SPAWN_FAILED:
            return .failed(id: event.id, step: SpawnStep(rawValue: event.step), Errno(rawValue: event.error))
        case CLINUX_SPAWN_ENDED:
            return .ended(pid: event.pid, ProgramEnd(waitStatus: event.status))
        case CLINUX_SPAWN_MADE:
            guard let descriptor else {
                return .failed(id: event.id, step: SpawnStep(CLINUX_SPAWN_STEP_OPEN), Errno(rawValue: EMFILE))
            }
            return .made(id: event.id, namespace: descriptor)
        default:
            throw SystemError(Errno(rawValue: EPROTO), "recvmsg", "netnsd-spawn")
        }
    }
}
