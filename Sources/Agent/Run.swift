// Starting and stopping: the command line, the spawner before anything else, then the loop until a signal ends it.

import Descriptors
import Glibc
import Linux
import Logging
import SystemPackage
import Wire

/// The program netnsd.
/// - Returns: the exit status: 0, 1 where the agent cannot start, 2 for a command line that is not understood.
public func runNetnsd(_ arguments: [String]) -> CInt {
    let command: Options.Command
    do {
        command = try Options.parse(arguments, environment: environment(socketVariable))
    } catch {
        return complain(error.message, status: 2)
    }
    switch command {
    case .print(let text):
        print(text, terminator: "")
        return 0
    case .checkConfig(let path):
        return checkConfig(path)
    case .checkState(let check, let directory): return attempt { try check.run(directory) }
    case .serve(let options): return attempt { try serve(options) ? 0 : 1 }
    }
}

private func attempt(_ work: () throws -> CInt) -> CInt {
    do {
        return try work()
    } catch {
        return complain("\(error)", status: 1)
    }
}

private func checkConfig(_ path: String) -> CInt {
    do {
        let policy = try Policy.load(path, required: true)
        print("\(policy.files.joined(separator: ", ")): the policy is good")
        return 0
    } catch {
        return complain("\(error)", status: 1)
    }
}

private func complain(_ text: String, status: CInt) -> CInt {
    writeToStandardError("netnsd: \(text)\n")
    return status
}

/// - Returns: false where the agent ended because it could not go on.
private func serve(_ options: Options) throws -> Bool {
    guard geteuid() == 0 else { throw StartProblem("the agent needs root") }
    // Before there is a thread: fork from a threaded process is not safe, and what the agent gives up later is not
    // given up for people's programs.
    let spawner = try SpawnerConnection.start(executable: spawnerExecutable())
    try dropPrivileges()
    ignoreBrokenPipes()
    umask(0o022)
    let executor = EventLoop.shared.executor
    executor.adoptThread()
    let daemon = try EventLoop.assumeIsolated { try Daemon(options, spawner) }
    let isGood = executor.run()
    EventLoop.assumeIsolated { daemon.end() }
    return isGood
}

/// netnsd-spawn stands beside netnsd.
private func spawnerExecutable() throws -> String {
    let own = try linkTarget("/proc/self/exe")
    return own[..<(own.lastIndex(of: "/") ?? own.startIndex)] + "/netnsd-spawn"
}

/// The parts that live as long as the process does.
@EventLoop
private final class Daemon {
    private let log: Logger
    private let lock: SharedDescriptor
    private let signals: SignalSource
    private let agent: Agent
    private let listener: Listener
    private let socketPath: String?
    private var signalWatch: Watch?

    init(_ options: Options, _ spawner: SpawnerConnection) throws {
        signals = try SignalSource([SIGTERM, SIGINT, SIGHUP])
        log = makeLogger(options.logLevel)
        let policy = try Policy.load(options.config ?? Options.standardConfig, required: options.config != nil)
        lock = try lockStateDirectory(options.stateDirectory)
        let passed = try Service.passedSocket()
        socketPath = passed == nil ? options.socket : nil
        let listening = try passed ?? listenOnUnixSocket(options.socket).release()
        let descriptors = raiseDescriptorLimit()
        agent = try Agent(options: options, policy: policy, spawner: spawner, log: log)
        listener = try Listener(Descriptor(owning: listening), agent, mostConnections: descriptors / 2)
        signalWatch = try Watch(signals.fd, .readable) { [unowned self] _ in readSignals() }
        feedWatchdog()
        Service.notify("READY=1")
        log.notice("serving", metadata: ["socket": "\(options.socket)", "version": "\(programVersion)"])
    }

    func end() {
        Service.notify("STOPPING=1")
        listener.close()
        agent.audit.end()
        if let socketPath { removeFile(socketPath) }
        log.notice("stopped; namespaces and programs stay")
    }

    private func readSignals() {
        while let signal = signals.next() {
            if signal.number == SIGHUP { reload() } else { EventLoop.shared.executor.stop() }
        }
    }

    /// A bad policy leaves the old one in force.
    private func reload() {
        agent.audit.reopen()
        Service.notify("RELOADING=1\nMONOTONIC_USEC=\(monotonicMilliseconds() * 1000)")
        do {
            let config = agent.options.config
            agent.policy = try Policy.load(config ?? Options.standardConfig, required: config != nil)
            log.notice("the policy is read again")
        } catch {
            log.error("the policy is bad; the old one stays in force", metadata: ["error": "\(error)"])
        }
        Service.notify("READY=1")
    }

    private func feedWatchdog() {
        guard let milliseconds = Service.watchdogMilliseconds else { return }
        Service.notify("WATCHDOG=1")
        Timer(afterMilliseconds: milliseconds) { [weak self] in self?.feedWatchdog() }
    }
}
