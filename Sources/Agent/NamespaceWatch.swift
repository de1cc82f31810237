// The kernel's word that a namespace has ended: RTM_DELNSID on the host's netlink socket, to the moment.

import Descriptors
import Linux
import Logging
import Netlink
import Wire

@EventLoop
final class NamespaceWatch {
    weak var agent: Agent?
    private let monitor: MonitorSocket
    private var watch: Watch?

    /// Listening begins here, so nothing that happens from now on is missed.
    init() throws {
        monitor = try MonitorSocket(groups: [.namespaceId])
    }

    func start() throws {
        watch = try Watch(monitor.fd, .readable) { [weak self] _ in self?.read() }
    }

    /// The ids of all namespaces there are.
    func livingIds() throws -> Set<Int32> {
        Set(try NetlinkSocket().namespaceIds())
    }

    private func read() {
        do {
            while true {
                switch try monitor.receive() {
                case .nothing: return
                case .overflow: resynchronise()
                case .events(let events):
                    for case .namespaceId(.deleted, let id) in events.map(\.notification) { agent?.namespaceEnded(id) }
                }
            }
        } catch {
            agent?.log.error("namespaces' ends cannot be read", metadata: ["error": "\(error)"])
        }
    }

    /// Reports were lost (ENOBUFS): compare with what there is.
    private func resynchronise() {
        guard let agent, let living = try? livingIds() else { return }
        for namespace in agent.registry.all where !living.contains(namespace.id) { agent.namespaceEnded(namespace.id) }
    }
}
