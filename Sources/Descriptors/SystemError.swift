// A failed system call, and the one place where -1 and EINTR become a Swift result.

import CLinux
import Glibc
public import SystemPackage

/// A system call that failed: what was tried, on what, and the kernel's answer.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// errno, read before anything else could run.
    public let errno: Errno
    /// The call, by its manual page: `setns`, `openat2`.
    public let operation: String
    /// What it was done to: a path, a name.
    public let subject: String

    public init(_ errno: Errno, _ operation: String, _ subject: String = "") {
        self.errno = errno
        self.operation = operation
        self.subject = subject
    }

    public var description: String {
        subject.isEmpty ? "\(operation): \(errno)" : "\(operation) \(subject): \(errno)"
    }
}

extension Errno {
    /// The symbol in errno(3), which people search for: `EBUSY`.
    public var symbol: String {
        guard let name = unsafe clinux_errno_name(rawValue) else { return "E\(rawValue)" }
        return unsafe String(cString: name)
    }
}

/// Makes the call, again while a signal interrupts it; a negative result becomes an error.
/// errno is read at once: any other code, a deallocation among it, may overwrite it.
@discardableResult
@inlinable
public func system<Result: SignedNumeric & Comparable>(
    _ operation: String, _ subject: @autoclosure () -> String = "", _ call: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        let error = Errno.last
        if error != .interrupted { throw SystemError(error, operation, subject()) }
    }
}

extension Errno {
    /// What the last failed call left behind in this thread.
    @usableFromInline static var last: Errno { Errno(rawValue: Glibc.errno) }
}
