// Sockets of namespaces, asked of the agent without waiting for its answers.

import Descriptors
import Glibc
import Wire

/// Requests for sockets that are on their way. A lost agent is connected to anew; one that says the rate is too high is
/// asked again when it said.
final class NamespaceSockets {
    private typealias Completion = (Result<SharedDescriptor, any Error>) -> Void

    private struct Wish {
        let params: SocketOpen.Params
        let completion: Completion
        /// How often it was asked for on a connection that was then lost.
        var losses = 0
    }

    private let loop: ForwardingLoop
    private let connect: () throws -> Connection
    private var connection: (agent: Connection, watch: ForwardingLoop.Watch)?
    private var sent: [(call: PendingCall<SocketOpen>, wish: Wish)] = []

    init(_ loop: ForwardingLoop, connect: @escaping () throws -> Connection) {
        self.loop = loop
        self.connect = connect
    }

    func open(_ params: SocketOpen.Params, _ completion: @escaping (Result<SharedDescriptor, any Error>) -> Void) {
        send(Wish(params: params, completion: completion))
    }

    private func send(_ wish: Wish) {
        do {
            let agent = try connected()
            sent.append((try agent.send(SocketOpen.self, wish.params), wish))
        } catch {
            lose(error)
            retry(wish, error)
        }
    }

    private func connected() throws -> Connection {
        if let connection { return connection.agent }
        let agent = try connect()
        let watch = try loop.watch(agent.fileDescriptor, .readable) { [weak self] _ in self?.receive() }
        connection = (agent, watch)
        return agent
    }

    private func receive() {
        guard let agent = connection?.agent else { return }
        do {
            try agent.takeIn(pending: !sent.isEmpty)
            while agent.hasReply, !sent.isEmpty {
                let (call, wish) = sent.removeFirst()
                answer(wish, Result { try agent.socket(of: try agent.receive(call)) })
            }
        } catch { lose(error) }
    }

    private func answer(_ wish: Wish, _ result: Result<SharedDescriptor, any Error>) {
        if case .failure(let refusal as WireError) = result, refusal.reason == .rateLimited {
            let wait = refusal.details.retryAfterMilliseconds ?? 100
            loop.after(milliseconds: max(1, wait)) { [weak self] in self?.send(wish) }
        } else {
            wish.completion(result)
        }
    }

    /// The connection is of no more use; what it has not answered is asked again.
    private func lose(_ error: any Error) {
        loop.cancel(connection?.watch)
        connection = nil
        let wishes = sent.map(\.wish)
        sent = []
        for wish in wishes { retry(wish, error) }
    }

    private func retry(_ wish: Wish, _ error: any Error) {
        guard wish.losses < 1, error is ConnectionError else { return wish.completion(.failure(error)) }
        var wish = wish
        wish.losses += 1
        send(wish)
    }
}
