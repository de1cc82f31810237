// What went wrong between us and the kernel, in one shape.

import Descriptors
public import SystemPackage

/// A netlink request that failed: what was asked, of what, the kernel's errno and, where it gave one, its own words.
public struct NetlinkError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kernel's answer. For replies that break the protocol: EBADMSG; for a silent kernel: ETIMEDOUT.
    public let errno: Errno
    /// The message, by rtnetlink(7) (`RTM_NEWLINK`), or the system call below it (`recvmsg`).
    public let operation: String
    /// What it was about: an interface, an address.
    public let subject: String
    /// The extended ack's text (NLMSGERR_ATTR_MSG, linux/netlink.h), or ours where it was not the kernel that refused.
    public let kernelMessage: String?

    public init(_ errno: Errno, _ operation: String, _ subject: String = "", kernelMessage: String? = nil) {
        self.errno = errno
        self.operation = operation
        self.subject = subject
        self.kernelMessage = kernelMessage
    }

    /// A failed system call below a request.
    init(_ error: SystemError, _ subject: String = "") {
        self.init(error.errno, error.operation, subject.isEmpty ? error.subject : subject)
    }

    /// `RTM_NEWLINK v0: File exists`, with the kernel's text in brackets.
    public var description: String {
        let what = subject.isEmpty ? operation : "\(operation) \(subject)"
        return "\(what): \(errno)" + (kernelMessage.map { " (\($0))" } ?? "")
    }

    /// The running kernel has no such thing: it says EOPNOTSUPP for a link kind, an operation or a family it was
    /// built without.
    /// The kernel has no links of the kind asked for: its own words tell that from an option it does not have.
    public var isUnknownKind: Bool { isUnsupported && kernelMessage == "Unknown device type" }

    public var isUnsupported: Bool { errno == .notSupportedOnSocket || errno == .addressFamilyNotSupported }
}
