// dns.get: what programs in a namespace are told of names.

import Wire

extension DNSGet: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> DNSSettings {
        try call.namespace(params.netns).dns ?? DNSSettings()
    }
}
