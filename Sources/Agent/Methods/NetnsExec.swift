// netns.exec: a program in a namespace, on descriptors the caller passes; never with more freedom than the caller has.

import CLinux
import Descriptors
import Glibc
import IPRoute
import Linux
import SystemPackage
import Wire

extension NetnsExec: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Result {
        let target = try await call.target(Place(params.netns))
        guard case .namespace(let namespace) = target else {
            throw WireError(
                .invalidParams, "params.netns: name a network namespace; on the host there is no need of the agent")
        }
        if params.waitStatusFileDescriptor != nil && params.controllingTerminal != true {
            throw WireError(.invalidParams, "params.waitStatusFileDescriptor: goes with a controllingTerminal")
        }
        let room = try await call.agent.reserve([.programs: 1], for: call.grants, of: call.owner)
        defer { room.release() }
        let request = try await call.prepare(params, namespace)
        let start = Program.Start(
            owner: call.owner, namespaceId: namespace.id, argv: params.argv.words, detached: params.detach == true,
            client: call.caller.credentials.pid)
        let started: Programs.Started
        do {
            started = try await call.agent.programs.start(request, start, for: call.connection)
        } catch let failure as SpawnFailure {
            throw WireError(failure, program: params.argv.words[0])
        }
        let pid = started.program.pid
        guard let process = started.process else {
            throw WireError(.internalError, "the program runs as pid \(pid), but no descriptor was free for it")
        }
        call.replyDescriptors = [process]
        return Result(pid: pid, pidFileDescriptor: 0)
    }
}

extension Call {
    /// The names and addresses of an owner's namespaces; none without an owner.
    func siblingHosts(_ owner: Owner?) async throws -> [DNSSettings.Host] {
        guard let owner else { return [] }
        let places = agent.registry.namespaces(of: owner).filter { $0.state == .live }
            .map { ($0.name, agent.kernelPlace(of: $0)) }
        return try await agent.workers.run(for: owner.uid) {
            try places.flatMap { name, place in
                try unlessGone { try place.withNetlink { try hosts(named: name, $0) } } ?? []
            }
        }
    }

    /// Reads off the caller's process what its programs inherit, opens the namespace and writes its files.
    fileprivate func prepare(_ params: NetnsExec.Params, _ namespace: Namespace) async throws -> SpawnRequest {
        let pid = caller.credentials.pid
        let process = try connection.peerProcess()
        let mountNamespaces = agent.programs.mountNamespaces(of: owner)
        let siblings = try await siblingHosts(params.hostNames == true ? namespace.owner : nil)
        let (dns, files) = (namespace.dns, agent.nameFiles)
        var request = try await agent.kernel(.namespace(namespace), for: owner) {
            [credentials = caller.credentials] place in
            let traits = try traits(of: pid, process, mountNamespaces)
            var request = SpawnRequest(
                id: 0, owner: .init(uid: credentials.uid, gid: credentials.gid, groups: credentials.groups),
                arguments: params.argv.words, environment: params.environment.map(\.text),
                networkNamespace: SharedDescriptor(try place.open().intoDescriptor()), directory: process)
            request.inherit(traits)
            request.mountNamespace = mountNamespace(of: pid, among: mountNamespaces)
            request.binds = try files.binds(pinName: namespace.pinName, id: namespace.id, dns, siblings: siblings)
            return request
        }
        func descriptor(_ index: DescriptorIndex?) -> SharedDescriptor? { index.map { descriptors[$0.value] } }
        request.directory = descriptors[params.workingDirectoryFileDescriptor.value]
        request.standardInput = descriptor(params.stdinFileDescriptor)
        request.standardOutput = descriptor(params.stdoutFileDescriptor)
        request.standardError = descriptor(params.stderrFileDescriptor)
        request.hasControllingTerminal = params.controllingTerminal == true
        request.waitStatuses = descriptor(params.waitStatusFileDescriptor)
        request.umask = mode_t(params.umask?.value ?? 0o022)
        request.setEnvironment("NETNSD_NAMESPACE", namespace.selector(for: owner).description)
        return request
    }
}

/// What a program of the caller's process inherits; refused where that process is confined.
func traits(
    of pid: pid_t, _ process: SharedDescriptor, _ mountNamespaces: Set<NamespaceIdentity>,
    userNamespace: NamespaceIdentity? = nil
) throws -> ProcessTraits {
    do {
        return try ProcessTraits(
            of: pid, process, mountNamespaces: mountNamespaces, userNamespace: userNamespace)
    } catch let confinement as Confinement {
        throw WireError(
            .permissionDenied,
            "a program would be freer than you: the process that asks is confined (\(confinement))")
    } catch let error as SystemError where error.errno == .noSuchProcess || error.errno == .noSuchFileOrDirectory {
        throw WireError(.permissionDenied, "the process that connected is gone; it must stay while it asks")
    }
}

extension SpawnRequest {
    fileprivate mutating func inherit(_ traits: ProcessTraits) {
        cgroup = traits.cgroup
        limits = traits.limits
        nice = traits.nice
        scheduling = traits.scheduling
        outOfMemoryScoreAdjustment = traits.outOfMemoryScoreAdjustment
        loginUID = traits.loginUID
        ignoredSignals = traits.ignoredSignals
    }

    fileprivate mutating func setEnvironment(_ name: String, _ value: String) {
        let prefix = Array("\(name)=".utf8)
        environment.removeAll { $0.starts(with: prefix) }
        environment.append(prefix + Array(value.utf8))
    }
}

extension WireError {
    /// `operation` is `execve` where it is the program's own fault.
    fileprivate init(_ failure: SpawnFailure, program: String) {
        var details = Details()
        details.errno = failure.errno.symbol
        details.operation = failure.step.description
        let what = failure.step == .execve ? program : "\(program): \(failure.step)"
        self.init(.kernel, "\(what): \(failure.errno)", details)
    }
}

/// The mount namespace of a caller that is itself a program of the agent's: its working directory lies there. nil for
/// any other. The pid may be another process's by now; that the namespace is one of these is what counts.
private func mountNamespace(of pid: pid_t, among known: Set<NamespaceIdentity>) -> SharedDescriptor? {
    let path = "/proc/\(pid)/ns/mnt"
    guard let opened = try? Descriptor("open", path, { unsafe clinux_open(path, O_RDONLY | O_CLOEXEC, 0) }) else {
        return nil
    }
    let descriptor = SharedDescriptor(opened)
    guard let identity = try? NamespaceIdentity(of: descriptor), known.contains(identity) else { return nil }
    return descriptor
}
