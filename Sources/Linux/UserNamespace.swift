// User namespaces (user_namespaces(7)): whose capabilities count in a network namespace.
//
// A managed network namespace belongs to the agent's own user namespace, so nobody but root has power in it. A delegated
// one belongs to a user namespace that its user owns. The network namespace keeps that alive and leads to it, so it
// needs no pin and no record of its own.

import CLinux
public import Descriptors
import Glibc
import SystemPackage

/// An open user namespace.
public struct UserNamespace: ~Copyable, Sendable {
    public let descriptor: Descriptor

    /// The one that owns a network namespace (ioctl_ns(2), NS_GET_USERNS). EPERM: it lies outside this process's own.
    public init(owning namespace: borrowing NetworkNamespace) throws(SystemError) {
        descriptor = try Descriptor("NS_GET_USERNS") {
            clinux_ioctl_int(namespace.descriptor.raw, CLINUX_NS_GET_USERNS)
        }
    }

    public consuming func intoDescriptor() -> Descriptor { descriptor }

    public func identity() throws(SystemError) -> NamespaceIdentity {
        try NamespaceIdentity(of: descriptor)
    }

    /// The uid that owns it: who made it (NS_GET_OWNER_UID).
    public func ownerUID() throws(SystemError) -> uid_t {
        var uid = uid_t.max
        try system("NS_GET_OWNER_UID") { unsafe clinux_namespace_owner(descriptor.raw, &uid) }
        return uid
    }

    /// This process's own.
    public static let own = NamespaceIdentity(ofPath: "/proc/self/ns/user")
}
