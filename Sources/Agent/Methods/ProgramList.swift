// program.list: what runs, and what has ended and was not asked about.

import Wire

extension ProgramList: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> [ProgramInfo] {
        let programs = try params.netns.map { call.programs(in: try call.namespace($0)) }
        return (programs ?? call.agent.programs.programs(of: call.owner)).map { call.info(of: $0) }
    }
}

extension Call {
    func info(of program: Program) -> ProgramInfo {
        let namespace = agent.registry.namespace(withId: program.start.namespaceId)
            .flatMap { $0.owner == owner || caller.isRoot ? $0 : nil }
        return ProgramInfo(
            pid: program.pid, netns: namespace?.selector(for: owner), argv: program.start.argv,
            detached: program.start.detached, started: program.start.time, running: program.end == nil,
            exitCode: program.end?.exitCode, signal: program.end?.signal)
    }

    /// Those that were started in the namespace, in the order of their starts.
    func programs(in namespace: Namespace) -> [Program] {
        agent.programs.programs(of: namespace.owner).filter { $0.start.namespaceId == namespace.id }
    }

    /// One of the caller's programs; another's is answered as a missing one.
    func program(_ pid: Int32) throws(WireError) -> Program {
        guard let program = agent.programs.program(pid), program.start.owner == owner || caller.isRoot else {
            throw WireError(.notFound, "you have no program with pid \(pid); program.list tells which there are")
        }
        return program
    }
}
