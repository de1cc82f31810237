// netnsd-spawn: starts people's programs for netnsd, which runs it with a socket as descriptor 3.
//
// It is a process of its own because whatever confines the agent (seccomp, capability bounds, limits) would be inherited
// by people's programs, and because a program can be forked safely only from a process with one thread. All it does is
// in CLinux (spawn_serve.c, spawn_child.c): between clone and exec nothing but C may run.

import CLinux
import Glibc

exit(clinux_spawn_serve(3))
