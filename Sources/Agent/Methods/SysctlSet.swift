// sysctl.set: sets kernel parameters of a namespace, all or none.

import Descriptors
import Linux
import SystemPackage
import Wire

extension SysctlSet: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [SysctlValue] {
        let values = params.value.values
        try call.requireSysctl(values.map(\.key))
        let target = try await call.target(params.place)
        return try await call.agent.kernel(target, for: call.owner) { place in try place.inside { try write(values) } }
    }
}

/// Writes in order. Where one is refused, those before it get their old values back.
private func write(_ values: [SysctlValue]) throws -> [SysctlValue] {
    let old = try values.map { SysctlValue(key: $0.key, value: try read($0.key)) }
    for (index, value) in values.enumerated() {
        do {
            try writeSysctl(value.key.path, value.value)
        } catch {
            for value in old.prefix(index).reversed() { try? writeSysctl(value.key.path, value.value) }
            throw WireError(sysctl: value.key, error)
        }
    }
    return try values.map { SysctlValue(key: $0.key, value: try read($0.key)) }
}
