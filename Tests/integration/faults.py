# Faults at a system call of the agent's, by strace's tampering (strace(1), --inject): nothing of it is in the agent.
#
# An operation is traced once, which gives its system calls thread by thread. Then it is done again for each of them:
# killed at it, or with it failing. Where strace kills, the call is not made: killed before a step is killed after the
# one before it, and the last is the one after all of them.

import collections
import os
import re
import subprocess
import tempfile

# What changes something outside the process. Between two of these nothing happens that a restart could see.
STEPS = {
    "openat", "open", "write", "rename", "unlink", "mkdir", "mount", "umount2", "unshare", "setns", "sendto", "sendmsg",
    "kill", "pidfd_send_signal", "bind", "listen", "chmod", "fchmod", "socketpair", "clone", "clone3", "vfork", "fork"}

# No failure of these is to be had: the process's own memory and threads, and what the kernel says cannot fail. A close
# that was not made leaves its descriptor open whatever the agent does.
NOT_FAILED = {
    "close", "mmap", "munmap", "mprotect", "madvise", "brk", "futex", "rt_sigprocmask", "rt_sigaction", "rt_sigreturn",
    "gettid", "getpid", "exit", "exit_group", "restart_syscall", "sched_yield", "set_robust_list", "rseq", "arch_prctl",
    "set_tid_address", "prlimit64", "clock_gettime", "getrandom", "sched_getaffinity", "clone3", "execve", "geteuid",
    "getuid", "umask", "sigaltstack", "rt_sigtimedwait", "nanosleep", "clock_nanosleep", "gettimeofday", "getgid"}

ERRORS = ["EMFILE", "ENOMEM", "ENOSPC", "EINTR", "EAGAIN", "EROFS", "ENOBUFS"]

# A system call of an operation: the thread's name, the call's, which of that thread's calls of that name, and its text.
Call = collections.namedtuple("Call", "thread name number text")


class Tracer:
    """strace on some threads of a process for as long as the block runs."""

    def __init__(self, threads, *options, calls="all"):
        self.file = tempfile.NamedTemporaryFile("r", suffix=".strace")
        self.threads = threads
        self.words = ["strace", "-o", self.file.name, "-e", "signal=none", "-e", f"trace={calls}", *options]
        for thread in threads:
            self.words += ["-p", str(thread)]

    def __enter__(self):
        self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in self.threads:
            line = self.process.stderr.readline()
            assert "attached" in line, f"strace: {line}{self.process.stderr.read() if not line else ''}"
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.stderr.close()
        self.process.wait(20)

    def lines(self):
        self.file.seek(0)
        return self.file.read().splitlines()


def threads_of(pid):
    """Threads by id, with their names."""
    found = {}
    for entry in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{entry}/comm") as comm:
            found[int(entry)] = comm.read().strip()
    return found


def group(name):
    """Worker threads are as good as one another: which of them serves is chance."""
    return re.sub(r"-\d+$", "", name)


def traced(lines, names):
    """The calls in a trace. `names`: threads' names by id; a trace of one thread has no ids."""
    counts, found = collections.Counter(), []
    for line in lines:
        begun = re.match(r"(?:(\d+) +)?(\w+)\((.*)", line)
        if not begun or "resumed>" in line:
            continue
        thread = int(begun[1]) if begun[1] else next(iter(names))
        counts[thread, begun[2]] += 1
        found.append(Call(group(names.get(thread, "?")), begun[2], counts[thread, begun[2]], line))
    return found


def record(agent, act):
    """The system calls of the agent while `act` is done."""
    names = threads_of(agent.process.pid)
    with Tracer(list(names)) as tracer:
        act()
    return traced(tracer.lines(), names)


def injecting(agent, call, what):
    """strace on the threads the call may be made by; the first to come there gets `what`."""
    threads = [id for id, name in threads_of(agent.process.pid).items() if group(name) == call.thread]
    return Tracer(threads, f"--inject={call.name}:{what}:when={call.number}", calls=call.name)


def changes_something(call):
    """Whether it is a step: an openat(2) only where it makes a file."""
    return call.name in STEPS and not (call.name.startswith("open") and "O_CREAT" not in call.text)


def can_fail(call):
    return call.name not in NOT_FAILED and not call.name.startswith("epoll_wait")
