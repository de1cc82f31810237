// sysctl.get: kernel parameters of a namespace, as far as the policy allows.

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

/// A parameter's value, or why there is none, in words for the caller.
func read(_ key: SysctlKey) throws -> String {
    do { return try readSysctl(key.path) } catch { throw WireError(sysctl: key, error) }
}

extension WireError {
    init(sysctl key: SysctlKey, _ error: SystemError) {
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
    func requireSysctl(_ keys: [SysctlKey]) throws(WireError) {
        for key in keys where !grants.sysctl.value.contains(where: { $0.allows(key) }) { throw refused(key.name) }
    }

    func refused(_ name: SysctlName) -> WireError {
        var details = WireError.Details()
        details.rule = grants.sysctl.rule
        return WireError(.permissionDenied, "the policy does not give you \(name) (\(grants.sysctl.rule))", details)
    }
}
