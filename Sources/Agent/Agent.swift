// The agent: what it owns, and how the parts are put together.
//
// A request's way: Listener (who connects) → Connection (bytes to lines, with their descriptors) → Dispatch (a line to
// a method and its parameters, an outcome to a reply line) → Methods/ (one file a verb: validate, authorise, reserve,
// await kernel work, commit) → Workers (kernel work) → the kernel.

import Descriptors
import Linux
import Logging
import Netlink
import SystemPackage
import Wire

/// All state of the agent; isolated to the event loop's thread.
@EventLoop
final class Agent {
    let options: Options
    let log: Logger
    let registry = Registry()
    let records: Records
    let nameFiles: NameFiles
    let workers: Workers
    /// Look-ups in the account database. Who connects does not wait for what the same user has asked of the kernel:
    /// others would wait behind them.
    let accounts: Workers
    let programs: Programs
    let namespaceWatch: NamespaceWatch
    let events = Events()
    let audit: Audit
    /// The network namespace the agent is in.
    let hostIdentity: NamespaceIdentity
    var policy: Policy { didSet { policyRevision += 1 } }
    /// Tells one policy from the next, for those who remember what it came to.
    private(set) var policyRevision = 0
    /// Waiting for a namespace to end, to look at the quota again.
    private var endWaiters: [EndWaiter] = []
    /// What this host can do, once somebody has asked.
    var checks: AgentCheck.Result?

    /// Where namespaces are pinned, as ip-netns(8) has it.
    nonisolated static let pinDirectory = "/run/netns"

    nonisolated static func pinPath(_ name: String) -> String { "\(pinDirectory)/\(name)" }

    /// - Parameter spawner: started before the process had threads or gave anything up.
    init(
        options: Options, policy: Policy, spawner: SpawnerConnection, log: Logger
    ) throws {
        self.options = options
        self.policy = policy
        self.log = log
        records = try Records(directory: options.stateDirectory)
        nameFiles = NameFiles(directory: options.stateDirectory + "/files")
        workers = try Workers(threads: 4, named: "kernel")
        accounts = try Workers(threads: 2, named: "lookup")
        audit = Audit(
            try AuditOutput(file: options.audit, log), keptIn: options.stateDirectory + "/log", log)
        programs = try Programs(
            spawner: spawner,
            records: ProgramRecords(directory: options.stateDirectory + "/programs", boot: records.boot))
        hostIdentity = try NetworkNamespace.current().identity()
        namespaceWatch = try NamespaceWatch()
        namespaceWatch.agent = self
        programs.agent = self
        events.agent = self
        try NetworkNamespace.preparePinDirectory(Self.pinDirectory)
        try recover()
        try programs.recover()
        try namespaceWatch.start()
        try programs.listen()
    }

    func kernelPlace(of namespace: Namespace) -> KernelPlace {
        .pinned(path: Self.pinPath(namespace.pinName), namespace.identity ?? NamespaceIdentity.none)
    }

    func kernelPlace(of target: Target) -> KernelPlace {
        switch target {
        case .host: .host
        case .namespace(let namespace): kernelPlace(of: namespace)
        }
    }

    /// The kernel has ended the namespace with this id.
    func namespaceEnded(_ id: Int32) {
        guard let namespace = registry.namespace(withId: id), namespace.state != .creating else { return }
        if namespace.state == .live {
            log.warning(
                "a namespace was taken away behind the agent's back", metadata: ["netns": "\(namespace.pinName)"])
        }
        // The name may be another's by now, whose pin is being made.
        if registry.namespace(of: namespace.owner, named: namespace.name).map({ $0 === namespace }) ?? true {
            removeLeftoverPin(namespace.pinName)
        }
        forget(namespace)
    }

    /// Drops what is remembered of a namespace that is no more.
    func forget(_ namespace: Namespace) {
        registry.remove(namespace)
        records.remove(namespace.id)
        nameFiles.remove(namespace.id)
        events.publish(.init(.deleted, .netns), of: namespace)
        registry.forgetIfIdle(namespace.owner)
        let waiters = endWaiters
        endWaiters = []
        for waiter in waiters { waiter.wake() }
    }

    /// The pin is not there any more, or is of something else. What it held counts until the kernel says it is gone.
    func lost(_ namespace: Namespace) {
        guard namespace.state == .live else { return }
        log.warning("the pin of a namespace is gone", metadata: ["netns": "\(namespace.pinName)"])
        registry.releaseName(of: namespace)
        removeLeftoverPin(namespace.pinName)
        do {
            try records.write(record(of: namespace))
            if try !namespaceWatch.livingIds().contains(namespace.id) { forget(namespace) }
        } catch {
            log.error("what was lost cannot be written down", metadata: ["error": "\(error)"])
        }
    }

    /// - Parameter state: where it is about to be another.
    func record(of namespace: Namespace, state: Namespace.State? = nil) -> Record {
        Record(
            boot: records.boot, id: namespace.id, owner: namespace.owner, name: namespace.name, pin: namespace.pinName,
            state: state ?? namespace.state, identity: namespace.identity, dns: namespace.dns,
            delegated: namespace.isDelegated)
    }

    /// Lets others run until `condition` holds, looking at it after each end of a namespace, or until the time is up.
    func waitForNamespaceEnd(milliseconds: Int, until condition: () -> Bool) async {
        let deadline = monotonicMilliseconds() + milliseconds
        while !condition(), monotonicMilliseconds() < deadline {
            await withCheckedContinuation { continuation in
                let waiter = EndWaiter(continuation)
                endWaiters.append(waiter)
                Timer(afterMilliseconds: max(1, deadline - monotonicMilliseconds())) { waiter.wake() }
            }
        }
    }
}

/// Somebody who waits, woken once.
@EventLoop
private final class EndWaiter {
    private var continuation: CheckedContinuation<Void, Never>?

    init(_ continuation: CheckedContinuation<Void, Never>) {
        self.continuation = continuation
    }

    func wake() {
        continuation?.resume()
        continuation = nil
    }
}
