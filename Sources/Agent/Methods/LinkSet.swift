// link.set: changes a link, moves it to another namespace, or both.

import Descriptors
import IPRoute
import Linux
import Netlink
import Wire

extension LinkSet: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let change = params.change
        try LinkGroup.requireOpen(change.group)
        let target = try await call.target(params.place)
        guard let selector = params.moveTo else {
            try await call.kernel(target) { socket in
                try orUnsupported(change) { try socket.changeLink(socket.index(of: params.dev), change) }
            }
            return Nothing()
        }
        let destination = try call.namespace(selector)
        let place = call.agent.kernelPlace(of: destination)
        func move() async throws {
            try await call.agent.kernel(target, for: call.owner) { try moveLink(params, $0, to: place) }
        }
        if case .namespace(let source) = target, source.owner == destination.owner {
            // The owner has no more than before.
            try await move()
            call.agent.registry.shift(Usage(links: 1), from: source, to: destination)
        } else {
            try await call.making(Usage(links: 1), in: .namespace(destination), move)
        }
        return Nothing()
    }
}

/// Moves the link, renamed on the way if asked, and changes it where it then is. Where that fails, it goes back.
private func moveLink(_ params: LinkSet.Params, _ place: KernelPlace, to destination: KernelPlace) throws {
    var change = params.change
    change.name = nil
    let name = params.change.name ?? params.dev
    try place.withNetlink { socket in
        let index = try socket.index(of: params.dev)
        let there = try destination.open()
        try socket.moveLink(index, to: there.descriptor.raw, name: name)
    }
    guard change != LinkChange() else { return }
    try destination.withNetlink { socket in
        let index = try socket.index(of: name)
        do {
            try orUnsupported(change) { try socket.changeLink(index, change) }
        } catch {
            if let back = try? place.open() { try? socket.moveLink(index, to: back.descriptor.raw, name: params.dev) }
            throw error
        }
    }
}
