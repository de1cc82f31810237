// Programs in a delegated namespace: this process enters it and becomes the program. No agent, no copy in between: job
// control, signals and the exit status are the kernel's own.
//
// How it works: the agent gives the descriptors of the network namespace and of the user namespace that it belongs to,
// which this process's uid owns. Entering the user namespace gives every capability in it (user_namespaces(7)), and
// with those the rest is done: the network namespace, a mount namespace with its /sys, its resolv.conf and hosts, and a
// /run/netns of the user's own delegated namespaces. The capabilities are raised as ambient at last, so that they
// outlive execve(2) under a uid that is not 0.

import CLinux
import Descriptors
import Glibc
import IPRoute
import SystemPackage
public import Wire

extension Connection {
    /// Where the namespace is a delegated one of the caller's, enters it and becomes the program: does not return.
    /// Returns where it is not.
    ///
    /// This process must have one thread only (setns(2)). If something fails it may be half inside: leave it then.
    /// Errors are the agent's, or `SystemError`; of the program itself its `operation` is `execve`.
    /// - Parameters:
    ///   - argv: The program and its arguments; a name without `/` is looked for in PATH.
    ///   - name: nil: `default`.
    ///   - environment: `NAME=value` each; nil: this process's.
    ///   - hostNames: /etc/hosts has the addresses of the caller's namespaces under their names.
    public func becomeProgram(
        _ argv: [String], ifDelegated name: NamespaceSelector?, environment: [String]? = nil, hostNames: Bool = false
    ) throws {
        let delegated = try namespaces().filter { $0.delegated && $0.state == .live }
        guard let namespace = delegated.first(where: { $0.isMeant(by: name) }) else { return }
        // All asked at once; a sibling that is gone by now is left out.
        let entry: PendingCall<NetnsEnter> = try send(
            NetnsEnter.self, .init(netns: namespace.name, hostNames: hostNames ? true : nil))
        let siblings = try delegated.filter { $0.id != namespace.id }
            .map { ($0.name.name, try send(NetnsEnter.self, .init(netns: $0.name))) }
        let way = try DelegatedNamespace(receive(entry))
        var pins = [(name: namespace.name.name, descriptor: way.network)]
        for (name, pending) in siblings {
            do {
                pins.append((name, try DelegatedNamespace(receive(pending)).network))
            } catch let refusal as WireError where refusal.reason == .notFound {}
        }
        try way.enter(pins: pins)
        if let environment {
            clearenv()
            for variable in environment { unsafe putenv(strdup(variable)) }
        }
        unsafe setenv("NETNSD_NAMESPACE", namespace.name.description, 1)
        throw replaceProcess(argv)
    }
}

extension Connection {
    /// Whether a namespace is a delegated one of the caller's; nil: `default`.
    public func isDelegated(_ name: NamespaceSelector?) throws -> Bool {
        try namespaces().contains { $0.delegated && $0.state == .live && $0.isMeant(by: name) }
    }
}

extension NamespaceInfo {
    fileprivate func isMeant(by name: NamespaceSelector?) -> Bool {
        let selector = name ?? NamespaceSelector(.standard)
        let owner = selector.owner
        return self.name.name == selector.name && (owner == nil || owner == user || owner == String(uid))
    }
}

/// What netns.enter gave.
private struct DelegatedNamespace {
    let network: SharedDescriptor
    private let user: SharedDescriptor
    private let files: [(path: String, content: SharedDescriptor)]

    init(_ response: Response<NetnsEnter>) throws(ConnectionError) {
        func descriptor(_ index: Int) throws(ConnectionError) -> SharedDescriptor {
            guard response.descriptors.indices.contains(index) else {
                throw .garbled("netns.enter came without a descriptor it names")
            }
            return response.descriptors[index]
        }
        network = try descriptor(response.result.netnsFileDescriptor)
        user = try descriptor(response.result.userNamespaceFileDescriptor)
        var files: [(path: String, content: SharedDescriptor)] = []
        for file in response.result.files { files.append((file.path, try descriptor(file.contentFileDescriptor))) }
        self.files = files
    }

    /// This process is in it from now on, with all capabilities over it.
    func enter(pins: [(name: NamespaceName, descriptor: SharedDescriptor)]) throws {
        let directory = workingDirectory()
        try enterNamespaces()
        try showDevices()
        try cover(files)
        try showPins(pins)
        // Back to the same path, should one of these mounts lie over it now.
        if let directory { _ = unsafe chdir(directory) }
        try system("capset") { clinux_keep_capabilities() }
    }

    private func enterNamespaces() throws(SystemError) {
        // Who is in the user namespace already, by way of another of its network namespaces, cannot enter it again.
        let isInside = try inode(of: user.raw) == inode(ofPath: "/proc/self/ns/user")
        if !isInside { try system("setns", "user namespace") { clinux_setns(user.raw, CLINUX_CLONE_NEWUSER) } }
        try system("setns", "network namespace") { clinux_setns(network.raw, CLINUX_CLONE_NEWNET) }
        try system("unshare", "mount namespace") { clinux_unshare_mounts() }
    }
}

/// /sys of the network namespace this process is in.
private func showDevices() throws(SystemError) {
    do {
        try system("mount", "/sys") { clinux_mount_sysfs() }
    } catch  where error.errno == .notPermitted {
        // Where part of /sys is covered, as in containers, a user namespace gets no new one that would show it
        // (mount_namespaces(7)). The old one stays; it shows the devices of the network outside.
    }
}

private let pinDirectory = "/run/netns"

/// Puts content over files of /etc. They lie in a file system of this mount namespace's own, which is covered by the
/// next one at the same place.
private func cover(_ files: [(path: String, content: SharedDescriptor)]) throws {
    if files.isEmpty { return }
    try mountTemporaryFileSystem(at: pinDirectory)
    for (number, file) in files.enumerated() {
        let copy = "\(pinDirectory)/\(number)"
        try copyContent(of: file.content, to: copy)
        try system("mount", file.path) { unsafe clinux_bind(copy, file.path) }
    }
}

/// /run/netns has these namespaces under their plain names, as `ip -n NAME` and `ip netns exec NAME` look for them.
private func showPins(_ pins: [(name: NamespaceName, descriptor: SharedDescriptor)]) throws {
    try mountTemporaryFileSystem(at: pinDirectory)
    for (name, descriptor) in pins {
        let path = "\(pinDirectory)/\(name)"
        _ = try Descriptor("open", path) { unsafe clinux_open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0) }
        try system("mount", path) {
            unsafe mount("/proc/self/fd/\(descriptor.raw)", path, "none", UInt(MS_BIND), nil)
        }
    }
}

private func mountTemporaryFileSystem(at path: String) throws(SystemError) {
    try system("mount", path) {
        unsafe mount("tmpfs", path, "tmpfs", UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC), "mode=755,size=16m")
    }
}

private func copyContent(of source: SharedDescriptor, to path: String) throws(SystemError) {
    let target = try Descriptor("open", path) {
        unsafe clinux_open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    }
    while try system("sendfile", path, { sendfile(target.raw, source.raw, nil, 1 << 20) }) > 0 {}
}

private func inode(of descriptor: CInt) throws(SystemError) -> UInt64 {
    var status = stat()
    try system("fstat") { unsafe fstat(descriptor, &status) }
    return UInt64(status.st_ino)
}

private func inode(ofPath path: String) throws(SystemError) -> UInt64 {
    var status = stat()
    try system("stat", path) { unsafe stat(path, &status) }
    return UInt64(status.st_ino)
}

/// nil where it has no path: it was removed, or lies elsewhere.
private func workingDirectory() -> String? {
    guard let path = unsafe getcwd(nil, 0) else { return nil }
    defer { unsafe free(path) }
    let text = unsafe String(cString: path)
    return text.hasPrefix("/") ? text : nil
}

/// execve(2). What it returns is why it failed.
private func replaceProcess(_ argv: [String]) -> SystemError {
    var words = unsafe [nil] + argv.map { unsafe strdup($0) } + [nil]
    return SystemError(Errno(rawValue: unsafe clinux_execute(&words)), "execve", argv[0])
}
