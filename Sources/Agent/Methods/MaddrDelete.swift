// maddr.delete: a link leaves a group of its layer.

import IPRoute
import Descriptors
import Linux
import Wire

extension MaddrDelete: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = params.value
        try await call.agent.kernel(target, for: call.owner) { place in
            try place.inside {
                try asKernels { () throws(SystemError) in try leaveGroup(spec.address.bytes, on: spec.dev.text) }
            }
        }
        return Nothing()
    }
}
