// Signals sent to a client that stands for a program.

import CLinux
public import Descriptors
import Glibc

/// Signals that are blocked and wait to be passed on (signalfd(2)).
public final class ForwardedSignals {
    private let descriptor: Descriptor
    private let before: sigset_t
    /// To wait for in a poll: readable when one has come.
    public var fileDescriptor: CInt { descriptor.raw }

    /// What somebody sends to have a program end, stop or go on, or to tell it something.
    public static let usual: [CInt] = [
        SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPWR, SIGURG, SIGWINCH, SIGTSTP,
        SIGCONT,
    ]

    /// Blocks the signals in this thread. Those that this process ignores, as under nohup(1), are left alone.
    /// `withoutBrokenPipe`: SIGPIPE is blocked too; a write then says that nobody reads, and there is time to leave a
    /// terminal as it was.
    public init(_ signals: [CInt] = usual, withoutBrokenPipe: Bool = false) throws(SystemError) {
        var set = sigset_t()
        var (blocked, before) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&set)
        for signal in signals where !clinux_is_ignored(signal) { unsafe sigaddset(&set, signal) }
        blocked = set
        if withoutBrokenPipe { unsafe sigaddset(&blocked, SIGPIPE) }
        unsafe pthread_sigmask(SIG_BLOCK, &blocked, &before)
        self.before = before
        let fixed = set
        descriptor = try Descriptor("signalfd") {
            var set = fixed
            return unsafe signalfd(-1, &set, CInt(SFD_CLOEXEC | SFD_NONBLOCK))
        }
    }

    struct Received {
        let number: CInt
        /// A key, the terminal's size or its end; no process sent it.
        let isFromTerminal: Bool
    }

    /// SI_KERNEL of sigaction(2), a macro with a cast.
    private static let sentByKernel: CInt = 0x80

    /// One that has come; nil where there is none.
    public func next() -> CInt? { nextReceived()?.number }

    func nextReceived() -> Received? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard unsafe read(fileDescriptor, &information, size) == size else { return nil }
        return Received(
            number: CInt(information.ssi_signo), isFromTerminal: information.ssi_code == Self.sentByKernel)
    }

    /// From now on they have their effect on this process.
    func letThrough() {
        var mask = before
        unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
    }

    /// Stops this process, or its whole group, by SIGTSTP or SIGSTOP; returns when it is continued. SIGTSTP does nothing
    /// where nobody could continue it (an orphaned process group, setpgid(2)).
    func stop(_ signal: CInt, group: Bool) {
        _ = kill(group ? 0 : getpid(), signal)
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, signal)
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)  // here it stops
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }
}
