// TCP forwarding: each accepted connection gets one on the other side, and bytes go both ways until both have ended.

import Descriptors
import Glibc

/// Listens, and makes a relay of each connection that comes.
final class StreamForward {
    /// Connections that are accepted and wait for their other side, at the most; more wait in the kernel's queue.
    private static let mostWaiting = 256
    /// How long nothing is accepted when there is no descriptor for it.
    private static let pauseMilliseconds = 100

    private let loop: ForwardingLoop
    private let targets: [SocketAddress]
    private let open: OpenSocket
    private let report: (any Error) -> Void
    private var listeners: [(socket: SharedDescriptor, watch: ForwardingLoop.Watch)] = []
    private var waiting = 0
    private var isPaused = false
    private var relays: [ObjectIdentifier: StreamRelay] = [:]

    init(
        _ loop: ForwardingLoop, _ sockets: [SharedDescriptor], to targets: [SocketAddress],
        opening open: @escaping OpenSocket,
        report: @escaping (any Error) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.targets = targets
        self.open = open
        self.report = report
        for socket in sockets {
            let watch = try loop.watch(socket.raw, .readable) { [weak self] _ in self?.accept(on: socket) }
            listeners.append((socket, watch))
        }
    }

    private func accept(on listener: SharedDescriptor) {
        do {
            while waiting < Self.mostWaiting, let socket = try listener.accept() {
                waiting += 1
                connect(socket, to: targets[...])
            }
        } catch {
            report(error)
            isPaused = true
            loop.after(milliseconds: Self.pauseMilliseconds) { [weak self] in
                self?.isPaused = false
                self?.adjust()
            }
        }
        adjust()
    }

    private func adjust() {
        let interest: Readiness = isPaused || waiting >= Self.mostWaiting ? [] : .readable
        for listener in listeners { try? loop.set(listener.watch, interest) }
    }

    // MARK: The other side

    private func connect(_ accepted: SharedDescriptor, to targets: ArraySlice<SocketAddress>) {
        guard let target = targets.first else { return }
        open(target.family) { [weak self] result in
            guard let self else { return }
            do {
                let socket = try result.get()
                if try socket.connect(to: target) { return relay(accepted, socket) }
                try awaitConnection(accepted, socket, targets)
            } catch { failed(accepted, targets, error) }
        }
    }

    private func awaitConnection(
        _ accepted: SharedDescriptor, _ socket: SharedDescriptor, _ targets: ArraySlice<SocketAddress>
    ) throws(SystemError) {
        var watch: ForwardingLoop.Watch?
        watch = try loop.watch(socket.raw, .writable) { [weak self, loop] _ in
            loop.cancel(watch)
            watch = nil  // it holds this closure
            guard let self else { return }
            do {
                try socket.checkConnected(to: targets.first!)
                relay(accepted, socket)
            } catch { failed(accepted, targets, error) }
        }
    }

    /// The next address is tried; behind the last the accepted connection is broken off.
    private func failed(_ accepted: SharedDescriptor, _ targets: ArraySlice<SocketAddress>, _ error: any Error) {
        if targets.count > 1 { return connect(accepted, to: targets.dropFirst()) }
        accepted.breakWhenClosed()
        report(error)
        waiting -= 1
        adjust()
    }

    private func relay(_ accepted: SharedDescriptor, _ connected: SharedDescriptor) {
        waiting -= 1
        adjust()
        do {
            let relay = try StreamRelay(loop, accepted, connected) { [weak self] relay in
                self?.relays[ObjectIdentifier(relay)] = nil
            }
            relays[ObjectIdentifier(relay)] = relay
        } catch { report(error) }
    }
}

/// Two connected sockets, and what goes from each to the other.
///
/// In each direction at most one read's worth waits to be written, and until it is nothing more is read: a slow reader
/// slows its writer down and costs no memory. The end of what one side writes is passed on as such (shutdown(2)), while
/// the other direction goes on. A connection that breaks breaks the other.
final class StreamRelay {
    private final class End {
        let socket: SharedDescriptor
        var watch: ForwardingLoop.Watch!
        /// What the other end has said and this one has not taken.
        var backlog: ArraySlice<UInt8> = []
        /// This end writes no more.
        var hasEnded = false
        /// This end is told that the other one writes no more.
        var isTold = false

        init(_ socket: SharedDescriptor) { self.socket = socket }
    }

    /// Reads in a row, so that a fast stream does not keep the others waiting.
    private static let mostReads = 16

    private let loop: ForwardingLoop
    private let ends: (End, End)
    private var ended: ((StreamRelay) -> Void)?

    init(
        _ loop: ForwardingLoop, _ first: SharedDescriptor, _ second: SharedDescriptor,
        ended: @escaping (StreamRelay) -> Void
    ) throws(SystemError) {
        self.loop = loop
        ends = (End(first), End(second))
        self.ended = ended
        ends.0.watch = try loop.watch(first.raw, .readable) { [weak self] readiness in
            if let self { ready(self.ends.0, self.ends.1, readiness) }
        }
        ends.1.watch = try loop.watch(second.raw, .readable) { [weak self] readiness in
            if let self { ready(self.ends.1, self.ends.0, readiness) }
        }
    }

    deinit { for end in [ends.0, ends.1] { loop.cancel(end.watch) } }

    private func ready(_ end: End, _ other: End, _ readiness: Readiness) {
        do {
            // A hang-up is told to whoever reads or writes next.
            if readiness != .readable { try move(from: other, to: end) }
            if readiness != .writable { try move(from: end, to: other) }
            if end.isTold && other.isTold { return finish() }
            try loop.set(end.watch, interest(end, other))
            try loop.set(other.watch, interest(other, end))
        } catch {
            end.socket.breakWhenClosed()
            other.socket.breakWhenClosed()
            finish()
        }
    }

    private func interest(_ end: End, _ other: End) -> Readiness {
        var interest: Readiness = []
        if !end.hasEnded && other.backlog.isEmpty { interest.insert(.readable) }
        if !end.backlog.isEmpty { interest.insert(.writable) }
        return interest
    }

    private func move(from source: End, to target: End) throws(SystemError) {
        var reads = 0
        while true {
            if !target.backlog.isEmpty {
                let count = try unsafe target.backlog.withUnsafeBufferPointer { (bytes) throws(SystemError) in
                    try unsafe target.socket.write(UnsafeRawBufferPointer(bytes))
                }
                guard let count else { return }
                target.backlog = target.backlog.dropFirst(count)
                if !target.backlog.isEmpty { return }
                target.backlog = []  // and the memory is free
            }
            if source.hasEnded {
                if !target.isTold { target.socket.endWriting() }
                target.isTold = true
                return
            }
            guard reads < Self.mostReads, let count = try unsafe source.socket.read(into: loop.room) else { return }
            reads += 1
            source.hasEnded = count == 0
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: loop.room[..<count])
            if count == 0 { continue }
            let written = try unsafe target.socket.write(bytes) ?? 0
            if written < count { target.backlog = unsafe ArraySlice(bytes[written...]) }
        }
    }

    private func finish() {
        for end in [ends.0, ends.1] { loop.cancel(end.watch) }
        let ended = ended
        self.ended = nil
        ended?(self)
    }
}
