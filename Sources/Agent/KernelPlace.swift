// Where kernel work happens, for the worker threads: the host, or a namespace by its pin.

import Descriptors
import IPRoute
import Linux
import Netlink
import SystemPackage

/// The pin is not there, or is of something else: somebody took the namespace away behind the agent's back.
struct NamespaceGone: Error {
    let path: String
    let identity: NamespaceIdentity
}

/// A snapshot a worker can use while the loop goes on.
enum KernelPlace: Sendable {
    case host
    case pinned(path: String, NamespaceIdentity)

    /// Opens the namespace. A pinned one is the one remembered, or none.
    func open() throws -> NetworkNamespace {
        guard case .pinned(let path, let identity) = self else { return try NetworkNamespace.current() }
        do {
            let namespace = try NetworkNamespace.open(path)
            guard try namespace.identity() == identity else { throw NamespaceGone(path: path, identity: identity) }
            return namespace
        } catch let error as SystemError
            where [.noSuchFileOrDirectory, .invalidArgument, .permissionDenied].contains(error.errno)
        {
            // Where a mount was taken away, the file beneath it is nobody's to read.
            throw NamespaceGone(path: path, identity: identity)
        }
    }

    /// Runs `body` with the thread in it.
    func inside<Result>(_ body: () throws -> Result) throws -> Result {
        if case .host = self { return try body() }
        return try open().inside(body)
    }

    /// Runs `body` with an rtnetlink socket of it. The socket is closed before this returns: it would keep the
    /// namespace from ending.
    func withNetlink<Result>(_ body: (borrowing NetlinkSocket) throws -> Result) throws -> Result {
        try body(openNetlink())
    }

    /// A list made there; empty where the namespace is gone, and for one of many also where it has no such link.
    func list<Result>(isOneOfAll: Bool, _ body: (borrowing NetlinkSocket) throws -> [Result]) throws -> [Result] {
        do {
            return try withNetlink(body)
        } catch is NamespaceGone {
            return []
        } catch let error as NetlinkError where isOneOfAll && error.errno == .operationNotSupportedByDevice {  // ENODEV
            return []
        }
    }

    private func openNetlink() throws -> NetlinkSocket {
        if case .host = self { return try NetlinkSocket() }
        let namespace = try open()
        return try namespace.inside { try NetlinkSocket() }
    }
}

/// nil where the namespace is gone.
func unlessGone<Result>(_ body: () throws -> Result) throws -> Result? {
    do { return try body() } catch is NamespaceGone { return nil }
}

/// What a user can have made in a namespace, counted in the kernel.
func countedUsage(_ place: KernelPlace) throws -> Usage {
    let groups = try place.inside { try countStaticGroups() }
    return try place.withNetlink { try countedUsage($0, groups: groups) }
}

private func countedUsage(_ socket: borrowing NetlinkSocket, groups: Int) throws -> Usage {
    Usage(
        links: try socket.countLinks(), addresses: try socket.countAddresses() + groups,
        routes: try socket.countRoutes() + socket.countNexthops() + socket.countRules() + socket.countNeighbours())
}
