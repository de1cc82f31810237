// Programs people run in their namespaces: started by netnsd-spawn, counted until they end, hung up when the client
// that waits for one is gone.
//
// Each is written down (pid and start time, which together name one process of a boot), so that the next agent knows
// what still runs: the programs outlive the agent, and its spawner stays with them until the last has ended.

import Descriptors
import Glibc
import JSON
import Linux
import Logging
import SystemPackage
import Wire

/// A program that runs.
@EventLoop
final class Program {
    let pid: pid_t
    let owner: Owner
    let namespaceId: Int32
    /// nil where no descriptor was free for it; its end is reported all the same.
    let process: SharedDescriptor?
    /// The mount namespace it was given; one who asks from there is not confined by a stranger.
    let mountNamespace: NamespaceIdentity?
    /// Who waits for it.
    weak var connection: Connection?
    fileprivate var watch: Watch?

    init(
        _ pid: pid_t, _ owner: Owner, in namespaceId: Int32, _ process: SharedDescriptor?, for connection: Connection?
    ) {
        self.pid = pid
        self.owner = owner
        self.namespaceId = namespaceId
        self.process = process
        self.connection = connection
        mountNamespace = NamespaceIdentity(ofPath: "/proc/\(pid)/ns/mnt")
    }

    func signal(_ number: CInt) {
        guard let process else { return }
        sendSignal(number, to: process)
    }
}

/// A program as it is written down.
private struct ProgramRecord: Codable {
    let boot: String
    let pid: pid_t
    let startTime: UInt64
    let owner: Owner
    let namespaceId: Int32
}

@EventLoop
final class Programs {
    unowned var agent: Agent!
    private var spawner: SpawnerConnection
    private let executable: String
    private var watch: Watch?
    private let directory: String
    private let boot: String
    private var programs: [pid_t: Program] = [:]
    private var nextRequest: UInt64 = 1
    private var waiting: [UInt64: Waiting] = [:]

    /// A start that is not answered yet.
    private struct Waiting {
        let owner: Owner
        let namespaceId: Int32
        let connection: Connection
        let continuation: CheckedContinuation<Program, any Error>
    }

    /// SIGHUP at once, then these after so many milliseconds, to one that is still there.
    private static let hangUpSteps: [(afterMilliseconds: Int, signal: CInt)] = [
        (0, SIGHUP), (5000, SIGTERM), (10_000, SIGKILL),
    ]

    init(spawner: SpawnerConnection, executable: String, directory: String, boot: String) throws {
        self.spawner = spawner
        self.executable = executable
        self.directory = directory
        self.boot = boot
        try makeDirectories(directory, mode: 0o700)
    }

    /// Listens to the spawner.
    func start() throws {
        watch = try Watch(spawner.fd, .readable) { [weak self] _ in self?.read() }
    }

    /// Mount namespaces that were made for the user's own programs.
    func mountNamespaces(of owner: Owner) -> Set<NamespaceIdentity> {
        Set(programs.values.filter { $0.owner == owner }.compactMap(\.mountNamespace))
    }

    /// Starts a program; throws `SpawnFailure`, whose step is `execve` where it is not to be found or not a program.
    func start(
        _ request: SpawnRequest, of owner: Owner, in namespaceId: Int32, for connection: Connection
    ) async throws -> Program {
        var request = request
        request.id = nextRequest
        nextRequest += 1
        let sent = request
        return try await withCheckedThrowingContinuation { continuation in
            waiting[sent.id] = Waiting(
                owner: owner, namespaceId: namespaceId, connection: connection, continuation: continuation)
            do {
                try spawner.request(sent)
            } catch {
                waiting[sent.id] = nil
                continuation.resume(throwing: error)
            }
        }
    }

    /// The client is gone, and with it whoever looked after these.
    func hangUp(_ connection: Connection) {
        for program in programs.values where program.connection === connection {
            program.connection = nil
            for (delay, signal) in Self.hangUpSteps {
                Timer(afterMilliseconds: delay) { [weak program] in program?.signal(signal) }
            }
        }
    }

    // MARK: What the spawner reports

    private func read() {
        do {
            for event in try spawner.receive() {
                switch event {
                case .started(let id, let pid, let process): started(id, pid, process)
                case .failed(let id, let step, let error):
                    waiting.removeValue(forKey: id)?.continuation.resume(throwing: SpawnFailure(step: step, errno: error))
                case .ended(let pid, let end): remove(pid, end)
                case .closed: replaceSpawner()
                }
            }
        } catch {
            agent.log.error("the program starter cannot be heard", metadata: ["error": "\(error)"])
        }
    }

    private func started(_ id: UInt64, _ pid: pid_t, _ process: SharedDescriptor?) {
        guard let asked = waiting.removeValue(forKey: id) else { return }
        let program = Program(pid, asked.owner, in: asked.namespaceId, process, for: asked.connection)
        programs[pid] = program
        agent.registry.account(of: program.owner).programs += 1
        writeDown(program)
        if asked.connection.isClosed { hangUp(asked.connection) }
        asked.continuation.resume(returning: program)
    }

    private func remove(_ pid: pid_t, _ end: ProgramEnd?) {
        guard let program = programs.removeValue(forKey: pid) else { return }
        program.watch?.cancel()
        removeFile(path(pid))
        agent.registry.account(of: program.owner).programs -= 1
        agent.registry.forgetIfIdle(program.owner)
        guard let connection = program.connection, let end else { return }
        if let answer = try? Answer(NetnsExited.name, NetnsExited(pid, end)) { connection.notifyBehindAnswer(answer) }
    }

    /// The spawner is gone, which it never does by itself: what it started runs on, and is watched by its pidfd.
    private func replaceSpawner() {
        agent.log.error("the program starter is gone; starting another")
        watch?.cancel()
        for asked in waiting.values {
            asked.continuation.resume(throwing: WireError(.internalError, "the program starter is gone; try again"))
        }
        waiting = [:]
        for program in programs.values { watchProcess(program) }
        do {
            spawner = try SpawnerConnection.start(executable: executable)
            try start()
        } catch {
            agent.log.critical("no program can be started", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Across a restart

    private func writeDown(_ program: Program) {
        guard let startTime = startTime(of: program.pid) else { return }
        let record = ProgramRecord(
            boot: boot, pid: program.pid, startTime: startTime, owner: program.owner, namespaceId: program.namespaceId)
        do {
            try writeFileAtomically(path(program.pid), JSONValue(encoding: record).serialized())
        } catch {
            agent.log.error("a program cannot be written down", metadata: ["error": "\(error)"])
        }
    }

    /// Takes up the programs of an earlier agent that still run.
    func recover() throws {
        for file in try filesInDirectory(directory, withSuffix: ".json") {
            let path = "\(directory)/\(file)"
            let record = try? JSONValue.parse(readFile(path) ?? []).decode(ProgramRecord.self)
            guard let record, record.boot == boot, startTime(of: record.pid) == record.startTime,
                let process = try? openProcess(record.pid), startTime(of: record.pid) == record.startTime
            else {
                removeFile(path)
                continue
            }
            let program = Program(record.pid, record.owner, in: record.namespaceId, process, for: nil)
            programs[record.pid] = program
            agent.registry.account(of: program.owner).programs += 1
            watchProcess(program)
        }
    }

    /// A pidfd becomes readable when its process has ended (pidfd_open(2)).
    private func watchProcess(_ program: Program) {
        guard let process = program.process, program.watch == nil else { return }
        do {
            program.watch = try Watch(process.raw, .readable) { [weak self] _ in self?.remove(program.pid, nil) }
        } catch {
            agent.log.error("a program's end cannot be seen", metadata: ["error": "\(error)"])
        }
    }

    private func path(_ pid: pid_t) -> String { "\(directory)/\(pid).json" }
}

/// Why a program does not run.
struct SpawnFailure: Error {
    let step: SpawnStep
    let errno: Errno
}

extension NetnsExited {
    fileprivate init(_ pid: pid_t, _ end: ProgramEnd) {
        switch end {
        case .exited(let status): self.init(pid: pid, exitCode: status, signal: nil)
        case .signalled(let number, _): self.init(pid: pid, exitCode: nil, signal: number)
        }
    }
}
