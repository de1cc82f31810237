# netns.exec: what a program has and has not, and that it ends with whoever asked for it.

import ctypes
import os
import signal

import pytest

from people import Person
from world import *


@pytest.fixture
def n(alice):
    alice.call("netns.add", name="n")
    return "n"


def execute(client, argv, netns="n", umask=None, environment=("PATH=/usr/bin:/bin:/usr/sbin",), directory="/"):
    """Runs a program to its end; its output, and the notification of its end."""
    reading, writing = os.pipe()
    null, place = os.open("/dev/null", os.O_RDWR), os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    params = {} if umask is None else {"umask": umask}
    try:
        started = client.call(
            "netns.exec", fds=[null, writing, writing, place], netns=netns, argv=argv, environment=list(environment),
            stdinFileDescriptor=0, stdoutFileDescriptor=1, stderrFileDescriptor=2, workingDirectoryFileDescriptor=3,
            **params)
    finally:
        for descriptor in (writing, null, place):
            os.close(descriptor)
    with open(reading) as pipe:
        output = pipe.read()
    ended = client.notification(lambda m: m["method"] == "netns.exited" and m["params"]["pid"] == started["pid"])
    return output, ended["params"]


def start(client, argv, netns="n"):
    """Starts a program on /dev/null and does not wait; its pid."""
    null, place = os.open("/dev/null", os.O_RDWR), os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    try:
        return client.call(
            "netns.exec", fds=[null, null, null, place], netns=netns, argv=argv,
            environment=["PATH=/usr/bin:/bin"], stdinFileDescriptor=0, stdoutFileDescriptor=1,
            stderrFileDescriptor=2, workingDirectoryFileDescriptor=3)["pid"]
    finally:
        os.close(null)
        os.close(place)


def lives(pid):
    return os.path.exists(f"/proc/{pid}")


def test_a_program_runs_in_the_namespace_and_its_end_is_told(agent, alice, n):
    output, ended = execute(alice, ["readlink", "/proc/self/ns/net"])
    assert output.strip() == f"net:[{os.stat(PINS / pin(n)).st_ino}]"
    assert ended["exitCode"] == 0
    assert execute(alice, ["sh", "-c", "exit 7"])[1]["exitCode"] == 7
    assert execute(alice, ["sh", "-c", "kill -9 $$"])[1]["signal"] == signal.SIGKILL
    assert execute(alice, ["ls", "/sys/class/net"])[0].split() == ["lo"]


def test_hostile_23_not_in_anothers_and_not_on_the_host(agent, alice, bob, n):
    for name in (n, f"{ALICE}:{n}"):
        with pytest.raises(Exception) as refusal:
            execute(bob, ["true"], netns=name)
        assert refusal.value.reason == "not-found"


def test_hostile_24_three_descriptors_and_nothing_of_the_agents(agent, alice, n):
    output, _ = execute(alice, ["sh", "-c", "ls /proc/$$/fd; pwd"], directory="/usr")
    assert output.split() == ["0", "1", "2", "/usr"]
    output, _ = execute(alice, ["env"], environment=["PATH=/usr/bin:/bin", "ONLY=this"])
    assert set(output.split()) - {"NETNSD_NAMESPACE=n"} == {"ONLY=this", "PATH=/usr/bin:/bin"}
    status = dict(line.split(":\t", 1) for line in execute(alice, ["cat", "/proc/self/status"])[0].splitlines()
                  if ":\t" in line)
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(status[name], 16) == 0, name
    assert int(status["SigBlk"], 16) == 0
    assert status["NoNewPrivs"].strip() == "1"


def test_hostile_25_setuid_programs_gain_nothing(agent, alice, n):
    copy = "/run/setuid-id"
    run("cp", "/usr/bin/id", copy)
    run("chmod", "4755", copy)
    try:
        assert execute(alice, [copy, "-u"])[0].strip() == str(agent.people[ALICE].uid)
    finally:
        os.unlink(copy)


def test_hostile_26_the_callers_identity_not_the_agents(agent, alice, n):
    person = agent.people[ALICE]
    script = "id -u; id -g; id -G; umask; ulimit -n; nice; cat /proc/self/oom_score_adj"
    output, _ = execute(alice, ["sh", "-c", script])
    uid, gid, groups, umask, files, nice, score = output.splitlines()
    assert (int(uid), int(gid)) == (person.uid, person.gid)
    assert sorted(map(int, groups.split())) == sorted(set(person.groups))
    assert umask == "0022"
    limits = open(f"/proc/{person.pid}/limits").read()
    assert files in [line.split()[3] for line in limits.splitlines() if line.startswith("Max open files")]
    assert nice == "0" and score == open(f"/proc/{person.pid}/oom_score_adj").read().strip()
    assert execute(alice, ["sh", "-c", "umask"], umask=0o077)[0].strip() == "0077"


def test_hostile_26_supplementary_groups(agent, alice, n):
    person = agent.people[ALICE]
    many = Person(ALICE, uid=person.uid, gid=person.gid, groups=[person.gid, 44444, 44445])
    client = agent.connect(many)
    assert set(execute(client, ["id", "-G"])[0].split()) == {str(person.gid), "44444", "44445"}
    agent.close(client)
    many.end()


def test_hostile_28_what_cannot_be_executed(agent, alice, n):
    for argv, errno in ((["/no/such/program"], "ENOENT"), (["no-such-program"], "ENOENT"), (["/etc/passwd"], "EACCES"),
                        (["/"], "EACCES")):
        with pytest.raises(Exception) as refusal:
            execute(alice, argv)
        assert (refusal.value.data["errno"], refusal.value.data["operation"]) == (errno, "execve"), argv
    assert alice.refused("netns.exec", netns=n, argv=[], environment=[]).reason in ("invalid-params", "invalid-request")
    big = "X" * (120 << 10)
    output, _ = execute(alice, ["sh", "-c", "env | wc -c"], environment=[
        "PATH=/usr/bin:/bin", *[f"V{number}={big}" for number in range(7)]])
    assert int(output) > 7 * (120 << 10)
    assert agent.used(ALICE)["programs"] == 0


def test_hostile_29_a_confined_caller_is_refused(agent, alice, n):
    """no_new_privs is given to every program anyway; what would be widened is refused."""
    def filter_system_calls():
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
        # One instruction: allow (SECCOMP_RET_ALLOW, linux/seccomp.h).
        program = ctypes.create_string_buffer(b"\x06\0\0\0\0\0\xff\x7f")

        class Filter(ctypes.Structure):
            _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

        wanted = Filter(1, ctypes.addressof(program))
        if libc.prctl(22, 2, ctypes.byref(wanted), 0, 0):  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
            raise OSError(ctypes.get_errno(), "seccomp")

    confined = Person(ALICE, first=filter_system_calls)
    try:
        client = agent.connect(confined)
        with pytest.raises(Exception) as refusal:
            execute(client, ["true"])
        assert refusal.value.reason == "permission-denied" and "confined" in refusal.value.message
        # All else is allowed: it is the same person.
        assert client.call("netns.list")[0]["name"] == n
        agent.close(client)
    finally:
        confined.end()


def test_hostile_31_the_client_is_gone_and_the_program_goes(agent, alice, n):
    other = agent.connect(ALICE)
    pid = start(other, ["sleep", "600"])
    assert lives(pid) and agent.used(ALICE)["programs"] == 1
    agent.close(other)
    eventually(lambda: not lives(pid), message="the program runs on")
    eventually(lambda: agent.used(ALICE)["programs"] == 0)


def test_hostile_31_one_that_ignores_hangups_is_killed(agent, alice, n):
    other = agent.connect(ALICE)
    pid = start(other, ["sh", "-c", "trap '' HUP TERM; while :; do sleep 1; done"])
    agent.close(other)
    eventually(lambda: not lives(pid), seconds=20, message="the program runs on")


def test_hostile_31_no_zombies(agent, alice, n):
    for _ in range(50):
        execute(alice, ["true"])
    text = run("ps", "-eo", "stat,comm,ppid")
    children = [line for line in text.splitlines() if line.startswith("Z") and "true" in line]
    assert children == []


def test_programs_are_counted_exactly(fresh_agent, people):
    agent = fresh_agent(policy=POLICY + "  programs: 3\n")
    alice = agent.connect(ALICE)
    alice.call("netns.add", name="n")
    pids = [start(alice, ["sleep", "600"]) for _ in range(3)]
    with pytest.raises(Exception) as refusal:
        start(alice, ["sleep", "600"])
    assert (refusal.value.reason, refusal.value.data["resource"], refusal.value.data["limit"]) == (
        "quota-exceeded", "programs", 3)
    os.kill(pids[0], signal.SIGTERM)
    alice.notification(lambda m: m["params"].get("pid") == pids[0])
    pids.append(start(alice, ["sleep", "600"]))
    assert alice.refused("netns.delete", name="n").reason == "busy"
    alice.call("netns.delete", name="n", kill=True)
    eventually(lambda: agent.used(ALICE)["programs"] == 0)
