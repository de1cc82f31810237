// maddr.list: the groups that links listen to.

import IPRoute
import Linux
import Wire

extension MaddrList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [InNamespace<LinkWithGroups>] {
        let filter = params.filter
        let places = try await call.targets(params).map { (call.selector(of: $0), call.agent.kernelPlace(of: $0)) }
        return try await call.agent.workers.run(for: call.owner.uid) {
            try places.flatMap { selector, place in
                let found = try unlessGone { try place.inside { try linksWithGroups(filter) } } ?? []
                return found.map { InNamespace(selector, $0) }
            }
        }
    }
}
