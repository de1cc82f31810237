// Exemplars of netns.*, program.* and dns.*.

import IPRoute
import Wire

extension Exemplars {
    static let netns: [Exemplars] = [
        Exemplars(
            NetnsAdd.self, [.init(name: "server", loopbackDown: true, delegate: true), .init(name: "alice:server")],
            namespaces),
        Exemplars(
            NetnsList.self,
            [
                .init(allUsers: true, setAside: true), .init(), .init(seenFrom: Place("server")),
                .init(seenFrom: Place(netnsFileDescriptor: 0)),
            ], [namespaces]),
        Exemplars(
            NetnsGet.self, [.init(name: "server")],
            ["alice", nil].map { .init(name: "server", id: 4, uid: 1000, user: $0, inode: 4_026_532_281, pids: [7]) }),
        Exemplars(
            NetnsSet.self,
            [
                .init(Place("server"), name: "gateway", nsid: NamespaceNumber(5)),
                .init(Place(netnsFileDescriptor: 0), name: "gateway"),
            ], [Nothing()]),
        Exemplars(
            NetnsDelete.self,
            [.init(name: "server", kill: true), .init(name: "server", leaveRunning: true), .init(name: "server")],
            [Nothing()]),
        Exemplars(NetnsChown.self, [.init(name: "alice:server", user: "bob")], [namespaces[0]]),
        Exemplars(NetnsExec.self, [fullExec, leastExec], [.init(pid: 4711, pidFileDescriptor: 0)]),
        Exemplars(
            NetnsEnter.self, [.init(netns: "firewall", hostNames: true), .init(netns: "firewall")],
            [
                .init(
                    netnsFileDescriptor: 0, userNamespaceFileDescriptor: 1,
                    files: [.init(path: "/etc/resolv.conf", contentFileDescriptor: 2)]),
                .init(netnsFileDescriptor: 0, userNamespaceFileDescriptor: 1, files: []),
            ]),
    ]

    private static let namespaces: [NamespaceInfo] = [
        .init(name: "server", id: 4, uid: 1000, user: "alice", state: .live, delegated: true, nsid: 0),
        .init(name: "client", id: 5, uid: 4_000_000_000, user: nil, state: .deleted, delegated: false, setAside: true),
    ]

    private static let leastExec = NetnsExec.Params(
        netns: nil, argv: ProgramArguments(["ping", "-c", "1"])!, environment: [], workingDirectoryFileDescriptor: 3)

    private static var fullExec: NetnsExec.Params {
        var params = leastExec
        params.netns = "client"
        params.environment = [EnvironmentVariable("PATH=/usr/bin")!]
        params.stdinFileDescriptor = 0
        params.stdoutFileDescriptor = 1
        params.stderrFileDescriptor = 2
        params.umask = FileModeMask(0o77)
        params.controllingTerminal = true
        params.waitStatusFileDescriptor = 4
        params.detach = true
        params.hostNames = true
        return params
    }

    // MARK: Programs and names

    static let program: [Exemplars] = [
        Exemplars(ProgramList.self, [.init(netns: "client"), .init()], [[ended, killed, running]]),
        Exemplars(
            ProgramKill.self, [.init(pid: 7, signal: SignalNumber(9)), .init(netns: "client")], [.init(pids: [7])]),
        Exemplars(
            ProgramAttach.self, [.init(pid: 7)],
            [.init(program: running, pidFileDescriptor: 0), .init(program: ended, pidFileDescriptor: nil)]),
    ]

    private static let running = ProgramInfo(
        pid: 7, netns: nil, argv: ["sleep", "60"], detached: true, started: 1_760_000_000, running: true)
    private static let ended = ProgramInfo(
        pid: 8, netns: "client", argv: ["true"], detached: false, started: 1_760_000_000, running: false, exitCode: 0)
    private static let killed = ProgramInfo(
        pid: 9, netns: "client", argv: ["sleep"], detached: false, started: 1_760_000_000, running: false, signal: 9)

    static let dns: [Exemplars] = [
        Exemplars(DNSGet.self, [.init(netns: "client")], [settings, .init()]),
        Exemplars(
            DNSSet.self, [.init(netns: "client", settings: settings), .init(netns: "client", settings: .init())],
            [Nothing()]),
    ]

    private static let settings = DNSSettings(
        servers: ["10.0.0.53"], search: [HostName("lab")!], options: [ResolverOption("ndots:2")!],
        hosts: [.init(name: HostName("server.lab")!, address: "192.168.100.1")])
}
