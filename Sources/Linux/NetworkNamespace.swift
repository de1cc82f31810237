// Network namespaces: making one, pinning it to a name, going in to open something and coming back.
//
// A namespace lives as long as something refers to it: a process or thread in it, a descriptor, a socket, or a bind
// mount of its nsfs file. We pin ours with a bind mount, as ip-netns(8) does, so root sees them with `ip netns`.
// A thread goes in only to open what belongs to the namespace, and is back before the function returns; a thread that
// cannot come back would act on the wrong network from then on, so it ends the process.

import CLinux
public import Descriptors
import Glibc
import SystemPackage

/// Which namespace a descriptor is: the nsfs inode (namespaces(7)). The kernel gives a number out again once its
/// namespace is gone, so this tells two living ones apart and is no key for the past.
public struct NamespaceIdentity: Hashable, Sendable, Codable {
    public let device: UInt64
    public let inode: UInt64

    /// Of no namespace: nsfs numbers no inode 0.
    public static let none = NamespaceIdentity(device: 0, inode: 0)

    private init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    public init(of descriptor: borrowing Descriptor) throws(SystemError) {
        var status = stat()
        try system("fstat", "network namespace") { unsafe fstat(descriptor.raw, &status) }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// The same of a descriptor that others hold too.
    public init(of descriptor: SharedDescriptor) throws(SystemError) {
        var status = stat()
        try system("fstat", "namespace") { unsafe fstat(descriptor.raw, &status) }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// The same of a path, an nsfs file or a link to one as in /proc/PID/ns; nil where there is none.
    public init?(ofPath path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}

/// An open network namespace. While it is open the namespace cannot end.
public struct NetworkNamespace: ~Copyable, Sendable {
    public let descriptor: Descriptor

    /// Takes a descriptor of unknown origin; anything but a network namespace is EINVAL (ioctl_ns(2)).
    public init(_ descriptor: consuming Descriptor, _ subject: @autoclosure () -> String = "") throws(SystemError) {
        let raw = descriptor.raw
        var filesystem = statfs()
        try system("fstatfs", subject()) { unsafe fstatfs(raw, &filesystem) }
        // Only of nsfs is the type asked: the same number may mean anything to another file's driver.
        guard filesystem.f_type == CLINUX_NSFS_MAGIC,
            try system("NS_GET_NSTYPE", subject(), { clinux_ioctl_int(raw, CLINUX_NS_GET_NSTYPE) })
                == CLINUX_CLONE_NEWNET
        else { throw SystemError(.invalidArgument, "NS_GET_NSTYPE", subject()) }
        self.descriptor = descriptor
    }

    /// The same of a descriptor that stays where it is.
    public init(copying descriptor: SharedDescriptor) throws(SystemError) {
        try self.init(Descriptor("fcntl", "F_DUPFD_CLOEXEC") { clinux_fcntl(descriptor.raw, F_DUPFD_CLOEXEC, 0) })
    }

    /// The namespace pinned at `path`.
    public static func open(_ path: String) throws(SystemError) -> NetworkNamespace {
        try NetworkNamespace(Descriptor("open", path) { unsafe clinux_open(path, O_RDONLY | O_CLOEXEC, 0) }, path)
    }

    /// The one the calling thread is in.
    public static func current() throws(SystemError) -> NetworkNamespace {
        try open("/proc/thread-self/ns/net")
    }

    public consuming func intoDescriptor() -> Descriptor { descriptor }

    public func identity() throws(SystemError) -> NamespaceIdentity {
        try NamespaceIdentity(of: descriptor)
    }

    /// Runs `body` with the calling thread in this namespace.
    public func inside<Result: ~Copyable>(_ body: () throws -> Result) throws -> Result {
        let home = try Self.current()
        try system("setns") { clinux_setns(descriptor.raw, CLINUX_CLONE_NEWNET) }
        defer { home.comeBack() }
        return try body()
    }

    /// Makes a namespace, lets `prepare` run inside it, and pins it at `path` (which must not exist). On any error
    /// nothing of it is left.
    public static func create(pinnedAt path: String, prepare: (borrowing NetworkNamespace) throws -> Void) throws {
        // O_EXCL: whatever is there already, a file, a link, somebody's namespace, stays as it is.
        _ = try Descriptor("open", path) { unsafe clinux_open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0) }
        do {
            let home = try current()
            try system("unshare", "CLONE_NEWNET") { clinux_unshare_net() }
            defer { home.comeBack() }
            let made = try current()
            try prepare(made)
            try system("mount", path) { unsafe mount("/proc/thread-self/ns/net", path, "none", UInt(MS_BIND), nil) }
        } catch {
            unsafe unlink(path)
            throw error
        }
    }

    /// Pins a namespace that somebody has made, after `prepare` has run inside it, at `path` (which must not exist). On
    /// any error the pin is not there.
    public func pin(at path: String, prepare: (borrowing NetworkNamespace) throws -> Void) throws {
        _ = try Descriptor("open", path) { unsafe clinux_open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0) }
        do {
            try inside {
                try prepare(self)
                try system("mount", path) { unsafe mount("/proc/thread-self/ns/net", path, "none", UInt(MS_BIND), nil) }
            }
        } catch {
            unsafe unlink(path)
            throw error
        }
    }

    /// Runs `body` with the calling thread in a new namespace that ends with it.
    public static func scratch<Result>(_ body: () throws -> Result) throws -> Result {
        let home = try current()
        try system("unshare", "CLONE_NEWNET") { clinux_unshare_net() }
        defer { home.comeBack() }
        return try body()
    }

    /// Gives what is pinned at `path` another name, which must not exist. Where that fails, all is as it was.
    public static func movePin(_ path: String, to new: String) throws(SystemError) {
        _ = try Descriptor("open", new) { unsafe clinux_open(new, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0) }
        do {
            try system("mount", new) { unsafe mount(path, new, "none", UInt(MS_BIND), nil) }
        } catch {
            unsafe unlink(new)
            throw error
        }
        try unpin(path)
    }

    /// Takes the pin away; the namespace ends when nothing else holds it. A pin that is gone already is no error, nor
    /// is a file that stays where the mount was: it pins nothing.
    public static func unpin(_ path: String) throws(SystemError) {
        do {
            try system("umount2", path) { unsafe umount2(path, CInt(MNT_DETACH | UMOUNT_NOFOLLOW)) }
        } catch  where error.errno == .invalidArgument || error.errno == .noSuchFileOrDirectory {}
        removeFile(path)
    }

    /// Makes `directory` a place whose mounts reach every mount namespace, as ip-netns(8) does: a namespace pinned
    /// here is then seen by programs in other mount namespaces, and its removal reaches them too.
    public static func preparePinDirectory(_ directory: String) throws(SystemError) {
        do {
            try system("mkdir", directory) { unsafe mkdir(directory, 0o755) }
        } catch  where error.errno == .fileExists {}
        do {
            try share(directory)
        } catch  where error.errno == .invalidArgument {
            // Not a mount point yet: make it one.
            try system("mount --bind", directory) {
                unsafe mount(directory, directory, "none", UInt(MS_BIND | MS_REC), nil)
            }
            try share(directory)
        }
    }

    private static func share(_ directory: String) throws(SystemError) {
        try system("mount --make-shared", directory) {
            unsafe mount("", directory, "none", UInt(MS_SHARED | MS_REC), nil)
        }
    }

    private borrowing func comeBack() {
        do {
            try system("setns") { clinux_setns(descriptor.raw, CLINUX_CLONE_NEWNET) }
        } catch {
            fatalError("a thread cannot come back to its own network namespace: \(error)")
        }
    }
}

/// Which network namespace a descriptor somebody sent is of; anything else is an error.
public func checkedIdentity(ofNetworkNamespace descriptor: SharedDescriptor) throws(SystemError) -> NamespaceIdentity {
    try NetworkNamespace(copying: descriptor).identity()
}
