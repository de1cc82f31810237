// ip, ifconfig, route, netstat, brctl, sysctl and sudo, as a user who is not root has them.

import OldCommands

runOldCommand()
