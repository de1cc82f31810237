// The loop that forwarding runs in: one thread, many descriptors, a few timers.

import Descriptors
import Glibc

/// Waits for descriptors and times, and calls whoever asked. Belongs to one thread.
@safe final class ForwardingLoop {
    private let epoll: Epoll
    private var watches: [UInt64: Watch] = [:]
    private var lastTag: UInt64 = 0
    private var timers: [(due: Int, body: () -> Void)] = []
    private var isRunning = false
    /// What is read on its way from one socket to another.
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)

    init() throws(SystemError) { epoll = try Epoll() }

    deinit { unsafe room.deallocate() }

    /// Interest in a descriptor. Where nothing is asked the descriptor is not in the epoll set at all: a hang-up,
    /// which epoll reports unasked, would come for ever.
    final class Watch {
        fileprivate let fd: CInt
        fileprivate let tag: UInt64
        fileprivate var isIn = false
        fileprivate(set) var interest: Readiness = []
        fileprivate let body: (Readiness) -> Void

        fileprivate init(_ fd: CInt, _ tag: UInt64, _ body: @escaping (Readiness) -> Void) {
            self.fd = fd
            self.tag = tag
            self.body = body
        }
    }

    /// Calls `body` whenever the descriptor is ready. `cancel` before the descriptor is closed.
    func watch(_ fd: CInt, _ interest: Readiness, _ body: @escaping (Readiness) -> Void) throws(SystemError) -> Watch {
        lastTag += 1
        let watch = Watch(fd, lastTag, body)
        try set(watch, interest)
        watches[watch.tag] = watch
        return watch
    }

    func set(_ watch: Watch, _ interest: Readiness) throws(SystemError) {
        guard watch.interest != interest || watch.isIn == interest.isEmpty else { return }
        if interest.isEmpty {
            if watch.isIn { try epoll.remove(watch.fd) }
        } else if watch.isIn {
            try epoll.change(watch.fd, interest, tag: watch.tag)
        } else {
            try epoll.add(watch.fd, interest, tag: watch.tag)
        }
        watch.isIn = !interest.isEmpty
        watch.interest = interest
    }

    /// An event that is on its way already does not arrive: no tag is used twice.
    func cancel(_ watch: Watch?) {
        guard let watch else { return }
        try? set(watch, [])
        watches[watch.tag] = nil
    }

    func after(milliseconds: Int, _ body: @escaping () -> Void) {
        timers.append((Self.now() + milliseconds, body))
    }

    func stop() { isRunning = false }

    /// Runs until `stop`.
    func run() {
        isRunning = true
        while isRunning {
            let wait = timers.map(\.due).min().map { max(0, min($0 - Self.now(), 60_000)) } ?? -1
            epoll.wait(timeoutMilliseconds: CInt(wait)) { tag, readiness in watches[tag]?.body(readiness) }
            let now = Self.now()
            let due = timers.filter { $0.due <= now }
            timers.removeAll { $0.due <= now }
            for timer in due { timer.body() }
        }
    }

    /// CLOCK_MONOTONIC, milliseconds.
    static func now() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
