// What the agent refuses, in the words of the program that it stands in for.

import Glibc
import NetnsClient

extension WireError {
    /// A link that was named does not exist: its name.
    var unknownDevice: String? {
        details.errno == "ENODEV" && details.operation == "RTM_GETLINK" ? details.subject ?? "" : nil
    }

    /// The namespace that was named does not exist.
    var isNoNamespace: Bool { reason == .notFound && details.errno == nil }

    /// As iproute2 says it: the kernel's own words, or errno's, or for what only the agent refuses its sentence.
    var answer: Failure {
        if let name = unknownDevice { return .noDevice(name) }
        if let words = details.kernelMessage {
            return Failure("Error: \(words.hasSuffix(".") ? words : words + ".")", code: 2)
        }
        if let text = details.errno.flatMap(errnoText) { return Failure("RTNETLINK answers: \(text)", code: 2) }
        return Failure("Error: \(message)\(message.hasSuffix(".") ? "" : ".")", code: 2)
    }

    /// strerror(3) of the kernel's answer, or the agent's sentence.
    var cause: String { details.errno.flatMap(errnoText) ?? message }
}

/// What strerror(3) says of errno's name; nil for a name that is not among the kernel's usual answers.
func errnoText(_ name: String) -> String? {
    guard let number = errnoNumbers[name] else { return nil }
    return unsafe String(cString: strerror(number))
}

private let errnoNumbers: [String: CInt] = [
    "EPERM": EPERM, "ENOENT": ENOENT, "ESRCH": ESRCH, "EINTR": EINTR, "EIO": EIO, "ENXIO": ENXIO, "E2BIG": E2BIG,
    "EAGAIN": EAGAIN, "ENOMEM": ENOMEM, "EACCES": EACCES, "EBUSY": EBUSY, "EEXIST": EEXIST, "ENODEV": ENODEV,
    "EINVAL": EINVAL, "ENOSPC": ENOSPC, "ERANGE": ERANGE, "EMSGSIZE": EMSGSIZE, "EOPNOTSUPP": EOPNOTSUPP,
    "ENOTSUP": EOPNOTSUPP, "EAFNOSUPPORT": EAFNOSUPPORT, "EADDRINUSE": EADDRINUSE, "EADDRNOTAVAIL": EADDRNOTAVAIL,
    "ENETDOWN": ENETDOWN, "ENETUNREACH": ENETUNREACH, "EHOSTUNREACH": EHOSTUNREACH, "ENOBUFS": ENOBUFS,
    "ELOOP": ELOOP, "ETIMEDOUT": ETIMEDOUT, "EPROTONOSUPPORT": EPROTONOSUPPORT, "EXDEV": EXDEV, "ENOTDIR": ENOTDIR,
    "EISDIR": EISDIR, "ENOEXEC": ENOEXEC, "ENAMETOOLONG": ENAMETOOLONG, "ECONNREFUSED": ECONNREFUSED,
]
