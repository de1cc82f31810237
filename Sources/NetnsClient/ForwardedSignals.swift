// Signals sent to a client that stands for a program.

import CLinux
public import Descriptors
import Glibc

/// Signals that are blocked and wait to be passed on (signalfd(2)).
public final class ForwardedSignals {
    private let source: SignalSource
    /// To wait for in a poll: readable when one has come.
    public var fileDescriptor: CInt { source.fd }

    /// What somebody sends to have a program end, stop or go on, or to tell it something.
    public static let usual: [CInt] = [
        SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPWR, SIGURG, SIGWINCH, SIGTSTP,
        SIGCONT,
    ]

    /// Blocks the signals in this thread. Those that this process ignores, as under nohup(1), are left alone.
    /// `withoutBrokenPipe`: SIGPIPE is blocked too; a write then says that nobody reads, and there is time to leave a
    /// terminal as it was.
    public init(_ signals: [CInt] = usual, withoutBrokenPipe: Bool = false) throws(SystemError) {
        source = try SignalSource(
            signals.filter { !clinux_is_ignored($0) }, alsoBlocking: withoutBrokenPipe ? [SIGPIPE] : [])
    }

    /// One that has come; nil where there is none.
    public func next() -> CInt? { source.next()?.number }

    func nextReceived() -> SignalSource.Received? { source.next() }

    /// From now on they have their effect on this process.
    func letThrough() { source.letThrough() }

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
