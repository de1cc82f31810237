// The client at the prompt.

// Before anything of the argument parser's is made: this is asked at every Tab.
if CommandLine.argc > 1 && CommandLine.arguments[1] == "--complete" {
    completeAndExit(CommandLine.arguments.dropFirst(2))
}
Netnsctl.start()
