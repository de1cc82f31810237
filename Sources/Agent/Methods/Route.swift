// route.add, replace, delete, flush, list, get: routes.

import IPRoute
import Netlink
import Wire

extension RouteAdd: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = try params.value.madeByAPerson()
        try await call.making(Usage(routes: 1), in: target) { try await call.kernel(target) { try $0.addRoute(spec) } }
        return Nothing()
    }
}

extension RouteReplace: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = try params.value.madeByAPerson()
        try await call.making(Usage(routes: 1), in: target) {
            try await call.kernel(target) { try $0.replaceRoute(spec) }
        }
        return Nothing()
    }
}

extension RouteSpec {
    /// The kernel's own routes are not counted, so nobody else may call one that.
    fileprivate func madeByAPerson() throws(WireError) -> RouteSpec {
        if let origin = self.protocol, origin.isAutomatic {
            throw WireError(.invalidParams, "params.protocol: \(origin) is what the kernel calls its own routes")
        }
        return self
    }
}

extension RouteDelete: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = params.value
        try await call.kernel(target) { try $0.deleteRoute(spec) }
        return Nothing()
    }
}

extension RouteFlush: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Flushed {
        let target = try await call.target(params.place)
        let filter = params.value
        return Flushed(removed: try await call.kernel(target) { try $0.flushRoutes(filter) })
    }
}

extension RouteList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [InNamespace<Route>] {
        let filter = params.filter
        return try await call.kernelList(try call.namespaces(params.netns)) { try $0.routes(filter) }
    }
}

extension RouteGet: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Route {
        let target = try await call.target(params.place)
        let query = params.value
        return try await call.kernel(target) { try $0.route(for: query) }
    }
}
