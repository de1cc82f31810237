// link.set: changes a link, moves it to another namespace, or both.

import Descriptors
import IPRoute
import Linux
import Netlink
import Wire

extension LinkSet: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let change = params.change
        if change.master != nil && change.nomaster == true {
            throw WireError(.invalidParams, "params.nomaster: excludes master")
        }
        let target = try await call.target(params.place)
        guard let selector = params.moveTo else {
            try await call.kernel(target) { try $0.changeLink($0.index(of: params.dev), change) }
            return Nothing()
        }
        let destination = Target.namespace(try call.namespace(selector))
        let destinationPlace = call.agent.kernelPlace(of: destination)
        // Within one's own the sum stays; what root moves in from elsewhere is new there.
        try await call.making(Usage(links: 1), in: destination) {
            try await call.agent.kernel(target, for: call.owner) { try moveLink(params, $0, to: destinationPlace) }
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
            try socket.changeLink(index, change)
        } catch {
            if let back = try? place.open() { try? socket.moveLink(index, to: back.descriptor.raw, name: params.dev) }
            throw error
        }
    }
}
