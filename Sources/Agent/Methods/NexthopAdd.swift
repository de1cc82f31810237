// nexthop.add: a nexthop object; it counts as a route.

import IPRoute
import Netlink
import Wire

extension NexthopAdd: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = try params.value.madeByAPerson()
        try await call.making(Usage(routes: 1), in: target) {
            try await call.kernel(target) { try $0.addNexthop(spec) }
        }
        return Nothing()
    }
}

extension NexthopSpec {
    /// As with routes.
    func madeByAPerson() throws(WireError) -> NexthopSpec {
        try requireAPersons(self.protocol)
        return self
    }
}
