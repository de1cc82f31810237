// sysctl.get, sysctl.set: kernel parameters of a namespace, as far as the policy allows.

import Descriptors
import Linux
import SystemPackage
import Wire

extension SysctlGet: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [SysctlValue] {
        let keys = params.value.keys
        try call.requireSysctl(keys)
        let target = try await call.target(params.place)
        return try await call.agent.kernel(target, for: call.owner) { place in
            try place.inside { try keys.map { SysctlValue(key: $0, value: try read($0)) } }
        }
    }
}

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

private func read(_ key: SysctlKey) throws -> String {
    do { return try readSysctl(key.path) } catch { throw WireError(sysctl: key, error) }
}

extension WireError {
    fileprivate init(sysctl key: SysctlKey, _ error: SystemError) {
        switch error.errno {
        case .noSuchFileOrDirectory, .isDirectory:
            self.init(.notFound, "this namespace has no key \(key)")
        case .permissionDenied, .notPermitted:
            self.init(.unsupported, "\(key) is the whole machine's or cannot be written here")
        case .invalidArgument: self.init(.invalidParams, "\(key) does not take this value")
        default: self.init(error)
        }
    }
}

extension Call {
    fileprivate func requireSysctl(_ keys: [SysctlKey]) throws(WireError) {
        for key in keys where !grants.sysctl.value.contains(where: { $0.allows(key) }) {
            var details = WireError.Details()
            details.rule = grants.sysctl.rule
            throw WireError(.permissionDenied, "the policy does not give you \(key) (\(grants.sysctl.rule))", details)
        }
    }
}
