# Delegated namespaces give nothing over anything else, and nobody else gets in.

import ctypes
import errno
import json
import os
import pathlib
import resource
import shutil
import socket
import subprocess

import pytest

from delegated_world import *


def test_setuid_programs_are_inert(agent, alice, shell, people):
    alice.call("netns.add", name="fw", delegate=True)
    tool = agent.directory / "id"
    shutil.copy("/usr/bin/id", tool)
    os.chmod(tool, 0o4755)
    uid = str(people[ALICE].uid)
    outside = subprocess.run(**command(agent, people[ALICE], []) | {"args": [str(tool), "-u"]}, text=True)
    assert outside.stdout == "0\n", "the copy is setuid, or the test shows nothing"
    assert inside(shell, f"{tool} -u; {tool} -ru").stdout == f"{uid}\n{uid}\n"
    assert inside(shell, "su root -c id </dev/null", ok=False).returncode != 0
    if shutil.which("sudo"):
        assert inside(shell, "sudo -n id", ok=False).returncode != 0


@pytest.mark.parametrize("attempt", [
    "cat /etc/shadow",
    "echo x > /etc/netnsd-was-here",
    "touch /root/x",
    "chown 0:0 $(mktemp -p /tmp)",
    "setpriv --reuid=0 id",
    "setpriv --reuid=BOB id",
    "setpriv --clear-groups id",
    "mknod /tmp/netnsd-disk b 254 0",
    "nsenter --net=/proc/1/ns/net true",
    "nsenter --mount=/proc/1/ns/mnt true",
    "nsenter --user=/proc/1/ns/user true",
    "ls /proc/1/fd",
    "kill -0 1",
    "echo x > /proc/sys/kernel/core_pattern",
    "echo 1 > /proc/sys/user/max_user_namespaces; false",
    "echo 1 > /proc/sys/net/core/rmem_max",
    "date -s 2001-01-01",
    "dmesg --clear",
    "chroot / id -u | grep -qx 0",
    "nice -n -5 true 2>&1 | grep . && false",
    "sh -c 'ulimit -Hn 99999999'",
    "echo -500 > /proc/self/oom_score_adj",
    "python3 -c 'import os; os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))'",
    "ip link set lo netns 1",
    "cat AGENT/state/*.json",
])
def test_it_gives_nothing_over_the_host(agent, alice, shell, people, attempt):
    alice.call("netns.add", name="fw", delegate=True)
    script = attempt.replace("AGENT", str(agent.directory)).replace("BOB", str(people[BOB].uid))
    before = fingerprint()
    outcome = inside(shell, script, ok=False)
    assert outcome.returncode != 0, f"{script} was done: {outcome.stdout}{outcome.stderr}"
    assert fingerprint() == before


@pytest.mark.parametrize("call, errors", [
    ("mount(b'/dev/vda', b'/mnt', b'ext4', 0, 0)", "EPERM EACCES ENOENT ENODEV"),
    ("mount(b'proc', b'/mnt', b'proc', 0, 0)", "EPERM"),  # the pid namespace is the host's
    ("mount(b'', b'/', b'none', 1 << 20, 0)", ""),  # MS_SHARED: of the namespace's own copy
    ("umount2(b'/proc', 2)", "EINVAL"),  # MNT_DETACH of a mount that came with the copy
    ("sethostname(b'owned', 5)", "EPERM"),
    ("syscall(175, b'module', 6, b'')", "EPERM ENOSYS"),  # init_module(2)
    ("ptrace(16, 1, 0, 0)", "EPERM"),  # PTRACE_ATTACH
    ("setresuid(0, 0, 0)", "EINVAL"),
    ("setgroups(0, 0)", "EPERM"),
    ("setns(HOST, 0)", "EPERM"),
    ("setns(MANAGED, 0)", "EPERM"),
    ("setns(BOBS, 0)", "EPERM"),
    ("setns(MOUNTS, 0)", "EPERM"),
    ("setns(OWN, 0)", ""),
])
def test_system_calls_that_must_fail(fresh_agent, people, call, errors):
    """The kernel's answer, with descriptors of other namespaces at hand: they were opened by root and passed in."""
    agent = fresh_agent(policy=POLICY + f"  {BOB}: {{delegate: true}}\n")
    shutil.copy(BINARIES / "netnsctl", agent.directory)
    agent.connect(ALICE).call("netns.add", name="fw", delegate=True)
    agent.connect(ALICE).call("netns.add", name="plain")
    agent.connect(BOB).call("netns.add", name="his", delegate=True)
    paths = {
        "HOST": "/proc/self/ns/net", "MANAGED": PINS / pin("plain"), "BOBS": PINS / pin("his", BOB),
        "MOUNTS": "/proc/self/ns/mnt", "OWN": PINS / pin("fw")}
    opened = {name: os.open(path, os.O_RDONLY) for name, path in paths.items()}
    for name, descriptor in opened.items():
        call = call.replace(name, str(descriptor))
    code = (
        "import ctypes, sys; libc = ctypes.CDLL(None, use_errno=True)\n"
        f"sys.exit(0 if libc.{call} == 0 else ctypes.get_errno())")
    before = fingerprint()
    outcome = subprocess.run(
        **command(agent, people[ALICE], ["exec", "fw", "--", "/usr/bin/python3", "-c", code]),
        pass_fds=opened.values(), timeout=60)
    for descriptor in opened.values():
        os.close(descriptor)
    allowed = {getattr(errno, word) for word in errors.split()} or {0}
    assert outcome.returncode in allowed, f"{call}: {outcome}"
    assert fingerprint() == before


def fingerprint():
    """What of the host must be as it was."""
    files = ["kernel/sysrq", "kernel/core_pattern", "kernel/hostname", "user/max_user_namespaces", "net/core/rmem_max"]
    return (
        [path.read_text() for name in files if (path := pathlib.Path("/proc/sys", name)).exists()],
        pathlib.Path("/proc/self/mountinfo").read_text(), sorted(os.listdir("/etc")))


def test_limits_are_not_widened(agent, people, alice):
    """Processes inside count against the user's own limit with those outside."""
    person = people[ALICE]
    hard = 24

    def limited(words, **options):
        def narrow():
            resource.setrlimit(resource.RLIMIT_NPROC, (hard, hard))
            drop(person)

        return command(agent, person, words, **options) | {"preexec_fn": narrow}

    subprocess.run(**limited(["add", "--delegate", "fw"]), check=True, timeout=30)
    outside = [
        subprocess.Popen(**limited([]) | {"args": ["sleep", "60"], "stdout": None, "stderr": None}) for _ in range(14)]
    try:
        # From a shell that has no limit of its own, on purpose: the namespace has it.
        script = "for i in $(seq 40); do sleep 60 >/dev/null 2>&1 & done"
        done = subprocess.run(
            **command(agent, person, ["exec", "fw", "--", "bash", "-c", script]), text=True, timeout=60)
        count = len(alice.call("netns.get", name="fw")["pids"])
        assert 0 < count < hard - 13, f"{count} processes inside beside {len(outside)} outside: {done}"
    finally:
        for process in outside:
            process.kill()
            process.wait()


# On a terminal

def test_job_control_is_the_kernels(agent, alice, people):
    """A shell on a terminal: Ctrl-Z stops a program, fg resumes it, Ctrl-C ends it; the shell's status is passed on."""
    alice.call("netns.add", name="fw", delegate=True)
    pid, terminal = os.forkpty()
    if pid == 0:
        try:
            drop(people[ALICE])
            words = command(agent, people[ALICE], ["exec", "fw", "--", "bash", "--norc", "-i"])
            os.chdir("/")
            os.execve(words["args"][0], words["args"], words["env"] | {"PS1": "ready> ", "TERM": "dumb"})
        finally:
            os._exit(99)
    seen = ""

    def expect(text):
        nonlocal seen
        while text not in seen:
            seen += os.read(terminal, 4096).decode()
        seen = seen.split(text, 1)[1]

    expect("ready> ")
    os.write(terminal, b"sleep 1000\n")
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")

    def foreground():
        child = children.read_text().split()
        if not child or os.tcgetpgrp(terminal) != int(child[0]):
            return False
        return pathlib.Path(f"/proc/{child[0]}/comm").read_text() == "sleep\n"

    eventually(foreground)
    os.write(terminal, b"\x1a")
    expect("Stopped")
    expect("ready> ")
    os.write(terminal, b"fg\n")
    eventually(foreground)
    os.write(terminal, b"\x03")
    expect("ready> ")
    os.write(terminal, b"echo $?; exit 7\n")
    expect("130")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    os.close(terminal)


# Other people, other descriptors

def test_nobody_else_gets_in(agent, alice, bob, people):
    alice.call("netns.add", name="fw", delegate=True)
    alice.call("netns.add", name="plain")
    missing = bob.refused("netns.enter", netns="fw").error
    assert missing["data"]["reason"] == "not-found" and missing == bob.refused("netns.enter", netns="fw").error
    assert bob.refused("netns.enter", netns=f"{ALICE}:fw").reason == "not-found"
    assert alice.refused("netns.enter", netns="plain").reason == "permission-denied"
    assert alice.refused("netns.enter", netns="none").reason == "not-found"
    with open("/dev/null") as null:
        assert alice.refused("netns.enter", [null.fileno()], netns="fw").reason == "invalid-params"
    # The pin can be opened by anybody; the kernel is who says no.
    reached = user_namespace("fw")
    for who, may in ((ALICE, True), (BOB, False)):
        assert enters(people[who], reached) == may
    os.close(reached)


def enters(person, descriptor):
    """Whether a process of the person's can enter a user namespace; else the error must be EPERM."""
    code = (
        "import ctypes, sys; setns = ctypes.CDLL(None, use_errno=True).setns\n"
        f"sys.exit(0 if setns({descriptor}, {CLONE_NEWUSER}) == 0 else ctypes.get_errno())")
    outcome = subprocess.run(["/usr/bin/python3", "-c", code], preexec_fn=lambda: drop(person), pass_fds=[descriptor])
    assert outcome.returncode in (0, errno.EPERM)
    return outcome.returncode == 0


def confined(agent, person, confine, method, **params):
    """What the agent answers to a process of the person's that `confine` has confined."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            path = confine(person) or agent.socket
            made = socket.socket(socket.AF_UNIX)
            made.connect(path)
            client = Client(made)
            try:
                os.write(writing, json.dumps({"result": client.call(method, **params)}).encode())
            except Exception as refusal:
                os.write(writing, json.dumps({"reason": getattr(refusal, "reason", repr(refusal))}).encode())
        except BaseException as problem:
            os.write(writing, json.dumps({"problem": repr(problem)}).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading) as answer:
        text = answer.read()
    os.waitpid(pid, 0)
    return json.loads(text)


def test_who_is_confined_is_refused(agent, alice, people):
    alice.call("netns.add", name="fw", delegate=True)
    def in_chroot(person):
        os.chroot(agent.directory)
        os.chdir("/")
        drop(person)
        return "/socket"

    def in_user_namespace(person):
        drop(person)
        if ctypes.CDLL(None).unshare(CLONE_NEWUSER) != 0:
            raise OSError("unshare")

    def under_seccomp(person):
        drop(person)
        libc = ctypes.CDLL(None)
        libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
        # BPF_RET | BPF_K, SECCOMP_RET_ALLOW: a filter that forbids nothing
        code = (ctypes.c_uint64 * 1)(0x6 | 0x7FFF0000 << 32)
        program = (ctypes.c_uint64 * 2)(1, ctypes.addressof(code))
        if libc.prctl(22, 2, ctypes.byref(program), 0, 0) != 0:
            raise OSError("seccomp")

    for confine in (in_chroot, in_user_namespace, under_seccomp):
        for method, params in (("netns.enter", {"netns": "fw"}), ("netns.add", {"name": "other", "delegate": True})):
            answer = confined(agent, people[ALICE], confine, method, **params)
            assert answer == {"reason": "permission-denied"}, f"{confine.__name__}, {method}: {answer}"
    assert "result" in confined(agent, people[ALICE], drop, "netns.enter", netns="fw"), "the harness itself"
    assert pins() == [pin("fw")]
