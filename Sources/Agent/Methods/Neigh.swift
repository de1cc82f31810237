// neigh.add, replace, delete, flush, list: neighbours. Those that stay by themselves count as routes.

import IPRoute
import Netlink
import Wire

extension NeighAdd: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = params.value
        try await call.making(spec.use, in: target) { try await call.kernel(target) { try $0.addNeighbour(spec) } }
        return Nothing()
    }
}

extension NeighReplace: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = params.value
        try await call.making(spec.use, in: target) { try await call.kernel(target) { try $0.replaceNeighbour(spec) } }
        return Nothing()
    }
}

extension NeighbourSpec {
    /// The kernel clears away what is neither permanent nor a proxy.
    fileprivate var use: Usage { Usage(routes: proxy == true || state ?? .permanent == .permanent ? 1 : 0) }
}

extension NeighDelete: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = params.value
        try await call.kernel(target) { try $0.deleteNeighbour(spec) }
        return Nothing()
    }
}

extension NeighFlush: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Flushed {
        let target = try await call.target(params.place)
        let filter = params.value
        return Flushed(removed: try await call.kernel(target) { try $0.flushNeighbours(filter) })
    }
}

extension NeighList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [InNamespace<Neighbour>] {
        let filter = params.filter
        return try await call.kernelList(try call.namespaces(params.netns)) { try $0.neighbours(filter) }
    }
}
