// A file descriptor with one owner.

import Glibc

/// An open file descriptor that is closed when its owner lets go of it (SE-0390).
public struct Descriptor: ~Copyable, Sendable {
    public let raw: CInt

    /// Takes ownership: nobody else may close `raw`.
    public init(owning raw: CInt) {
        self.raw = raw
    }

    /// Takes ownership of a system call's result.
    public init(_ operation: String, _ subject: @autoclosure () -> String = "", _ call: () -> CInt) throws(SystemError)
    {
        raw = try system(operation, subject(), call)
    }

    /// Gives the descriptor away without closing it.
    public consuming func release() -> CInt {
        let raw = raw
        discard self
        return raw
    }

    deinit {
        // close(2): on Linux the descriptor is gone even where an error is returned; there is nothing to retry.
        _ = Glibc.close(raw)
    }
}

/// A descriptor several places hold, closed when the last lets go.
public final class SharedDescriptor: Sendable {
    public let raw: CInt
    private let close: @Sendable (CInt) -> Void

    public init(_ descriptor: consuming Descriptor) {
        raw = descriptor.release()
        close = { _ = Glibc.close($0) }
    }

    /// One whose close(2) is somebody else's work: it can block, for a lingering TCP socket for instance.
    public init(_ descriptor: consuming Descriptor, closing: @escaping @Sendable (CInt) -> Void) {
        raw = descriptor.release()
        close = closing
    }

    deinit { close(raw) }
}
