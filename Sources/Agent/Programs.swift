// Programs people run in their namespaces: started by netnsd-spawn, counted until they end, hung up when the client
// that waits for one is gone, unless they are detached.
//
// Each is written down (ProgramRecord.swift), so that the next agent knows what still runs: the programs outlive the
// agent, and its spawner stays with them until the last has ended. How a detached program ended is remembered until
// somebody asks.

import Descriptors
import Glibc
import Linux
import Logging
import SystemPackage
import Wire

/// A program that runs, or has ended unseen.
@EventLoop
final class Program {
    let pid: pid_t
    let start: Start
    /// nil where no descriptor was free for it, its end is reported all the same; and when it has ended.
    fileprivate(set) var process: SharedDescriptor?
    /// The mount namespace it was given; one who asks from there is not confined by a stranger.
    let mountNamespace: NamespaceIdentity?
    /// Who waits for it.
    weak var connection: Connection?
    /// That one has asked to (program.attach); who starts a detached program and stays is told of its end as well, but
    /// is not the one it is remembered for.
    fileprivate var isAttached = false
    /// How it ended; nil while it runs.
    fileprivate(set) var end: NetnsExited?
    fileprivate var watch: Watch?
    /// On the client's process, where an earlier agent started the program for it.
    fileprivate var clientWatch: Watch?

    /// What is known of a program from its start.
    struct Start: Codable, Sendable {
        let owner: Owner
        let namespaceId: Int32
        /// Its beginning, where it is long.
        let argv: [String]
        let detached: Bool
        /// Seconds since 1970.
        let time: Int64
        /// Whose connection it was started on; nil where that is not known.
        let client: Client?

        /// One process of this boot.
        struct Client: Codable, Sendable {
            let pid: pid_t
            /// Clock ticks after boot (proc_pid_stat(5), field 22).
            let startTime: UInt64
        }

        init(owner: Owner, namespaceId: Int32, argv: [String], detached: Bool, client: pid_t) {
            self.owner = owner
            self.client = (try? startTime(of: client))?.map { Client(pid: client, startTime: $0) }
            self.namespaceId = namespaceId
            var room = 1024
            self.argv = argv.prefix { word in
                room -= word.utf8.count
                return room >= 0
            }
            self.detached = detached
            time = Int64(Glibc.time(nil))
        }
    }

    init(_ pid: pid_t, _ start: Start, _ process: SharedDescriptor?, for connection: Connection?) {
        self.pid = pid
        self.start = start
        self.process = process
        self.connection = connection
        mountNamespace = NamespaceIdentity(ofPath: "/proc/\(pid)/ns/mnt")
    }

    /// Signals the process; false where there is no way to.
    @discardableResult
    func signal(_ number: CInt) -> Bool {
        guard end == nil, let process else { return false }
        return sendSignal(number, to: process)
    }

    /// Signals it and what it has started and not given a process group of its own.
    fileprivate func signalGroup(_ number: CInt) {
        guard end == nil, let process else { return }
        sendSignal(number, toGroupOf: process)
    }
}

@EventLoop
final class Programs {
    unowned var agent: Agent!
    private let spawner: SpawnerConnection
    private var watch: Watch?
    private let records: ProgramRecords
    private var programs: [pid_t: Program] = [:]
    private var nextRequest: UInt64 = 1
    private var waiting: [UInt64: Waiting] = [:]

    /// A program and its pidfd, which it may have let go of by the time that somebody looks: it has ended.
    struct Started {
        let program: Program
        let process: SharedDescriptor?
    }

    /// Delegated namespaces that are not answered yet.
    private var making: [UInt64: CheckedContinuation<SharedDescriptor, any Error>] = [:]

    /// A start that is not answered yet.
    private struct Waiting {
        let start: Program.Start
        let connection: Connection
        let continuation: CheckedContinuation<Started, any Error>
    }

    /// SIGHUP at once, then these after so many milliseconds, to what is still there.
    private static let hangUpSteps: [(afterMilliseconds: Int, signal: CInt)] = [
        (0, SIGHUP), (5000, SIGTERM), (10_000, SIGKILL),
    ]
    /// How many ended programs of one user are remembered.
    private static let mostRemembered = 64

    init(spawner: SpawnerConnection, records: ProgramRecords) {
        self.spawner = spawner
        self.records = records
    }

    /// Listens to the spawner.
    func listen() throws {
        watch = try Watch(spawner.fd, .readable) { [weak self] _ in self?.read() }
    }

    /// Mount namespaces that were made for the user's own programs.
    func mountNamespaces(of owner: Owner) -> Set<NamespaceIdentity> {
        Set(programs.values.lazy.filter { $0.start.owner == owner }.compactMap(\.mountNamespace))
    }

    /// Those of one user in the order of their starts, ended ones too.
    func programs(of owner: Owner) -> [Program] {
        programs.values.filter { $0.start.owner == owner }
            .sorted { ($0.start.time, $0.pid) < ($1.start.time, $1.pid) }
    }

    func program(_ pid: pid_t) -> Program? { programs[pid] }

    /// Starts a program; throws `SpawnFailure`, whose step is `execve` where it is not to be found or not a program.
    func start(_ request: SpawnRequest, _ start: Program.Start, for connection: Connection) async throws -> Started {
        var request = request
        request.id = nextRequest
        nextRequest += 1
        let sent = request
        return try await withCheckedThrowingContinuation { continuation in
            waiting[sent.id] = Waiting(start: start, connection: connection, continuation: continuation)
            do {
                try spawner.request(sent)
            } catch {
                waiting[sent.id] = nil
                continuation.resume(throwing: error)
            }
        }
    }

    /// Makes a delegated network namespace; throws `SpawnFailure`.
    func make(_ request: DelegateRequest) async throws -> SharedDescriptor {
        var request = request
        request.id = nextRequest
        nextRequest += 1
        let sent = request
        return try await withCheckedThrowingContinuation { continuation in
            making[sent.id] = continuation
            do {
                try spawner.request(sent)
            } catch {
                making[sent.id] = nil
                continuation.resume(throwing: error)
            }
        }
    }

    /// From now on the program's end is told to `connection`. One that has ended is told behind the answer, and
    /// forgotten.
    func attach(_ program: Program, to connection: Connection) {
        program.connection = connection
        program.isAttached = true
        guard let end = program.end else { return }
        tell(end, to: connection)
        forget(program)
    }

    /// The client is gone, and with it whoever looked after these.
    func hangUp(_ connection: Connection) {
        for program in programs.values where program.connection === connection {
            program.connection = nil
            program.isAttached = false
            if !program.start.detached { hangUp(program) }
        }
    }

    private func hangUp(_ program: Program) {
        for (delay, signal) in Self.hangUpSteps {
            Timer(afterMilliseconds: delay) { [weak program] in
                // Somebody may have taken it over meanwhile.
                if let program, program.connection == nil { program.signalGroup(signal) }
            }
        }
    }

    // MARK: Remembering

    private func add(_ program: Program) {
        if let old = programs[program.pid] { forget(old) }  // an ended one whose pid is used again
        programs[program.pid] = program
        agent.registry.account(of: program.start.owner).programs += 1
    }

    /// The program is no more; it counts no longer.
    private func ended(_ pid: pid_t, _ end: NetnsExited) {
        guard let program = programs[pid], program.end == nil else { return }
        program.end = end
        program.watch?.cancel()
        program.watch = nil
        program.clientWatch?.cancel()
        program.clientWatch = nil
        program.process = nil
        records.remove(pid)
        agent.registry.account(of: program.start.owner).programs -= 1
        if let connection = program.connection { tell(end, to: connection) }
        if program.isAttached || !program.start.detached {
            forget(program)
        } else {
            let remembered = programs(of: program.start.owner).filter { $0.end != nil }
            for program in remembered.dropLast(Self.mostRemembered) { forget(program) }
        }
    }

    private func forget(_ program: Program) {
        programs[program.pid] = nil
        agent.registry.forgetIfIdle(program.start.owner)
    }

    private func tell(_ end: NetnsExited, to connection: Connection) {
        if let answer = try? Answer(NetnsExited.name, end) { connection.notifyBehindAnswer(answer) }
    }

    // MARK: What the spawner reports

    private func read() {
        do {
            for event in try spawner.receive() {
                switch event {
                case .started(let id, let pid, let process): started(id, pid, process)
                case .failed(let id, let step, let error):
                    let failure = SpawnFailure(step: step, errno: error)
                    waiting.removeValue(forKey: id)?.continuation.resume(throwing: failure)
                    making.removeValue(forKey: id)?.resume(throwing: failure)
                case .made(let id, let namespace): making.removeValue(forKey: id)?.resume(returning: namespace)
                case .ended(let pid, let end): ended(pid, NetnsExited(pid, end))
                case .closed: lostSpawner()
                }
            }
        } catch {
            agent.log.error("the program starter cannot be heard", metadata: ["error": "\(error)"])
        }
    }

    private func started(_ id: UInt64, _ pid: pid_t, _ process: SharedDescriptor?) {
        guard let asked = waiting.removeValue(forKey: id) else { return }
        let program = Program(pid, asked.start, process, for: asked.connection)
        add(program)
        do {
            try records.write(pid, asked.start)
            keep(id)
        } catch {
            // The next agent would not know of it.
            program.signal(SIGKILL)
            return asked.continuation.resume(throwing: error)
        }
        if asked.connection.isClosed { hangUp(asked.connection) }
        asked.continuation.resume(returning: Started(program: program, process: process))
    }

    /// Has the program outlive the agent, now that the next one will know of it. The spawner may have as much to do as
    /// its socket holds.
    private func keep(_ id: UInt64) {
        if (try? spawner.keep(id: id)) == nil {
            Timer(afterMilliseconds: 10) { [weak self] in self?.keep(id) }
        }
    }

    /// The spawner is gone, which it never does by itself. The agent has given up what it takes to start another, so it
    /// ends, for the service manager to start both anew; programs run on.
    private func lostSpawner() {
        agent.log.critical("netnsd-spawn is gone; the agent ends, to be started again")
        watch?.cancel()
        let gone = WireError(.internalError, "the program starter is gone; try again")
        for asked in waiting.values { asked.continuation.resume(throwing: gone) }
        for asked in making.values { asked.resume(throwing: gone) }
        (waiting, making) = ([:], [:])
        EventLoop.shared.executor.stop(failed: true)
    }

    // MARK: Across a restart

    /// Takes up the programs of an earlier agent that still run.
    func recover() throws {
        for (pid, start, process) in try records.readRunning() {
            let program = Program(pid, start, process, for: nil)
            add(program)
            watchProcess(program)
            if !start.detached, let client = start.client { watch(client, of: program) }
        }
    }

    /// A client may have ended while no agent ran, or end before it has taken its program over.
    private func watch(_ client: Program.Start.Client, of program: Program) {
        guard let process = try? openProcess(client.pid), (try? startTime(of: client.pid)) == client.startTime else {
            return hangUp(program)
        }
        program.clientWatch = try? Watch(process.raw, .readable) { [weak self, weak program, process] _ in
            _ = process  // kept open
            program?.clientWatch?.cancel()
            program?.clientWatch = nil
            if let program, program.connection == nil { self?.hangUp(program) }
        }
    }

    /// A pidfd becomes readable when its process has ended (pidfd_open(2)).
    private func watchProcess(_ program: Program) {
        guard let process = program.process, program.watch == nil else { return }
        do {
            program.watch = try Watch(process.raw, .readable) { [weak self, pid = program.pid] _ in
                self?.ended(pid, NetnsExited(pid, exitStatus(of: process)))
            }
        } catch {
            agent.log.error("a program's end cannot be seen", metadata: ["error": "\(error)"])
        }
    }
}

/// Why a program does not run.
struct SpawnFailure: Error {
    let step: SpawnStep
    let errno: Errno
}

extension NetnsExited {
    /// nil: nobody saw how.
    fileprivate init(_ pid: pid_t, _ end: ProgramEnd?) {
        switch end {
        case nil: self.init(pid: pid, exitCode: nil, signal: nil)
        case .exited(let status): self.init(pid: pid, exitCode: status, signal: nil)
        case .signalled(let number, _): self.init(pid: pid, exitCode: nil, signal: number)
        }
    }
}
