// route.add: a route.

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

extension RouteSpec {
    /// The kernel's own routes are not counted, so nobody else may call one that.
    func madeByAPerson() throws(WireError) -> RouteSpec {
        try requireAPersons(self.protocol)
        return self
    }
}

/// What is not counted nobody but the kernel may make.
func requireAPersons(_ origin: RouteProtocol?) throws(WireError) {
    guard let origin, origin.isAutomatic else { return }
    throw WireError(.invalidParams, "params.protocol: \(origin) is what the kernel calls its own")
}
