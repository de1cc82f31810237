// Who connects: the kernel's word about the peer, the account behind it, and each user's limit on connections.

import CLinux
import Glibc
import Descriptors
import Linux
import Logging
import SystemPackage
import Wire

@EventLoop
final class Listener {
    private unowned let agent: Agent
    private let descriptor: Descriptor
    private var watch: Watch?
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var isEnding = false
    /// Sockets accepted whose peer is being looked up.
    private var arriving = 0
    private static let mostArriving = 64
    private let mostConnections: Int

    /// Takes a listening, non-blocking Unix stream socket.
    /// - Parameter mostConnections: of all users together. The agent needs descriptors for its own work too: without
    ///   one it could not even look up who connects. Those beyond wait in the kernel's queue.
    init(_ descriptor: consuming Descriptor, _ agent: Agent, mostConnections: Int) throws(SystemError) {
        self.agent = agent
        self.mostConnections = mostConnections
        self.descriptor = descriptor
        watch = try Watch(self.descriptor.raw, .readable) { [weak self] _ in self?.accept() }
    }

    /// Ends the service. Programs go on without their clients, for the next agent to take up.
    func close() {
        watch?.cancel()
        watch = nil
        isEnding = true
        for connection in connections.values { connection.close() }
    }

    private func accept() {
        // A few at a time: others want the loop too.
        for _ in 0..<16 where hasRoom {
            do {
                let socket = UnixSocket(try Descriptor("accept4") { clinux_accept(descriptor.raw) })
                welcome(socket)
            } catch {
                if error.errno != .wouldBlock && error.errno.rawValue != ECONNABORTED { rest(error) }
                return
            }
        }
        adjust()
    }

    private var hasRoom: Bool { arriving < Self.mostArriving && connections.count + arriving < mostConnections }

    private func adjust() {
        watch?.interest = hasRoom ? .readable : []
    }

    /// EMFILE, ENFILE, ENOBUFS, ENOMEM: the one who waits stays in the kernel's queue, and asking again at once would
    /// only spin.
    private func rest(_ error: SystemError) {
        agent.log.error("connections cannot be taken for a moment", metadata: ["error": "\(error)"])
        watch?.interest = []
        Timer(afterMilliseconds: 100) { [weak self] in self?.adjust() }
    }

    private func welcome(_ socket: consuming UnixSocket) {
        let credentials: PeerCredentials
        do {
            credentials = try socket.peerCredentials()
        } catch {
            agent.log.error("a peer without credentials is turned away", metadata: ["error": "\(error)"])
            return
        }
        arriving += 1
        let raw = socket.release()
        EventLoop.begin { [self] in
            // The account database may ask the network.
            let caller = try? await agent.accounts.run(for: credentials.uid) { Caller(credentials) }
            arriving -= 1
            adjust()
            let socket = UnixSocket(Descriptor(owning: raw))
            guard let caller else { return }
            open(socket, caller)
        }
    }

    private func open(_ socket: consuming UnixSocket, _ caller: Caller) {
        guard let grants = agent.policy.grants(for: caller.person) else {
            return Self.turnAway(socket, .nobody(caller.person.uid))
        }
        let account = agent.registry.account(of: caller.owner)
        guard grants.limit(.connections).value.allows(account.connections + 1) else {
            return Self.turnAway(socket, .quotaExceeded(.connections, grants, used: account.connections))
        }
        account.connections += 1
        do {
            let connection = try Connection(socket, caller, grants, agent) { [weak self] connection in
                account.connections -= 1
                self?.forget(connection)
            }
            connections[ObjectIdentifier(connection)] = connection
        } catch {
            account.connections -= 1
            agent.log.error("a connection cannot be served", metadata: ["error": "\(error)"])
        }
    }

    private func forget(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        adjust()
        if !isEnding { agent.programs.hangUp(connection) }
        agent.events.unsubscribe(connection)
        agent.audit.unfollow(connection)
        agent.registry.forgetIfIdle(connection.caller.owner)
    }

    /// One error line, as far as the socket takes it at once.
    private static func turnAway(_ socket: borrowing UnixSocket, _ error: WireError) {
        let answer = Answer(Reply(id: nil, failure: error))
        _ = try? unsafe answer.bytes.withUnsafeBytes { unsafe try socket.send($0) }
    }
}
