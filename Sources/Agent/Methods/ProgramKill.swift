// program.kill: a signal to a program, or to all of a namespace.

import Glibc
import Wire

extension ProgramKill: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Result {
        let signal = params.signal?.value ?? SIGTERM
        switch (params.pid, params.netns) {
        case (let pid?, nil):
            let program = try call.program(pid)
            return Result(pids: program.signal(signal) ? [pid] : [])
        case (nil, let selector?):
            let namespace = try call.namespace(selector)
            let programs = call.agent.programs.programs(of: namespace.owner)
                .filter { $0.start.namespaceId == namespace.id }
            return Result(pids: programs.filter { $0.signal(signal) }.map(\.pid))
        default:
            throw WireError(.invalidParams, "params: name a pid or a netns, one of them")
        }
    }
}
