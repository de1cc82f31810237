// The terminal this process was started on: its modes are changed for a while, and given back.

import CLinux
import Descriptors
import Glibc
import SystemPackage

/// A terminal in raw mode while this process is in its foreground.
final class Terminal {
    let fileDescriptor: CInt
    /// The modes to be given back; nil while they are as they were.
    private var saved: termios?

    /// nil where the descriptor is no terminal.
    init?(_ fileDescriptor: CInt) {
        guard isatty(fileDescriptor) == 1 else { return nil }
        self.fileDescriptor = fileDescriptor
    }

    deinit { restore() }

    var modes: termios? {
        var modes = termios()
        return unsafe tcgetattr(fileDescriptor, &modes) == 0 ? modes : nil
    }

    /// Whether this process's group may use it. One that is not the controlling terminal is anybody's.
    var isForeground: Bool {
        let group = tcgetpgrp(fileDescriptor)
        return group < 0 || group == getpgrp()
    }

    /// Sets raw mode (cfmakeraw(3)), unless it is set. A shell may have changed that while this process was stopped.
    func makeRaw() {
        guard var raw = modes, saved == nil || raw.c_lflag & tcflag_t(ICANON) != 0 else { return }
        saved = raw
        unsafe withUnsafePointer(to: raw) { unsafe clinux_restore_at_crash(fileDescriptor, $0) }
        unsafe cfmakeraw(&raw)
        unsafe tcsetattr(fileDescriptor, TCSADRAIN, &raw)
    }

    /// Gives the modes back. Where another group is in the foreground they are that one's affair.
    func restore() {
        guard var modes = saved else { return }
        saved = nil
        guard isForeground else { return }
        unsafe tcsetattr(fileDescriptor, TCSADRAIN, &modes)
    }
}

/// A pseudo-terminal (pty(7)) for a program, with the modes and size of a terminal if there is one.
struct PseudoTerminal: ~Copyable {
    /// This process's end; it does not block.
    let near: Descriptor
    /// The program's.
    let far: Descriptor

    init(like terminal: CInt?) throws(SystemError) {
        var ends: (near: CInt, far: CInt) = (-1, -1)
        try system("posix_openpt") { unsafe clinux_open_pty(&ends.near, &ends.far) }
        near = Descriptor(owning: ends.near)
        far = Descriptor(owning: ends.far)
        // F_SETFL of a descriptor that is open does not fail.
        _ = clinux_fcntl(near.raw, F_SETFL, CLong(O_NONBLOCK))
        var modes = termios()
        if let terminal, unsafe tcgetattr(terminal, &modes) == 0 {
            unsafe tcsetattr(far.raw, TCSANOW, &modes)
            _ = clinux_copy_window_size(terminal, near.raw)
        }
    }

    /// Closes the program's end.
    consuming func intoNear() -> Descriptor { near }
}
