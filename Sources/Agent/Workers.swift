// Kernel work, off the event loop: threads of our own, first-in first-out for each user and fair between users.
//
// A user has one queue, and at most one of its jobs runs at a time, whichever connections they came by: what a user
// asks happens in an order, and a count of what the user has is never taken in the middle of a change. Users take
// turns, job by job.

import Descriptors
import Glibc
import Linux

final class Workers: Sendable {
    private struct Schedule: Sendable {
        /// Jobs not yet begun. A user stands here while any job of theirs waits or runs.
        var queues: [uid_t: [@Sendable () -> Void]] = [:]
        /// Users with a job to begin, whose turn comes in this order.
        var turns: [uid_t] = []
    }

    private let schedule = Monitor(Schedule())

    init(threads: Int, named name: String) throws(SystemError) {
        for number in 0..<threads {
            try startThread(named: "netnsd-\(name)-\(number)") { [schedule] in Self.serve(schedule) }
        }
    }

    /// Runs `work` on a worker thread in the user's turn and gives what it gave.
    @EventLoop
    func run<Result: Sendable>(
        for user: uid_t, _ work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            enqueue(for: user) { continuation.resume(with: Swift.Result(catching: work)) }
        }
    }

    private func enqueue(for user: uid_t, _ job: @escaping @Sendable () -> Void) {
        schedule.change { schedule in
            if schedule.queues[user] == nil { schedule.turns.append(user) }
            schedule.queues[user, default: []].append(job)
        }
    }

    private static func serve(_ schedule: Monitor<Schedule>) {
        while true {
            let (user, job) = schedule.take { schedule -> (uid_t, @Sendable () -> Void)? in
                guard !schedule.turns.isEmpty else { return nil }
                let user = schedule.turns.removeFirst()
                return (user, schedule.queues[user]!.removeFirst())
            }
            job()
            schedule.change { schedule in
                if schedule.queues[user]!.isEmpty {
                    schedule.queues[user] = nil
                } else {
                    schedule.turns.append(user)
                }
            }
        }
    }
}
