// Exemplars of netns.*.

import Wire

extension Exemplars {
    static let netns: [Exemplars] = [
        Exemplars(NetnsAdd.self, [.init(name: "server", loopbackDown: true), .init(name: "alice:server")], namespaces),
        Exemplars(NetnsList.self, [
                .init(allUsers: true), .init(), .init(seenFrom: Place("server")),
                .init(seenFrom: Place(netnsFileDescriptor: 0)),
            ], [namespaces]),
        Exemplars(
            NetnsGet.self, [.init(name: "server")],
            ["alice", nil].map { .init(name: "server", id: 4, uid: 1000, user: $0, inode: 4_026_532_281, pids: [7]) }),
        Exemplars(NetnsDelete.self, [
                .init(name: "server", kill: true), .init(name: "server", leaveRunning: true), .init(name: "server"),
            ], [Nothing()]),
        Exemplars(
            NetnsExec.self, [exec(netns: "client", umask: 0o77), exec(netns: nil, umask: nil)],
            [.init(pid: 4711, pidFileDescriptor: 0)]),
    ]

    private static let namespaces: [NamespaceInfo] = [
        .init(name: "server", id: 4, uid: 1000, user: "alice", state: .live, nsid: 0),
        .init(name: "client", id: 5, uid: 4_000_000_000, user: nil, state: .deleted),
    ]

    private static func exec(netns: NamespaceSelector?, umask: UInt32?) -> NetnsExec.Params {
        .init(
            netns: netns, argv: ["ping", "-c", "1"], environment: ["PATH=/usr/bin"], stdinFileDescriptor: 0,
            stdoutFileDescriptor: 1, stderrFileDescriptor: 2, workingDirectoryFileDescriptor: 3, umask: umask)
    }
}
