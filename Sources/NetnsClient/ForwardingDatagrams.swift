// UDP forwarding: each sender gets a socket of its own on the other side, so that answers find back to it.

import Descriptors
import Glibc

final class DatagramForward {
    /// RFC 4787, REQ-5: not before two minutes without a datagram.
    static let idleMilliseconds = 120_000
    /// Senders at the same time; the one longest idle makes room for a new one.
    private static let mostPeers = 1024
    /// Datagrams that wait for a peer's socket; the rest is dropped, as datagrams are.
    private static let mostWaiting = 64
    /// Datagrams read in a row, so that others get their turn.
    private static let mostReads = 64

    private struct Peer: Hashable {
        let listener: Int
        let address: SocketAddress
    }

    private final class Association {
        var socket: SharedDescriptor?
        var watch: ForwardingLoop.Watch?
        var waiting: [[UInt8]] = []
        var lastUsed: Int

        init(now: Int) { lastUsed = now }
    }

    private let loop: ForwardingLoop
    private let target: SocketAddress
    private let open: OpenSocket
    private let report: (any Error) -> Void
    private var listeners: [SharedDescriptor]
    private var watches: [ForwardingLoop.Watch] = []
    private var associations: [Peer: Association] = [:]

    init(
        _ loop: ForwardingLoop, _ sockets: [SharedDescriptor], to target: SocketAddress,
        opening open: @escaping OpenSocket,
        report: @escaping (any Error) -> Void
    ) throws(SystemError) {
        self.loop = loop
        self.target = target
        self.open = open
        self.report = report
        listeners = sockets
        for index in sockets.indices {
            watches.append(try loop.watch(sockets[index].raw, .readable) { [weak self] _ in self?.receive(on: index) })
        }
        expireLater()
    }

    private func receive(on index: Int) {
        for _ in 0..<Self.mostReads {
            // An error is of a datagram sent before, which nobody wanted: the next call reads on.
            guard let (count, sender) = try? unsafe listeners[index].readDatagram(into: loop.room) else { return }
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: loop.room[..<count])
            let association = association(of: Peer(listener: index, address: sender))
            association.lastUsed = ForwardingLoop.now()
            if let socket = association.socket {
                _ = try? unsafe socket.write(bytes)
            } else if association.waiting.count < Self.mostWaiting {
                association.waiting.append(unsafe Array(bytes))
            }
        }
    }

    private func association(of peer: Peer) -> Association {
        if let known = associations[peer] { return known }
        if associations.count >= Self.mostPeers,
            let oldest = associations.min(by: { $0.value.lastUsed < $1.value.lastUsed })
        {
            drop(oldest.key)
        }
        let association = Association(now: ForwardingLoop.now())
        associations[peer] = association
        open(target.family) { [weak self] result in self?.opened(result, peer, association) }
        return association
    }

    private func opened(_ result: Result<SharedDescriptor, any Error>, _ peer: Peer, _ association: Association) {
        guard associations[peer] === association else { return }
        do {
            let socket = try result.get()
            _ = try socket.connect(to: target)
            association.watch = try loop.watch(socket.raw, .readable) { [weak self, weak association] _ in
                if let association { self?.answer(peer, socket, association) }
            }
            association.socket = socket
            for datagram in association.waiting {
                _ = try? unsafe datagram.withUnsafeBytes { try unsafe socket.write($0) }
            }
            association.waiting = []
        } catch {
            drop(peer)
            report(error)
        }
    }

    private func answer(_ peer: Peer, _ socket: SharedDescriptor, _ association: Association) {
        for _ in 0..<Self.mostReads {
            // Among the errors is that nobody listens there (ICMP): the sender sees no answer, as without us.
            guard let count = (try? unsafe socket.read(into: loop.room)) ?? nil else { return }
            association.lastUsed = ForwardingLoop.now()
            try? unsafe listeners[peer.listener].writeDatagram(
                UnsafeRawBufferPointer(rebasing: loop.room[..<count]), to: peer.address)
        }
    }

    private func drop(_ peer: Peer) {
        guard let association = associations.removeValue(forKey: peer) else { return }
        loop.cancel(association.watch)
    }

    private func expireLater() {
        loop.after(milliseconds: Self.idleMilliseconds / 4) { [weak self] in
            guard let self else { return }
            let oldest = ForwardingLoop.now() - Self.idleMilliseconds
            for peer in associations.filter({ $0.value.lastUsed < oldest }).keys { drop(peer) }
            expireLater()
        }
    }
}
