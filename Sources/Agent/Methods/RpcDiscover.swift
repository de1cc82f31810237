// rpc.discover: the protocol's own description (OpenRPC).

import COpenRPC
import JSON
import Wire

extension RpcDiscover: Handled {
    static func handle(_: Nothing, _ call: Call) async throws -> JSONValue { try document.get() }

    private static var bytes: [UInt8] {
        var length = 0
        let start = unsafe copenrpc_document(&length)
        return unsafe Array(UnsafeBufferPointer(start: start, count: length))
    }

    private static let document = Swift.Result { () throws(JSONError) -> JSONValue in
        try JSONValue.parse(bytes[...])
    }
}
