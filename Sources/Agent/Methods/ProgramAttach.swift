// program.attach: to be told of a program's end, and to look after it, as the connection did that started it.

import Wire

extension ProgramAttach: Handled {
    static func handle(_ params: Params, _ call: Call) async throws -> Result {
        let program = try call.program(params.pid)
        let info = call.info(of: program)
        call.agent.programs.attach(program, to: call.connection)
        guard info.running, let process = program.process else { return Result(program: info, pidFileDescriptor: nil) }
        call.replyDescriptors = [process]
        return Result(program: info, pidFileDescriptor: 0)
    }
}
