// What a program that netnsd-spawn started has, sees, and has not.

import CLinux
import Descriptors
import Glibc
import SystemPackage
import Testing

@testable import Linux

@Suite(.serialized) struct SpawnProgramTests {
    let spawner: TestSpawner
    let directory: TestDirectory
    let directoryStep = SpawnStep(CLINUX_SPAWN_STEP_DIRECTORY)

    init() throws {
        spawner = try TestSpawner()
        directory = try TestDirectory()
    }

    @Test func itIsItsOwnersAndHoldsNoPrivilege() throws {
        try spawner.whileRunning { pid in
            let status = try status(pid)
            #expect(status["Uid"] == "64001 64001 64001 64001")
            #expect(status["Gid"] == "64101 64101 64101 64101")
            #expect(status["Groups"] == "64101 64201 64202")
            for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
                #expect(status[set] == "0000000000000000", "\(set)")
            }
            #expect(status["NoNewPrivs"] == "1")
            #expect(status["Umask"] == "0022")
            #expect(try proc(pid, "environ") == "PATH=/usr/bin:/bin\0")
            #expect(link("/proc/\(pid)/cwd") == "/")
        }
    }

    @Test func rootsProgramsHoldNoPrivilegeEither() throws {
        let root = SpawnRequest.Owner(uid: 0, gid: 0, groups: [])
        try spawner.whileRunning {
            $0.owner = root
        } _: { pid in
            let status = try status(pid)
            #expect(status["Uid"] == "0 0 0 0")
            #expect(status["Groups"] == "")
            for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
                #expect(status[set] == "0000000000000000", "\(set)")
            }
        }
    }

    @Test func itTakesAsManyGroupsAsTheKernel() throws {
        let groups = (0..<65536).map { gid_t(100_000 + $0) }
        try spawner.whileRunning {
            $0.owner.groups = groups
        } _: { pid in
            let status = try status(pid)
            #expect(status["Groups"] == groups.map(String.init).joined(separator: " "))
        }
    }

    @Test func itHasTheThreeDescriptorsAndNoOther() throws {
        let null = try open("/dev/null", O_RDWR)
        try spawner.whileRunning {
            $0.standardInput = null
            $0.standardOutput = null
            $0.standardError = null
        } _: { pid in
            let settled = try settledDescriptors(of: pid, ["0", "1", "2"])
            #expect(settled)
        }
        try spawner.whileRunning {
            $0.standardError = null
        } _: { pid in
            let settled = try settledDescriptors(of: pid, ["2"])
            #expect(settled)
        }
    }

    @Test func signalsAreAsAsked() throws {
        let ignored = SignalSet(signal: SIGPIPE).union(SignalSet(signal: SIGHUP)).union(SignalSet(signal: 64))
        try spawner.whileRunning {
            $0.ignoredSignals = ignored
        } _: { pid in
            let status = try status(pid)
            #expect(status["SigIgn"].flatMap { UInt64($0, radix: 16) } == ignored.rawValue)
            #expect(status["SigBlk"] == "0000000000000000")
        }
        try spawner.whileRunning { pid in
            let status = try status(pid)
            #expect(status["SigIgn"] == "0000000000000000")
        }
    }

    @Test func attributesAreAsAsked() throws {
        try spawner.whileRunning {
            $0.umask = 0o077
            $0.nice = 7
            $0.scheduling = .init(policy: 3, priority: 0)  // SCHED_BATCH
            $0.outOfMemoryScoreAdjustment = 321
            $0.loginUID = 64001
            $0.limits = [
                ResourceLimit(.openFiles, soft: 3, hard: 4), ResourceLimit(.core, soft: 0, hard: .max),
                ResourceLimit(.cpuTime, soft: 1000, hard: 2000),
            ]
        } _: { pid in
            #expect(try status(pid)["Umask"] == "0077")
            #expect(try proc(pid, "oom_score_adj") == "321\n")
            let stat = try proc(pid, "stat").split(separator: ")").last!.split(separator: " ")
            #expect(stat[16] == "7")  // nice, field 19 of proc_pid_stat(5); the first here is field 3
            #expect(stat[38] == "3")  // policy, field 41
            let limits = try proc(pid, "limits").split(separator: "\n").map { $0.split(separator: " ") }
            #expect(limits.contains { $0.starts(with: ["Max", "open", "files", "3", "4"]) })
            #expect(limits.contains { $0.starts(with: ["Max", "core", "file", "size", "0", "unlimited"]) })
            #expect(limits.contains { $0.starts(with: ["Max", "cpu", "time", "1000", "2000"]) })
        }
    }

    @Test func itLeadsASessionOfItsOwn() throws {
        try spawner.whileRunning { pid in
            #expect(getsid(pid) == pid)
            #expect(getpgid(pid) == pid)
        }
    }

    @Test func standardInputCanBeItsTerminal() throws {
        let terminal = try makeTerminal()
        var request = spawner.request(["sh", "-c", "exec </dev/tty && ps -o tpgid= -p $$ && echo $$"])
        request.standardInput = terminal.far
        request.hasControllingTerminal = true
        let (output, end) = try spawner.run(request)
        #expect(end == .exited(status: 0))
        let numbers = output.split(whereSeparator: \.isWhitespace)
        #expect(numbers.count == 2 && numbers[0] == numbers[1], "\(output)")
    }

    @Test func itIsInTheNamespaceAndItsSysShowsIt() throws {
        let namespace = try newNetworkNamespace()
        var information = stat()
        #expect(fstat(namespace.raw, &information) == 0)
        let before = try proc(getpid(), "mountinfo")
        try spawner.whileRunning {
            $0.networkNamespace = namespace
        } _: { pid in
            #expect(link("/proc/\(pid)/ns/net") == "net:[\(information.st_ino)]")
            #expect(link("/proc/\(pid)/ns/mnt") != link("/proc/self/ns/mnt"))
            #expect(try filesInDirectory("/proc/\(pid)/root/sys/class/net") == ["lo"])
            // What is mounted inside /sys is there still.
            let inside = try mountPoints(of: pid, below: "/sys/fs/cgroup")
            #expect(try inside == mountPoints(of: getpid(), below: "/sys/fs/cgroup"))
            #expect(try mountPoints(of: pid, below: "/sys").filter { $0 == "/sys" } == ["/sys"])
        }
        #expect(try proc(getpid(), "mountinfo") == before)
    }

    private func mountPoints(of pid: pid_t, below path: String) throws -> [String] {
        try proc(pid, "mountinfo").split(separator: "\n").map { String($0.split(separator: " ")[4]) }
            .filter { $0 == path || $0.hasPrefix(path + "/") }.sorted()
    }

    /// A spawner in a mount namespace of its own in which every mount is shared, as systemd has it.
    private func spawnerWithItsOwnMounts() throws -> TestSpawner {
        let script = "#!/bin/sh\nexec /usr/bin/unshare --mount --propagation shared '\(TestSpawner.executable)'\n"
        let spawner = try TestSpawner(executable: directory.file("start", script, mode: 0o755))
        // An answer: the script is the spawner by now.
        #expect(try spawner.ask(spawner.request([""])) == .failed(directoryStep, .improperLink))
        return spawner
    }

    @Test func itsMountsNeverReachTheHost() throws {
        let spawner = try spawnerWithItsOwnMounts()
        let before = try proc(spawner.connection.pid, "mountinfo")
        #expect(before.contains(" shared:"))
        let target = try directory.file("target", "theirs\n")
        var request = spawner.request(["cat", target])
        request.directory = try open("/proc/\(spawner.connection.pid)/root")
        request.binds = [.init(source: try directory.file("source", "ours\n"), target: target)]
        #expect(try spawner.run(request).output == "ours\n")
        #expect(try proc(spawner.connection.pid, "mountinfo") == before)
    }

    @Test func itSeesItsOwnersMountsWhereTheSpawnerHasOthers() throws {
        let spawner = try spawnerWithItsOwnMounts()
        var request = spawner.request(["sh", "-c", "pwd"])
        request.directory = try open(directory.path)
        // A working directory of another mount namespace would lead out of the program's.
        #expect(try spawner.ask(request) == .failed(directoryStep, .improperLink))
        request.mountNamespace = try open("/proc/self/ns/mnt")
        request.id += 1000
        #expect(try spawner.run(request).output == directory.path + "\n")
    }

    @Test func withoutItsOwnSysItSeesTheHosts() throws {
        let namespace = try newNetworkNamespace()
        try spawner.whileRunning {
            $0.networkNamespace = namespace
            $0.hasOwnSysfs = false
        } _: { pid in
            let seen = try filesInDirectory("/proc/\(pid)/root/sys/class/net")
            #expect(try seen == filesInDirectory("/sys/class/net"))
        }
    }

    @Test func aFileCanCoverALinkThatPointsNowhere() throws {
        let source = try directory.file("ours", "nameserver 192.0.2.1\n")
        let dangling = "\(directory.path)/resolv.conf"
        symlink("\(directory.path)/nowhere", dangling)
        var request = spawner.request(["cat", dangling])
        request.binds = [.init(source: source, target: dangling)]
        #expect(try spawner.run(request).output == "nameserver 192.0.2.1\n")
        #expect(link(dangling) == "\(directory.path)/nowhere")
    }

    @Test func aCoveredLinkStaysCoveredWhenItsFileIsReplaced() throws {
        let source = try directory.file("ours", "ours\n")
        let stub = try directory.file("stub", "theirs\n")
        let target = "\(directory.path)/resolv.conf"
        symlink("stub", target)
        let input = try makePipe()
        let output = try makePipe()
        var request = spawner.request(["sh", "-c", "echo ready; read go; exec cat '\(target)'"])
        request.binds = [.init(source: source, target: target)]
        request.standardInput = input.read
        request.standardOutput = output.write
        let pid = try spawner.start(request)
        try writeFileAtomically(stub, Array("theirs anew\n".utf8))
        #expect(Glibc.write(input.write.raw, "\n", 1) == 1)
        #expect(try spawner.end(of: pid) == .exited(status: 0))
        var text = [UInt8](repeating: 0, count: 100)
        let count = Glibc.read(output.read.raw, &text, text.count)
        #expect(String(decoding: text.prefix(max(0, count)), as: UTF8.self) == "ready\nours\n")
    }

    @Test func aBindWithoutTargetIsAnError() throws {
        var request = spawner.request(["true"])
        request.binds = [.init(source: try directory.file("a", ""), target: "\(directory.path)/missing")]
        let answer = try spawner.ask(request)
        #expect(answer == .failed(SpawnStep(CLINUX_SPAWN_STEP_BIND), .noSuchFileOrDirectory))
    }

    @Test func theDirectoryIsEnteredAsTheOwner() throws {
        let alices = "\(directory.path)/alices"
        #expect(mkdir(alices, 0o700) == 0 && chown(alices, alice.uid, alice.gid) == 0)
        var request = spawner.request(["pwd"])
        request.directory = try open(alices)
        #expect(try spawner.run(request).output == alices + "\n")
        request.id += 1000
        request.owner = bob
        #expect(try spawner.ask(request) == .failed(directoryStep, .permissionDenied))
    }

    @Test func aDirectoryInSysIsTheNewSyss() throws {
        var request = spawner.request(["ls"])
        request.networkNamespace = try newNetworkNamespace()
        request.directory = try open("/sys/class/net")
        #expect(try spawner.run(request).output == "lo\n")
    }

    @Test func aDirectoryOfAnotherMountNamespaceIsRefused() throws {
        try spawner.whileRunning { pid in
            var request = spawner.request(["pwd"])
            request.directory = try open("/proc/\(pid)/root/tmp")
            #expect(try spawner.ask(request) == .failed(directoryStep, .improperLink))
        }
    }

    @Test func aRemovedDirectoryIsNoHindrance() throws {
        let gone = "\(directory.path)/gone"
        #expect(mkdir(gone, 0o755) == 0)
        var request = spawner.request(["echo", "here"])
        request.directory = try open(gone)
        #expect(rmdir(gone) == 0)
        #expect(try spawner.run(request).output == "here\n")
    }

    @Test func setuidProgramsStayHarmless() throws {
        let id = try directory.copy(of: "/usr/bin/id", as: "id", mode: 0o4755)
        #expect(try spawner.run("'\(id)' -u").output == "64001\n")
        // Without no_new_privs the same file makes its caller root: the test would notice.
        var information = stat()
        #expect(stat(id, &information) == 0 && information.st_uid == 0 && information.st_mode & S_ISUID != 0)
    }

    @Test func itIsInTheCgroupAsked() throws {
        let roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
        guard let root = roots.first(where: { access($0 + "/cgroup.procs", W_OK) == 0 }) else {
            print("no cgroup v2 here: nothing to test")
            return
        }
        let name = "netnsd-spawn-test-\(getpid())"
        #expect(mkdir("\(root)/\(name)", 0o755) == 0)
        defer { rmdir("\(root)/\(name)") }
        let cgroup = try open("\(root)/\(name)")
        try spawner.whileRunning {
            $0.cgroup = cgroup
        } _: { pid in
            let groups = try proc(pid, "cgroup")
            #expect(groups.contains("0::/\(name)\n"))
        }
    }

    @Test func theSessionKeyringIsItsOwn() throws {
        guard access("/proc/keys", R_OK) == 0 else {
            print("no keys in this kernel: nothing to test")
            return
        }
        // Possessed keys alone are listed to an ordinary user: a session keyring, and the user's own in it.
        let keys = try spawner.run("cat /proc/keys").output.split(separator: "\n")
        #expect(keys.count { $0.contains("keyring   _ses") } == 1, "\(keys)")
        #expect(keys.allSatisfy { $0.contains("_ses") || $0.contains("_uid") || $0.contains("64001") }, "\(keys)")
    }
}
