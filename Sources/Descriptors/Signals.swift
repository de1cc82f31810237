// Signals as something to read (signalfd(2)).

import CLinux
public import Descriptors
import Glibc

/// Signals that are blocked in every thread and wait here to be read.
public struct SignalSource: ~Copyable, Sendable {
    private let descriptor: Descriptor
    public var fd: CInt { descriptor.raw }

    /// Blocks the signals in the calling thread and in those it starts; call before starting any.
    public init(_ signals: [CInt]) throws(SystemError) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        let fixed = set
        descriptor = try Descriptor("signalfd") {
            var set = fixed
            return unsafe signalfd(-1, &set, CInt(SFD_CLOEXEC | SFD_NONBLOCK))
        }
    }

    /// The next signal that has come; nil where there is none.
    public func next() -> CInt? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        let count = unsafe Glibc.read(fd, &information, size)
        return count == size ? CInt(information.ssi_signo) : nil
    }
}

/// Lets a write to a closed socket or pipe fail with EPIPE instead of ending the process.
public func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
}
