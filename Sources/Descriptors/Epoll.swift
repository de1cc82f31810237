// Waiting for many descriptors at once: epoll(7), and eventfd(2) to end the wait from another thread.

import CLinux
import Glibc

/// What epoll reports about a descriptor (epoll_ctl(2)).
public struct Readiness: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    public static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    public static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The other end is gone, or the descriptor failed; reported whether asked for or not.
    public static let hangup = Readiness(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
}

/// An epoll instance; each descriptor in it carries a number of the caller's, its tag.
public struct Epoll: ~Copyable, Sendable {
    private let descriptor: Descriptor
    /// How many events one wait brings at the most.
    private static let room = 64

    public init() throws(SystemError) {
        descriptor = try Descriptor("epoll_create1") { epoll_create1(CInt(EPOLL_CLOEXEC)) }
    }

    public func add(_ fd: CInt, _ interest: Readiness, tag: UInt64) throws(SystemError) {
        try control(EPOLL_CTL_ADD, fd, interest, tag)
    }

    public func change(_ fd: CInt, _ interest: Readiness, tag: UInt64) throws(SystemError) {
        try control(EPOLL_CTL_MOD, fd, interest, tag)
    }

    public func remove(_ fd: CInt) throws(SystemError) {
        try control(EPOLL_CTL_DEL, fd, [], 0)
    }

    private func control(_ operation: CInt, _ fd: CInt, _ interest: Readiness, _ tag: UInt64) throws(SystemError) {
        var event = unsafe epoll_event(events: interest.rawValue, data: epoll_data_t(u64: tag))
        try system("epoll_ctl") { unsafe epoll_ctl(descriptor.raw, operation, fd, &event) }
    }

    /// Waits at most `timeoutMilliseconds` (-1: for ever) and hands each event to `body`. A signal ends the wait early.
    public func wait(timeoutMilliseconds: CInt, _ body: (_ tag: UInt64, Readiness) -> Void) {
        unsafe withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: Self.room) { events in
            let count = unsafe epoll_wait(descriptor.raw, events.baseAddress, CInt(Self.room), timeoutMilliseconds)
            for index in 0..<max(0, Int(count)) {
                let event = unsafe events[index]
                unsafe body(event.data.u64, Readiness(rawValue: event.events))
            }
        }
    }
}

/// An eventfd(2): `signal` from any thread makes it readable until `clear`.
public struct WakeUp: ~Copyable, Sendable {
    private let descriptor: Descriptor
    public var fd: CInt { descriptor.raw }

    public init() throws(SystemError) {
        descriptor = try Descriptor("eventfd") { eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK)) }
    }

    /// A signal that is lost is waited for without end. There is always room for 1 more: the count has 64 bits.
    public func signal() { while eventfd_write(fd, 1) != 0 {} }

    public func clear() {
        var count: eventfd_t = 0
        unsafe eventfd_read(fd, &count)
    }
}
