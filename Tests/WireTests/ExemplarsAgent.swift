// Exemplars of agent.*, rpc.discover, quota.get.

import IPRoute
import JSON
import Wire

extension Exemplars {
    static let logEntries = [
        LogEntry(
            time: 1_760_000_000_000_000, uid: 1000, user: "alice", method: LinkDelete.name, netns: ["alice:server"],
            subject: "eth0", outcome: "ok", microseconds: 812),
        LogEntry(time: 1_760_000_000_000_000, uid: 1000, user: "alice", dropped: 3),
        LogEntry(time: 1_760_000_000_000_000, uid: 1000, user: nil),
    ]

    static let agent: [Exemplars] = [
        Exemplars(
            AgentInfo.self, [Nothing()],
            ["alice", nil].map { user in
                .init(
                    version: programVersion, protocolVersion: protocolVersion, features: ["delegation"],
                    limits: .init(lineBytes: 1 << 20, depth: 32, lineMilliseconds: 30_000), uid: 1000, user: user)
            }),
        Exemplars(
            AgentCheck.self, [Nothing()],
            [
                .init(
                    kernel: "6.12.0",
                    checks: [
                        .init(what: "link kind vxlan", works: false, missing: "CONFIG_VXLAN", remedy: "load it"),
                        .init(what: "link kind veth", works: true),
                    ])
            ]),
        Exemplars(RpcDiscover.self, [Nothing()], [["openrpc": "1.3.2"]]),
        Exemplars(
            QuotaGet.self, [.init(user: "alice"), .init()],
            [
                .init(
                    uid: 1000, user: "alice",
                    resources: [
                        .init(resource: "namespaces", limit: 8, used: 3, rule: "defaults"),
                        .init(resource: "requests-per-second", limit: nil, used: nil, rule: "defaults"),
                    ], rights: .init(kinds: ["veth"], sysctl: ["net.ipv4.*"])),
                .init(uid: 1000, user: nil, resources: [], rights: .init(kinds: [], sysctl: [])),
            ]),
        Exemplars(
            QuotaList.self, [Nothing()],
            [
                [
                    .init(
                        uid: 1000, user: "alice",
                        resources: [.init(resource: "namespaces", limit: 8, used: 3, rule: "defaults")]),
                    .init(uid: 1000, user: nil, resources: []),
                ]
            ]),
        Exemplars(
            LogList.self, [.init(lines: LineCount(20), since: 7, user: "alice", follow: true), .init()], [logEntries]),
    ]
}
