// Where a command's words go: standard output in few writes, standard error at once.

import CLinux
import Glibc

/// Standard output, kept until it is flushed, and standard error.
final class Console {
    private var pending: [UInt8] = []

    func write(_ text: String) {
        pending += text.utf8
        if pending.count > 1 << 16 { flush() }
    }

    /// A line on standard error; what was said before it on standard output stands before it.
    func complain(_ line: String) {
        flush()
        Self.put(Array((line + "\n").utf8), to: 2)
    }

    func flush() {
        if !pending.isEmpty { Self.put(pending, to: 1) }
        pending = []
    }

    /// Where nobody reads any more, as with `ip link | head -1`, the rest is lost, as it is everywhere.
    private static func put(_ bytes: [UInt8], to fd: CInt) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(fd, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// A command ends with this, after a word on standard error where there is one.
struct Failure: Error {
    let message: String?
    let code: CInt

    init(_ message: String?, code: CInt) {
        self.message = message
        self.code = code
    }
}

/// A variable of the environment; nil where it is unset.
func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
}
