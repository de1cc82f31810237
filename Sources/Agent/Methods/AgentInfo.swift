// agent.info: what the agent is, and who it says the caller is.

import JSON
import Wire

extension AgentInfo: Handled {
    static func handle(_: Nothing, _ call: Call) async throws -> Result {
        Result(
            version: programVersion, protocolVersion: protocolVersion,
            features: [
                "exec", "events", "place-by-descriptor", "delegate", "nexthop", "maddr", "netns-ids", "kernel-notices",
                "log", "sysctl-list", "fdb",
            ],
            limits: .init(
                lineBytes: LineBuffer.longestLine, depth: JSONValue.maximumDepth,
                lineMilliseconds: Connection.lineMilliseconds),
            uid: call.owner.uid, user: call.owner.user)
    }
}
