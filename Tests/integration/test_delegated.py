# Delegated namespaces: made where policy allows it, entered by the client itself, with every capability over them and
# none over anything else.

import ctypes
import errno
import fcntl
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import threading

import pytest

from world import *
from wire import Client

POLICY = f"""\
version: 1
defaults:
  requests-per-second: unlimited
  connections: 128
  namespaces: 8
users:
  {ALICE}: {{delegate: true}}
"""

NS_GET_USERNS, NS_GET_OWNER_UID = 0xB701, 0xB704  # linux/nsfs.h
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
ALL = "000001ffffffffff"  # capabilities 0 to 40


@pytest.fixture
def agent(fresh_agent):
    agent = fresh_agent(policy=POLICY)
    # A user may not be able to reach where it was built.
    shutil.copy(BINARIES / "netnsctl", agent.directory)
    return agent


@pytest.fixture
def shell(agent, people):
    """Runs netnsctl as a user; the finished process."""

    def run_it(*words, who=ALICE, ok=True, **options):
        done = subprocess.run(**command(agent, people[who], words), text=True, timeout=60, **options)
        if ok:
            assert done.returncode == 0, f"{words}: {done.stderr}{done.stdout}"
        return done

    return run_it


def command(agent, person, words, **options):
    return {
        "args": [str(agent.directory / "netnsctl"), *words], "preexec_fn": lambda: drop(person), "cwd": "/",
        "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
        "env": {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "NETNSD_SOCKET": agent.socket, "HOME": "/"}, **options}


def drop(person):
    os.setgroups(person.groups)
    os.setresgid(person.gid, person.gid, person.gid)
    os.setresuid(person.uid, person.uid, person.uid)


def inside(shell, script, name="fw", ok=True, who=ALICE):
    return shell("exec", name, "--", "sh", "-c", script, ok=ok, who=who)


def user_namespace(name, owner=ALICE):
    """The descriptor of the user namespace that a pinned namespace belongs to."""
    with open(PINS / pin(name, owner)) as file:
        return fcntl.ioctl(file, NS_GET_USERNS)


# Who may

def test_only_where_policy_allows_it(agent, shell, alice, bob):
    refusal = bob.refused("netns.add", name="fw", delegate=True)
    assert refusal.reason == "permission-denied" and refusal.data["rule"] == "the built-in defaults"
    assert pins() == [] and given_ids() == []
    made = alice.call("netns.add", name="fw", delegate=True)
    assert made["delegated"] and pins() == [pin("fw")]
    assert not alice.call("netns.add", name="plain")["delegated"]
    assert {n["name"]: n["delegated"] for n in alice.call("netns.list")} == {"fw": True, "plain": False}
    assert "delegated" in shell("list").stdout


def test_root_needs_none_and_makes_none_for_others(agent, root, alice):
    assert root.refused("netns.add", name="fw", delegate=True).reason == "invalid-params"
    assert root.refused("netns.add", name=f"{ALICE}:fw", delegate=True).reason in ("permission-denied", "not-found")
    alice.call("netns.add", name="fw", delegate=True)
    assert root.refused("netns.enter", netns=f"{ALICE}:fw").reason == "permission-denied"
    root.call("netns.delete", name=f"{ALICE}:fw")


def test_the_quota_of_namespaces_holds(fresh_agent):
    agent = fresh_agent(policy=POLICY.replace("namespaces: 8", "namespaces: 2"))
    alice = agent.connect(ALICE)
    ids = [alice.send("netns.add", name=f"n{number}", delegate=True) for number in range(6)]
    outcomes = [alice.reply() for _ in ids]
    assert sum("result" in outcome for outcome in outcomes) == 2
    assert {o["error"]["data"]["reason"] for o in outcomes if "error" in o} == {"quota-exceeded"}


# What it is

def test_one_user_namespace_that_the_user_owns_and_that_maps_nobody_else(agent, alice, shell, people):
    for name in ("fw", "server"):
        alice.call("netns.add", name=name, delegate=True)
    first, second = user_namespace("fw"), user_namespace("server")
    owner = bytearray(4)
    fcntl.ioctl(first, NS_GET_OWNER_UID, owner)
    assert int.from_bytes(owner, "little") == people[ALICE].uid
    assert os.fstat(first).st_ino == os.fstat(second).st_ino != os.stat("/proc/self/ns/user").st_ino
    os.close(first), os.close(second)
    uid, gid = people[ALICE].uid, people[ALICE].gid
    lines = inside(shell, "cat /proc/self/uid_map /proc/self/setgroups /proc/self/gid_map").stdout.split("\n")
    assert lines[0].split() == [str(uid), str(uid), "1"] and lines[1] == "deny"
    assert sorted(tuple(map(int, l.split())) for l in lines[2:] if l) == sorted(
        (g, g, 1) for g in {gid, *people[ALICE].groups})


def test_many_at_once_share_the_user_namespace(agent, alice):
    others = [agent.connect(ALICE) for _ in range(4)]
    ids = [(client, client.send("netns.add", name=f"n{n}", delegate=True)) for n, client in enumerate(others)]
    for client, id in ids:
        client.result(id)
    inodes = set()
    for number in range(4):
        descriptor = user_namespace(f"n{number}")
        inodes.add(os.fstat(descriptor).st_ino)
        os.close(descriptor)
    assert len(inodes) == 1


def test_a_restarted_agent_knows_it_with_and_without_a_record(agent, alice, shell):
    alice.call("netns.add", name="fw", delegate=True)
    for lose in (False, True):
        agent.kill()
        if lose:
            for record in agent.state.glob("*.json"):
                record.unlink()
        agent.start()
        assert [n["delegated"] for n in agent.connect(ALICE).call("netns.list")] == [True]
        assert inside(shell, "nft list ruleset").stdout == ""
    # What is added now belongs with it.
    agent.connect(ALICE).call("netns.add", name="new", delegate=True)
    a, b = user_namespace("fw"), user_namespace("new")
    assert os.fstat(a).st_ino == os.fstat(b).st_ino
    os.close(a), os.close(b)


def test_killed_at_any_moment_nothing_is_lost_and_nothing_left(fresh_agent):
    agent = fresh_agent(policy=POLICY, warm=False)
    dice = random.Random(42)
    for turn in range(25):
        client = agent.connect(ALICE)
        there = {n["name"] for n in client.call("netns.list") if n["state"] == "live"}
        threading.Timer(dice.uniform(0, 0.06), agent.process.kill).start()
        name = None
        try:
            while True:
                name = f"n{dice.randrange(4)}"
                if name in there:
                    client.call("netns.delete", name=name)
                    there.discard(name)
                else:
                    client.call("netns.add", name=name, delegate=True)
                    there.add(name)
        except (Closed, ConnectionResetError, BrokenPipeError):
            pass
        spawners = set(processes("netnsd-spawn"))
        agent.stop(signal.SIGKILL)
        agent.start()
        eventually(lambda: not spawners & set(processes("netnsd-spawn")), message="a maker is left")
        listed = agent.connect(ALICE).call("netns.list")
        now = {n["name"] for n in listed if n["state"] == "live"}
        assert now - {name} == there - {name}, f"turn {turn}"
        assert all(n["delegated"] for n in listed)
        assert pins() == sorted(pin(n) for n in now)
        eventually(lambda: len(given_ids()) == len(now), message="a namespace is left that nobody knows of")
        descriptors = [user_namespace(n) for n in now]
        assert len({os.fstat(d).st_ino for d in descriptors}) <= 1, "all share one user namespace"
        for descriptor in descriptors:
            os.close(descriptor)


def processes(name):
    """The pids of this test's agents' processes of a name: those in its mount namespace."""
    found, home = [], os.stat("/proc/self/ns/mnt").st_ino
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            is_ours = os.stat(f"/proc/{entry}/ns/mnt").st_ino == home
            if is_ours and pathlib.Path(f"/proc/{entry}/comm").read_text().strip() == name:
                found.append(int(entry))
        except OSError:
            continue
    return found


# What one is in it

def test_the_program_is_the_user_with_every_capability_there(agent, alice, shell, people):
    alice.call("netns.add", name="fw", delegate=True)
    assert inside(shell, "id").stdout == subprocess.run(
        ["id", ALICE], capture_output=True, text=True).stdout
    status = dict(line.split(":\t", 1) for line in inside(shell, "cat /proc/self/status").stdout.splitlines())
    assert {status[f"Cap{name}"] for name in ("Inh", "Prm", "Eff", "Amb")} == {ALL}
    assert status["Uid"].split() == [str(people[ALICE].uid)] * 4 and status["NoNewPrivs"] == "0"
    assert inside(shell, "ls /sys/class/net").stdout.split() == ["lo"]
    assert inside(shell, "echo $NETNSD_NAMESPACE").stdout == "fw\n"
    assert inside(shell, "ls /proc/self/fd | wc -l").stdout == "4\n", "0, 1, 2 and the directory that is read"


def test_the_exit_status_is_the_programs(agent, alice, shell):
    alice.call("netns.add", name="fw", delegate=True)
    assert inside(shell, "exit 42", ok=False).returncode == 42
    assert inside(shell, "kill -USR1 $$", ok=False).returncode == -signal.SIGUSR1
    missing = shell("exec", "fw", "--", "no-such-program", ok=False)
    assert missing.returncode == 127 and "no-such-program" in missing.stderr
    assert shell("exec", "fw", "--", "/etc/passwd", ok=False).returncode == 126


def test_the_client_is_replaced_by_the_program(agent, alice, people):
    alice.call("netns.add", name="fw", delegate=True)
    process = subprocess.Popen(**command(agent, people[ALICE], ["exec", "fw", "--", "sleep", "60"]))
    name = pathlib.Path(f"/proc/{process.pid}/comm")
    eventually(lambda: name.read_text() == "sleep\n")
    refusal = alice.refused("netns.delete", name="fw")
    assert refusal.reason == "busy" and refusal.data["pids"] == [process.pid]
    alice.call("netns.delete", name="fw", kill=True)
    assert process.wait(20) == -signal.SIGKILL


def test_ip_finds_the_other_delegated_namespaces_by_name(agent, alice, shell):
    for name in ("fw", "server"):
        alice.call("netns.add", name=name, delegate=True)
    alice.call("netns.add", name="managed")
    listed = inside(shell, "ip netns").stdout
    assert sorted(line.split()[0] for line in listed.splitlines()) == ["fw", "server"]
    inside(shell, "ip -n server address add 10.9.9.9/24 dev lo")
    assert "10.9.9.9" in json.dumps(ip("server", "address"))
    assert "10.9.9.9/24" in inside(shell, "ip netns exec server ip -br address").stdout
    # The client does the same from there.
    there = inside(shell, f"{agent.directory}/netnsctl exec server -- ip -br address").stdout
    assert "10.9.9.9/24" in there
    # One made by hand lasts as long as the program.
    assert "mine" in inside(shell, "ip netns add mine && ip netns").stdout
    assert pins() == sorted([pin("fw"), pin("server"), pin("managed")])


def test_names_are_resolved_as_dns_set_says(agent, alice, shell):
    alice.call("netns.add", name="fw", delegate=True)
    alice.call(
        "dns.set", netns="fw", servers=["10.1.2.3"], search=["lab"],
        hosts=[{"name": "server.lab", "address": "10.0.0.9"}])
    assert inside(shell, "cat /etc/resolv.conf").stdout == "nameserver 10.1.2.3\nsearch lab\n"
    assert "10.0.0.9" in inside(shell, "getent hosts server.lab").stdout
    assert "10.1.2.3" not in pathlib.Path("/etc/resolv.conf").read_text()


def test_the_agents_methods_work_in_it(agent, alice, shell):
    alice.call("netns.add", name="fw", delegate=True)
    alice.call("netns.add", name="plain")
    alice.call(
        "link.add", netns="fw", ifname="a", kind="veth", up=True, addresses=["10.0.0.1/24"],
        peer={"netns": "plain", "ifname": "b", "up": True, "addresses": ["10.0.0.2/24"]})
    alice.call("sysctl.set", netns="fw", values=[{"key": "net.ipv4.ip_forward", "value": "1"}])
    assert inside(shell, "cat /proc/sys/net/ipv4/ip_forward").stdout == "1\n"
    eventually(lambda: inside(shell, "ping -c 1 -W 1 10.0.0.2", ok=False).returncode == 0)
    # Links made by hand cannot be prevented; they are counted when the agent looks.
    before = agent.used(ALICE)["links"]
    inside(shell, "ip link add x type veth peer name y")
    assert agent.used(ALICE)["links"] == before + 2


# The firewall lab

def test_a_firewall(agent, alice, shell, people):
    """client — firewall — server: the firewall's user drops port 81 with nft and passes port 80."""
    alice.call("netns.add", name="client")
    for name in ("fw", "server"):
        alice.call("netns.add", name=name, delegate=True)
    for name, net in (("client", 1), ("server", 2)):
        alice.call(
            "link.add", netns=name, ifname="eth0", kind="veth", up=True, addresses=[f"10.0.{net}.2/24"],
            peer={"netns": "fw", "ifname": name, "up": True, "addresses": [f"10.0.{net}.1/24"]})
        alice.call("route.add", netns=name, dst="default", gateway=f"10.0.{net}.1")
    inside(shell, """
        echo 1 > /proc/sys/net/ipv4/ip_forward
        nft -f - <<'EOF'
        table inet lab {
            chain forward {
                type filter hook forward priority filter; policy accept;
                tcp dport 81 counter drop
                tcp dport 80 counter accept
            }
        }
EOF
        """)
    serve = "import http.server as h; h.HTTPServer(('', {0}), h.SimpleHTTPRequestHandler).serve_forever()"
    running = []

    def start(name, *words):
        process = subprocess.Popen(**command(agent, people[ALICE], ["exec", name, "--", *words]))
        running.append(process)
        return process

    try:
        for port in (80, 81):  # below 1024: the capability to bind is the namespace's
            start("server", "/usr/bin/python3", "-c", serve.format(port))
        eventually(lambda: inside(shell, "ip netns exec server ss -Hltn | wc -l").stdout == "2\n")
        capture = start("fw", "tcpdump", "-n", "-l", "-c", "3", "-i", "client", "tcp port 80")
        # tcpdump says so once it listens.
        while "listening on" not in (line := capture.stderr.readline().decode()):
            assert line, "tcpdump ended"

        def fetch(port):
            code = (
                "import urllib.request as u; "
                f"print(u.urlopen('http://10.0.2.2:{port}/etc/hostname', timeout=3).status)")
            return shell("exec", "client", "--", "/usr/bin/python3", "-c", code, ok=False)

        assert fetch(80).stdout == "200\n"
        assert "timed out" in fetch(81).stderr
        packets = capture.communicate(timeout=20)[0].decode()
        assert "10.0.1.2" in packets and "10.0.2.2.80" in packets and "Flags [S]" in packets
        rules = inside(shell, "nft list ruleset").stdout
        for port in (80, 81):
            assert re.search(rf"dport {port} counter packets [1-9]", rules)
    finally:
        for process in running:
            process.kill()
            process.communicate()
    # And the managed client has no such power.
    assert inside(shell, "nft list ruleset", name="client", ok=False).returncode != 0


# What it must not give

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
