// Which reply belongs to which request: the state of a conversation, apart from the socket it is held over.

import CMnl
import SystemPackage

/// Requests that were sent with sequence numbers from `firstSequence` on, and their answers so far.
struct Exchange {
    let requests: [NetlinkMessage]
    let firstSequence: UInt32
    private var answers: [[NetlinkReply]]
    private var outcomes: [Result<[NetlinkReply], NetlinkError>?]
    private var waiting: Int

    init(_ requests: [NetlinkMessage], firstSequence: UInt32) {
        self.requests = requests
        self.firstSequence = firstSequence
        answers = [[NetlinkReply]](repeating: [], count: requests.count)
        outcomes = [Result<[NetlinkReply], NetlinkError>?](repeating: nil, count: requests.count)
        waiting = requests.count
    }

    /// One result for each request, in order; nil while one is missing.
    var results: [Result<[NetlinkReply], NetlinkError>]? { waiting == 0 ? outcomes.compactMap { $0 } : nil }

    /// Takes a reply in. One to no request of these, or to one that is answered, is passed over.
    mutating func receive(_ reply: NetlinkReply) {
        let index = Int(reply.sequence &- firstSequence)
        guard index < requests.count, outcomes[index] == nil else { return }
        guard reply.type == .error else {
            answers[index].append(reply)
            return
        }
        let failure = reply.failure(of: requests[index])
        outcomes[index] = failure.map { .failure($0) } ?? .success(answers[index])
        waiting -= 1
    }
}

/// A dump that was asked for with `sequence`, and what has come of it.
struct Dump {
    let request: NetlinkMessage
    let sequence: UInt32
    private var replies: [NetlinkReply] = []
    private var isInterrupted = false
    private(set) var outcome: Outcome?

    enum Outcome {
        case complete([NetlinkReply])
        /// What is listed changed meanwhile (NLM_F_DUMP_INTR): entries may be missing or there twice.
        case interrupted
        case failed(NetlinkError)
    }

    init(_ request: NetlinkMessage, sequence: UInt32) {
        self.request = request
        self.sequence = sequence
    }

    mutating func receive(_ reply: NetlinkReply) {
        guard reply.sequence == sequence, outcome == nil else { return }
        if reply.flags.contains(.dumpInterrupted) { isInterrupted = true }
        guard reply.type == .done || reply.type == .error else {
            replies.append(reply)
            return
        }
        if let failure = reply.failure(of: request) {
            outcome = .failed(failure)
        } else {
            outcome = isInterrupted ? .interrupted : .complete(replies)
        }
    }
}
