// netnsd-fuzz TARGET [libFuzzer's arguments]: what strangers' bytes reach, with inputs that libFuzzer makes up.
//
// A target reads its input as the program does and then states what must hold whatever was read; a broken statement is
// a crash like any other. contrib/fuzz builds and runs it.

import CLibFuzzer
import Glibc

/// What is tried, by name; each is a file of this directory.
let targets: [String: ([UInt8]) -> Void] = [
    "lines": fuzzLines, "request": fuzzRequest, "netlink": fuzzNetlink, "policy": fuzzPolicy, "record": fuzzRecord,
    "packet": fuzzPacket,
]

/// Ends the run with a crash that libFuzzer keeps the input of.
func require(_ statement: @autoclosure () -> Bool, _ what: @autoclosure () -> String) {
    if !statement() { fatalError(what()) }
}

guard CommandLine.arguments.count > 1, let chosen = targets[CommandLine.arguments[1]] else {
    print("usage: netnsd-fuzz \(targets.keys.sorted().joined(separator: "|")) [-help=1]")
    exit(2)
}
let target = chosen
// libFuzzer's own arguments: the program's name, and what follows the target's.
var count = CommandLine.argc - 1
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv + 1
unsafe arguments![0] = CommandLine.unsafeArgv[0]
let status = unsafe LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    target(unsafe Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
exit(status)
