// Signals as something to read (signalfd(2)).

import CLinux
import Glibc

/// Signals that are blocked and wait here to be read.
public struct SignalSource: ~Copyable, Sendable {
    private let descriptor: Descriptor
    private let maskBefore: sigset_t
    /// To be waited for (readable: a signal has come).
    public var fd: CInt { descriptor.raw }

    /// Blocks the signals in the calling thread and in those it starts; where all threads are to have them blocked, call
    /// before starting any. Those of `alsoBlocking` are blocked and not read.
    public init(_ signals: [CInt], alsoBlocking silenced: [CInt] = []) throws(SystemError) {
        let read = Self.set(signals)
        var blocked = Self.set(signals + silenced)
        var before = sigset_t()
        unsafe pthread_sigmask(SIG_BLOCK, &blocked, &before)
        maskBefore = before
        descriptor = try Descriptor("signalfd") {
            var set = read
            return unsafe signalfd(-1, &set, CInt(SFD_CLOEXEC | SFD_NONBLOCK))
        }
    }

    private static func set(_ signals: [CInt]) -> sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal) }
        return set
    }

    public struct Received: Sendable {
        public let number: CInt
        /// A key, the terminal's size or its end, say; no process sent it.
        public let isFromKernel: Bool
    }

    /// SI_KERNEL of sigaction(2), a macro with a cast.
    private static let sentByKernel: CInt = 0x80

    /// The next signal that has come; nil where there is none.
    public func next() -> Received? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard unsafe Glibc.read(fd, &information, size) == size else { return nil }
        return Received(
            number: CInt(information.ssi_signo), isFromKernel: information.ssi_code == Self.sentByKernel)
    }

    /// From now on the signals have their effect on the calling thread again, as before.
    public func letThrough() {
        var mask = maskBefore
        unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
    }
}

/// Lets a write to a closed socket or pipe fail with EPIPE instead of ending the process.
public func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
}
