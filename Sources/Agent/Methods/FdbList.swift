// fdb.list: forwarding entries.

import IPRoute
import Netlink
import Wire

extension FdbList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [InNamespace<ListedForwardingEntry>] {
        let filter = params.filter
        return try await call.kernelList(params) { try $0.forwardingEntries(filter) }
    }
}
