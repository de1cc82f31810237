// netns.exec: a program in a namespace, on descriptors the caller passes; never with more freedom than the caller has.

import Descriptors
import IPRoute
import Linux
import SystemPackage
import Wire

extension NetnsExec: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Result {
        let target = try await call.target(Place(params.netns))
        guard case .namespace(let namespace) = target else {
            throw WireError(.invalidParams, "params.netns: name a network namespace; on the host there is no need of the agent")
        }
        let room = try await call.agent.reserve([.programs: 1], for: call.grants, of: call.owner)
        defer { room.release() }
        let request = try await call.prepare(params, namespace)
        let program: Program
        do {
            program = try await call.agent.programs.start(
                request, of: call.owner, in: namespace.id, for: call.connection)
        } catch let failure as SpawnFailure {
            throw WireError(failure, program: params.argv[0])
        }
        guard let process = program.process else {
            throw WireError(.internalError, "the program runs as pid \(program.pid), but no descriptor was free for it")
        }
        call.replyDescriptors = [process]
        return Result(pid: program.pid, pidFileDescriptor: 0)
    }
}

extension Call {
    /// Reads off the caller's process what its programs inherit, and opens the namespace.
    fileprivate func prepare(_ params: NetnsExec.Params, _ namespace: Namespace) async throws -> SpawnRequest {
        try params.check()
        let pid = caller.credentials.pid
        let process = try connection.peerProcess()
        let mountNamespaces = agent.programs.mountNamespaces(of: owner)
        let (traits, inside) = try await agent.kernel(.namespace(namespace), for: owner) { place in
            let traits: ProcessTraits
            do {
                traits = try ProcessTraits(of: pid, process, mountNamespaces: mountNamespaces)
            } catch let confinement as Confinement {
                throw WireError(
                    .permissionDenied,
                    "a program would be freer than you: the process that asks is confined (\(confinement))")
            } catch let error as SystemError where error.errno == .noSuchProcess {
                throw WireError(.permissionDenied, "the process that connected is gone; it must stay while it asks")
            }
            return (traits, SharedDescriptor(try place.open().intoDescriptor()))
        }
        return SpawnRequest(params, self, traits, inside)
    }
}

extension NetnsExec.Params {
    fileprivate func check() throws(WireError) {
        guard let program = argv.first, !program.isEmpty else {
            throw WireError(.invalidParams, "params.argv: must name a program")
        }
        for variable in environment where !variable.utf8.contains(UInt8(ascii: "=")) {
            throw WireError(.invalidParams, "params.environment: \(variable.debugDescription) is not NAME=value")
        }
        if let umask, umask > 0o777 { throw WireError(.invalidParams, "params.umask: must be 0 to 511") }
    }
}

extension SpawnRequest {
    fileprivate init(
        _ params: NetnsExec.Params, _ call: Call, _ traits: ProcessTraits, _ networkNamespace: SharedDescriptor
    ) {
        let credentials = call.caller.credentials
        self.init(
            id: 0, owner: .init(uid: credentials.uid, gid: credentials.gid, groups: credentials.groups),
            arguments: params.argv, environment: params.environment, networkNamespace: networkNamespace,
            directory: call.descriptors[params.workingDirectoryFileDescriptor])
        standardInput = call.descriptors[params.stdinFileDescriptor]
        standardOutput = call.descriptors[params.stdoutFileDescriptor]
        standardError = call.descriptors[params.stderrFileDescriptor]
        cgroup = traits.cgroup
        umask = params.umask ?? 0o022
        limits = traits.limits
        nice = traits.nice
        outOfMemoryScoreAdjustment = traits.outOfMemoryScoreAdjustment
        loginUID = traits.loginUID
        ignoredSignals = traits.ignoredSignals
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
