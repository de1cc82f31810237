// program.kill: a signal to a program, or to all of a namespace.

import Glibc
import Wire

extension ProgramKill: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Result {
        let signal = params.signal.map { CInt($0.value) } ?? SIGTERM
        let programs =
            switch params.target {
            case .program(let pid): [try call.program(pid)]
            case .namespace(let selector): call.programs(in: try call.namespace(selector))
            }
        return Result(pids: programs.filter { $0.signal(signal) }.map(\.pid))
    }
}
