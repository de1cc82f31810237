// sysctl.list: the kernel parameters of a namespace that the policy allows.

import Descriptors
import Linux
import SystemPackage
import Wire

extension SysctlList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Result {
        let scope = params.value
        let under = scope.under ?? .net
        let patterns = call.grants.sysctl.value
        guard patterns.contains(where: { $0.reaches(under) }) else { throw call.refused(under) }
        let target = try await call.target(params.place)
        return try await call.agent.kernel(target, for: call.owner) { place in
            try place.inside {
                var walk = Walk(patterns: patterns, scope: scope)
                guard try walk.take(under) else { throw WireError(.notFound, "this namespace has no key \(under)") }
                return walk.result
            }
        }
    }
}

extension SysctlName {
    fileprivate static let net = SysctlName(["net"])!
}

/// The way through the levels, with what was found on it.
private struct Walk {
    let patterns: [SysctlPattern]
    let scope: SysctlScope
    private var keys: [SysctlList.Listed] = []
    private var levels: [SysctlName] = []

    init(patterns: [SysctlPattern], scope: SysctlScope) {
        self.patterns = patterns
        self.scope = scope
    }

    var result: SysctlList.Result { .init(keys: keys, levels: levels) }

    /// Takes what is below a level, or the key itself where it is one; false where there is neither.
    mutating func take(_ name: SysctlName) throws -> Bool {
        do {
            for entry in try sysctlEntries(name.path) {
                guard let below = SysctlName(name.path + [entry.name]) else { continue }
                try take(below, isLevel: entry.isLevel)
            }
        } catch let error as SystemError {
            switch error.errno {
            case .notDirectory: takeKey(name)
            case .noSuchFileOrDirectory: return false
            default: throw error
            }
        }
        return true
    }

    private mutating func take(_ name: SysctlName, isLevel: Bool) throws {
        guard isLevel else { return takeKey(name) }
        guard patterns.contains(where: { $0.reaches(name) }) else { return }
        guard scope.shallow == true else {
            // A link's level goes with the link, perhaps just now.
            _ = try take(name)
            return
        }
        levels.append(name)
    }

    private mutating func takeKey(_ name: SysctlName) {
        guard let key = SysctlKey(name), patterns.contains(where: { $0.allows(key) }) else { return }
        // Some can only be written.
        keys.append(.init(key, value: scope.values == true ? try? readSysctl(key.path) : nil))
    }
}
