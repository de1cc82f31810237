// maddr.add: a link listens to a group of its layer. It counts as an address.

import IPRoute
import Descriptors
import Linux
import Wire

extension MaddrAdd: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let target = try await call.target(params.place)
        let spec = params.value
        try await call.making(Usage(addresses: 1), in: target) {
            try await call.agent.kernel(target, for: call.owner) { place in
                try place.inside {
                    try asKernels { () throws(SystemError) in try joinGroup(spec.address.bytes, on: spec.dev.text) }
                }
            }
        }
        return Nothing()
    }
}
