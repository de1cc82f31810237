// Which of the old commands this is: the name it was called by, or its first word.

import CLinux
import Glibc

/// Runs the command that this process was started as, and ends the process with its exit code.
public func runOldCommand() -> Never {
    // Where a standard descriptor is closed, the next file opened would take its place: the socket to the agent.
    for fd in CInt(0)...2 where clinux_fcntl(fd, F_GETFD, 0) < 0 { _ = unsafe clinux_open("/dev/null", O_RDWR, 0) }
    let console = Console()
    let code = run(CommandLine.arguments, console)
    console.flush()
    exit(code)
}

private func run(_ arguments: [String], _ console: Console) -> CInt {
    var words = arguments[...]
    let path = words.popFirst() ?? ""
    var name = String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
    if name == "netns-tools" { name = words.popFirst() ?? "" }
    switch name {
    case "ip": return IP.run(Array(words), console)
    case "ifconfig": return Ifconfig.run(Array(words), console)
    case "route": return OldRoute.run(Array(words), console)
    case "netstat": return Netstat.run(Array(words), console)
    case "brctl": return Brctl.run(Array(words), console)
    case "sysctl": return SysctlTool.run(Array(words), console)
    case "sudo": return Sudo.run(Array(words), console)
    default:
        console.complain(
            "netns-tools: call this as ip, ifconfig, route, netstat, brctl, sysctl or sudo, or put that name behind it")
        return 2
    }
}
