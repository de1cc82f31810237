// The one thread that owns all state: an epoll loop that is also the executor of the global actor @EventLoop.
//
// Everything that remembers something (registry, policy, connections) is isolated to @EventLoop, so there are no
// locks. A handler is an async function on it: it reads top to bottom, and where it says `await` the loop serves
// others. Jobs arrive from other threads through `enqueue`, which wakes the loop with an eventfd; file descriptors
// are watched with epoll; timers are the wait's timeout.

import CLinux
import Descriptors
import Glibc
import Linux
import Synchronization

@globalActor
public actor EventLoop {
    public static let shared = EventLoop()

    nonisolated let executor = LoopExecutor()

    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Runs what is isolated to the loop from the loop's own thread; stops the process on any other.
    nonisolated static func assumeIsolated<Result>(_ work: @EventLoop () throws -> Result) rethrows -> Result {
        shared.preconditionIsolated()
        typealias Isolated = @EventLoop () throws -> Result
        typealias Plain = () throws -> Result
        return try withoutActuallyEscaping(work) { (work: @escaping Isolated) throws -> Result in
            // As MainActor.assumeIsolated does: the check above is what the isolation promised.
            let plain = unsafe unsafeBitCast(work, to: Plain.self)
            return try plain()
        }
    }
}

/// The loop's thread as an executor: of the actor, and of the tasks that work for it. As the latter it is where a
/// continuation is resumed; without that each `await` would come back by way of a thread of the shared pool, and what
/// happened first might be heard of last.
final class LoopExecutor: SerialExecutor, TaskExecutor {
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var stopped = false
        var failed = false
    }

    private let inbox = Mutex(Inbox())
    fileprivate let epoll: Epoll
    private let wake: WakeUp
    /// Watched descriptors have tags above 2³².
    private static let wakeTag: UInt64 = 0
    /// The thread that runs the loop; 0 before it runs.
    private let thread = Atomic<Int32>(0)

    init() {
        do {
            epoll = try Epoll()
            wake = try WakeUp()
            try epoll.add(wake.fd, .readable, tag: Self.wakeTag)
        } catch {
            // Without these there is no agent, and nothing has been started yet that would need undoing.
            preconditionFailure("the event loop cannot start: \(error)")
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let first = inbox.withLock {
            $0.jobs.append(job)
            return $0.jobs.count == 1
        }
        if first && !isLoopThread { wake.signal() }
    }

    func checkIsolated() {
        precondition(isLoopThread, "this belongs to the event loop's thread")
    }

    func isIsolatingCurrentContext() -> Bool? { isLoopThread }

    private var isLoopThread: Bool { thread.load(ordering: .relaxed) == clinux_gettid() }

    /// Makes the calling thread the loop's, before it runs.
    func adoptThread() {
        thread.store(clinux_gettid(), ordering: .relaxed)
    }

    /// Serves until `stop`, on the adopted thread; false where that was for a failure.
    func run() -> Bool {
        while runJobs() {
            let idle = inbox.withLock { $0.jobs.isEmpty }
            let timeout = idle ? EventLoop.assumeIsolated { LoopSources.shared.millisecondsToNextTimer } : 0
            epoll.wait(timeoutMilliseconds: timeout) { tag, readiness in
                if tag == Self.wakeTag {
                    wake.clear()
                } else {
                    EventLoop.assumeIsolated { LoopSources.shared.dispatch(tag: tag, readiness) }
                }
            }
            EventLoop.assumeIsolated { LoopSources.shared.fireTimers() }
        }
        return inbox.withLock { !$0.failed }
    }

    func stop(failed: Bool = false) {
        inbox.withLock {
            $0.stopped = true
            $0.failed = $0.failed || failed
        }
        wake.signal()
    }

    /// Runs the jobs there are now; those they enqueue wait for a look at the descriptors.
    private func runJobs() -> Bool {
        let (jobs, stopped) = inbox.withLock { inbox in
            defer { inbox.jobs.removeAll(keepingCapacity: true) }
            return (inbox.jobs, inbox.stopped)
        }
        for job in jobs {
            unsafe job.runSynchronously(
                isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        }
        return !stopped
    }
}

/// The descriptors watched and the timers set; isolated to the loop.
@EventLoop
final class LoopSources {
    static let shared = LoopSources()

    private var watches: [CInt: Watch] = [:]
    private var generation: UInt64 = 1 << 32
    private var timers: [Timer] = []

    fileprivate func add(_ watch: Watch) throws(SystemError) {
        generation += 1 << 32
        watch.tag = generation | UInt64(UInt32(bitPattern: watch.fd))
        try EventLoop.shared.executor.epoll.add(watch.fd, watch.interest, tag: watch.tag)
        watches[watch.fd] = watch
    }

    fileprivate func change(_ watch: Watch) {
        // It is in the set, so this can fail for want of memory only; the old interest then stays.
        try? EventLoop.shared.executor.epoll.change(watch.fd, watch.interest, tag: watch.tag)
    }

    fileprivate func remove(_ watch: Watch) {
        watches[watch.fd] = nil
        try? EventLoop.shared.executor.epoll.remove(watch.fd)
    }

    /// The tag's generation tells an event of a descriptor closed in this round from one of its successor's.
    fileprivate func dispatch(tag: UInt64, _ readiness: Readiness) {
        let fd = CInt(truncatingIfNeeded: tag & 0xFFFF_FFFF)
        guard let watch = watches[fd], watch.tag == tag else { return }
        watch.handler(readiness)
    }

    fileprivate func add(_ timer: Timer) {
        let place = timers.firstIndex { $0.deadlineMilliseconds > timer.deadlineMilliseconds } ?? timers.endIndex
        timers.insert(timer, at: place)
    }

    fileprivate func remove(_ timer: Timer) {
        timers.removeAll { $0 === timer }
    }

    /// What epoll_wait(2) takes: -1 is for ever.
    fileprivate var millisecondsToNextTimer: CInt {
        guard let next = timers.first else { return -1 }
        return CInt(clamping: max(0, next.deadlineMilliseconds - monotonicMilliseconds()))
    }

    fileprivate func fireTimers() {
        let now = monotonicMilliseconds()
        while let next = timers.first, next.deadlineMilliseconds <= now {
            timers.removeFirst()
            next.action()
        }
    }
}

/// Interest in a descriptor's readiness, until `cancel`. It does not own the descriptor; cancel before closing it.
@EventLoop
final class Watch {
    let fd: CInt
    fileprivate var tag: UInt64 = 0
    fileprivate let handler: @EventLoop (Readiness) -> Void
    var interest: Readiness {
        didSet { if interest != oldValue { LoopSources.shared.change(self) } }
    }

    init(_ fd: CInt, _ interest: Readiness, handler: @escaping @EventLoop (Readiness) -> Void) throws(SystemError) {
        self.fd = fd
        self.interest = interest
        self.handler = handler
        try LoopSources.shared.add(self)
    }

    func cancel() { LoopSources.shared.remove(self) }
}

/// Runs its action once, later, unless cancelled.
@EventLoop
final class Timer {
    fileprivate let deadlineMilliseconds: Int
    fileprivate let action: @EventLoop () -> Void

    @discardableResult
    init(afterMilliseconds delay: Int, action: @escaping @EventLoop () -> Void) {
        deadlineMilliseconds = monotonicMilliseconds() + delay
        self.action = action
        LoopSources.shared.add(self)
    }

    func cancel() { LoopSources.shared.remove(self) }
}

extension EventLoop {
    /// Begins a task on the loop that stays there.
    nonisolated static func begin(_ work: @escaping @Sendable @EventLoop () async -> Void) {
        Task(executorPreference: shared.executor, operation: work)
    }
}

/// CLOCK_MONOTONIC in milliseconds.
func monotonicMilliseconds() -> Int { microseconds(CLOCK_MONOTONIC) / 1000 }

/// What a clock says (clock_gettime(2)).
func microseconds(_ clock: clockid_t) -> Int {
    var now = timespec()
    unsafe clock_gettime(clock, &now)
    return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
}
