// The agent. All of it is the library Agent.

import Agent
import Glibc

exit(runNetnsd(Array(CommandLine.arguments.dropFirst())))
