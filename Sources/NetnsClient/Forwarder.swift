// Forwarding ports into namespaces and out of them, in this process and with this user's rights.
//
// How it works: the agent opens sockets in the namespace and passes them; everything else (binding, connecting, moving
// bytes) is done here, on one thread that never waits for a single connection. Agent and namespace see no difference to
// a program inside.

public import Descriptors
import Glibc
import SystemPackage
import Wire

/// Forwards ports until it is told to stop.
public final class Forwarder {
    private let loop: ForwardingLoop
    private let connect: () throws -> Connection
    private let report: (String) -> Void
    private let sockets: NamespaceSockets
    private var streams: [StreamForward] = []
    private var datagrams: [DatagramForward] = []

    /// - Parameters:
    ///   - connect: How to reach the agent, now and if the connection is lost.
    ///   - report: Is told why a connection could not be made.
    public init(connect: @escaping () throws -> Connection, report: @escaping (String) -> Void) throws(SystemError) {
        loop = try ForwardingLoop()
        self.connect = connect
        self.report = report
        sockets = NamespaceSockets(loop, connect: connect)
        allowManyDescriptors()
    }

    /// Listens for what `spec` says, and gives the addresses. Of several, such as the loopback's two, those that the
    /// system does not have are left out.
    /// - Throws: `ForwardingError`, or what the agent refuses (`WireError`), or `ConnectionError`.
    public func add(_ spec: ForwardSpec) throws -> [SocketAddress] {
        let targets = try spec.targets()
        let kind: InternetSocketKind = spec.transport == .tcp ? .stream : .datagram
        let agent = try connect()
        let (listeners, addresses) = try listen(spec, kind) { family in
            switch spec.direction {
            case .inward: try .localSocket(kind, family)
            case .outward: try agent.openSocket(.init(kind, family, in: Place(spec.netns)))
            }
        }
        if spec.direction == .inward {
            // Whether there is such a namespace is found out now, not at the first connection.
            _ = try agent.openSocket(.init(kind, targets[0].family, in: Place(spec.netns)))
        }
        let open: OpenSocket = { [sockets] family, completion in
            switch spec.direction {
            case .inward: sockets.open(.init(kind, family, in: Place(spec.netns)), completion)
            case .outward: completion(Result { try .localSocket(kind, family) })
            }
        }
        let report = { [report] (error: any Error) in report("\(spec): \(shortly(error))") }
        switch kind {
        case .stream: streams.append(try StreamForward(loop, listeners, to: targets, opening: open, report: report))
        case .datagram:
            datagrams.append(try DatagramForward(loop, listeners, to: targets[0], opening: open, report: report))
        }
        return addresses
    }

    /// Forwards until one of the signals comes.
    public func run(until signals: borrowing ForwardedSignals) throws(SystemError) {
        let watch = try loop.watch(signals.fileDescriptor, .readable) { [loop] _ in loop.stop() }
        loop.run()
        loop.cancel(watch)
    }

    private func listen(
        _ spec: ForwardSpec, _ kind: InternetSocketKind, _ open: (Family) throws -> SharedDescriptor
    ) throws -> ([SharedDescriptor], [SocketAddress]) {
        var listeners: [SharedDescriptor] = []
        var addresses: [SocketAddress] = []
        var missing: SystemError?
        for wanted in spec.listenAddresses {
            // Of a port that the kernel chooses, the second address gets the same.
            let wanted = addresses.first.map { SocketAddress(wanted.address, $0.port) } ?? wanted
            do {
                let socket = try open(wanted.family)
                addresses.append(try socket.listen(kind, on: wanted))
                listeners.append(socket)
            } catch let error as SystemError {
                guard error.errno == .addressNotAvailable || error.errno == .addressFamilyNotSupported else {
                    throw ForwardingError.cannotListen(wanted.description, error)
                }
                missing = error
            }
        }
        if let missing, listeners.isEmpty {
            throw ForwardingError.cannotListen(spec.listenAddresses[0].description, missing)
        }
        return (listeners, addresses)
    }
}

/// What went wrong; of a system call only that, for the addresses are said already.
private func shortly(_ error: any Error) -> String {
    if let error = error as? SystemError { return "\(error.errno)" }
    return "\(error)"
}

/// A connection takes two descriptors: as many as this process may have (RLIMIT_NOFILE, getrlimit(2)).
private func allowManyDescriptors() {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
