// dns.set: what programs in a namespace will be told of names.

import Wire

extension DNSSet: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Nothing {
        let namespace = try call.namespace(params.netns)
        guard namespace.state == .live else { throw WireError.noNamespace(params.netns) }
        let old = namespace.dns
        namespace.dns = params.settings == DNSSettings() ? nil : params.settings
        do {
            try call.agent.records.write(call.agent.record(of: namespace))
        } catch {
            namespace.dns = old
            throw error
        }
        return Nothing()
    }
}
