# The agent as a service: policy and its reload, sockets passed in, words to the manager, limits of the process.

import os
import resource
import signal
import socket
import subprocess

import pytest

from people import Person
from world import *


def write_policy(agent, text):
    """Writes the policy and has it read; the log since."""
    agent.policy.write_text(text)
    before = len(agent.log())
    agent.process.send_signal(signal.SIGHUP)
    return eventually(lambda: [line for line in agent.log()[before:].splitlines() if "policy" in line])[0]


def test_a_good_policy_takes_effect_on_open_connections(fresh_agent):
    agent = fresh_agent()
    alice = agent.connect(ALICE)
    alice.call("netns.add", name="one")
    write_policy(agent, POLICY + f"users:\n  {ALICE}: {{namespaces: 1, kinds: [bridge]}}\n")
    refusal = alice.refused("netns.add", name="two")
    assert refusal.data == {
        "reason": "quota-exceeded", "resource": "namespaces", "limit": 1, "used": 1,
        "rule": f"users.{ALICE} in {agent.policy}"}
    refusal = alice.refused("link.add", netns="one", kind="veth")
    assert refusal.reason == "permission-denied" and refusal.data["rule"] == f"users.{ALICE} in {agent.policy}"
    write_policy(agent, POLICY)
    alice.call("netns.add", name="two")
    alice.call("link.add", netns="one", kind="veth")


def test_groups_the_most_generous_and_users_before_them(fresh_agent):
    for group in ("netnsd-small", "netnsd-large"):
        run("groupadd", group)
    gids = [int(run("getent", "group", group).split(":")[2]) for group in ("netnsd-small", "netnsd-large")]
    agent = fresh_agent(policy=POLICY + f"""\
groups:
  netnsd-small: {{namespaces: 2, links: 5}}
  netnsd-large: {{namespaces: 3}}
users:
  {BOB}: {{namespaces: 1}}
""")
    person = agent.people[ALICE]
    member = Person(ALICE, uid=person.uid, gid=person.gid, groups=[person.gid, *gids])
    bob = agent.people[BOB]
    limited = Person(BOB, uid=bob.uid, gid=bob.gid, groups=[bob.gid, *gids])
    try:
        limits = {e["resource"]: e.get("limit") for e in agent.connect(member).call("quota.get")["resources"]}
        assert (limits["namespaces"], limits["links"], limits["connections"]) == (3, 5, 128)
        limits = {e["resource"]: e.get("limit") for e in agent.connect(limited).call("quota.get")["resources"]}
        assert (limits["namespaces"], limits["links"]) == (1, 5)
    finally:
        agent.close()
        member.end()
        limited.end()
        for group in ("netnsd-small", "netnsd-large"):
            run("groupdel", group)


BAD = {
    "syntax": ("version: 1\ndefaults: {namespaces: [\n", 3),
    "unknown key": ("version: 1\ndefaults:\n  namespace: 3\n", 3),
    "negative": ("version: 1\ndefaults:\n  links: 5\n  namespaces: -1\n", 4),
    "not a number": ("version: 1\ndefaults:\n  namespaces: many\n", 3),
    "kind": ("version: 1\ndefaults:\n  kinds: [veth, nonsense]\n", 3),
    "sysctl": ("version: 1\ndefaults:\n  sysctl: [kernel.core_pattern]\n", 3),
    "version": ("version: 2\n", 1),
    "duplicate": ("version: 1\ndefaults:\n  links: 1\n  links: 2\n", 4),
    "group": ("version: 1\ngroups:\n  no-such-group: {links: 1}\n", 3),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_policy_leaves_the_old_in_force_and_says_where(fresh_agent, fault):
    agent = fresh_agent(policy=POLICY + "  namespaces: 1\n")
    alice = agent.connect(ALICE)
    alice.call("netns.add", name="one")
    text, line = BAD[fault]
    said = write_policy(agent, text)
    assert f"{agent.policy}:{line}:" in said, said
    assert alice.refused("netns.add", name="two").data["limit"] == 1
    # --check-config says the same place, and 1.
    done = subprocess.run([BINARIES / "netnsd", "--check-config", agent.policy], capture_output=True, text=True)
    assert done.returncode == 1 and f"{agent.policy}:{line}:" in done.stderr, done.stderr
    # An agent does not start with it.
    write_policy(agent, POLICY)
    agent.take_down()
    agent.stop()
    agent.policy.write_text(text)
    agent.launch()
    assert agent.process.wait(10) == 1 and f"{agent.policy}:{line}:" in agent.log().splitlines()[-1]


def test_check_config_of_a_good_policy(tmp_path):
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    (tmp_path / "policy.d").mkdir()
    (tmp_path / "policy.d/10-more.yaml").write_text("version: 1\nusers:\n  nobody-yet: {links: 3}\n")
    done = subprocess.run([BINARIES / "netnsd", "--check-config", policy], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "") and "10-more.yaml" in done.stdout
    (tmp_path / "policy.d/20-bad.yaml").write_text("version: 1\nusers:\n  x: {link: 3}\n")
    done = subprocess.run([BINARIES / "netnsd", "--check-config", policy], capture_output=True, text=True)
    assert done.returncode == 1 and f"{tmp_path}/policy.d/20-bad.yaml:3:" in done.stderr
    done = subprocess.run([BINARIES / "netnsd", "--check-config", tmp_path / "none"], capture_output=True, text=True)
    assert done.returncode == 1 and "none" in done.stderr


def test_the_command_line(tmp_path):
    def netnsd(*words):
        done = subprocess.run([BINARIES / "netnsd", *words], capture_output=True, text=True, timeout=10)
        return done.returncode, done.stdout, done.stderr

    assert netnsd("--version")[:2] == (0, "netnsd 0.1.0\n")
    assert netnsd("--help")[1].startswith("USAGE: netnsd")
    for words in (["--no-such"], ["--socket"], ["--log-level", "loud"], ["word"]):
        status, out, err = netnsd(*words)
        assert (status, out) == (2, "") and err.startswith("netnsd: ") and err.count("\n") == 1


# One agent at a time

@pytest.mark.parametrize("shared", ["socket", "state"])
def test_a_second_agent_leaves_with_a_clear_line(fresh_agent, tmp_path, shared):
    agent = fresh_agent()
    words = {"socket": ["--socket", agent.socket, "--state-directory", str(tmp_path / "state")],
             "state": ["--socket", str(tmp_path / "socket"), "--state-directory", str(agent.state)]}[shared]
    done = subprocess.run(
        [BINARIES / "netnsd", "--config", agent.policy, *words], capture_output=True, text=True, timeout=10)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "another agent" in done.stderr and str(agent.socket if shared == "socket" else agent.state) in done.stderr
    assert agent.connect(ALICE).call("agent.info")


def test_a_socket_left_behind_is_replaced_and_a_file_is_not(fresh_agent, tmp_path):
    agent = fresh_agent()
    agent.kill()
    assert os.path.exists(agent.socket)
    agent.start()
    agent.stop()
    assert not os.path.exists(agent.socket)
    open(agent.socket, "w").write("keep")
    agent.launch()
    assert agent.process.wait(10) == 1 and "not a socket" in agent.log().splitlines()[-1]
    assert open(agent.socket).read() == "keep"


# systemd's side

class Manager:
    """Hears what the agent says to its manager (sd_notify(3))."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(10)

    def words(self):
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())

    def wait_for(self, key):
        while key not in (words := self.words()):
            pass
        return words


def test_the_manager_hears_ready_reloading_and_stopping(fresh_agent, tmp_path):
    manager = Manager(tmp_path / "notify")
    agent = fresh_agent(environment={"NOTIFY_SOCKET": str(tmp_path / "notify")})
    assert manager.words() == {"READY": "1"}
    agent.process.send_signal(signal.SIGHUP)
    words = manager.words()
    assert words["RELOADING"] == "1"
    assert abs(int(words["MONOTONIC_USEC"]) - time.monotonic_ns() // 1000) < 10_000_000
    assert manager.words() == {"READY": "1"}
    # A bad policy: ready all the same, with the old one.
    agent.policy.write_text("nonsense")
    agent.process.send_signal(signal.SIGHUP)
    assert "RELOADING" in manager.words() and manager.words() == {"READY": "1"}
    assert agent.stop() == 0
    assert manager.words() == {"STOPPING": "1"}


def test_the_managers_socket_may_be_abstract(fresh_agent):
    name = f"netnsd-test-{os.getpid()}"
    manager = Manager("\0" + name)
    fresh_agent(environment={"NOTIFY_SOCKET": "@" + name})
    assert manager.words() == {"READY": "1"}


def test_the_watchdog_is_fed(fresh_agent, tmp_path):
    manager = Manager(tmp_path / "notify")
    fresh_agent(environment={"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"})
    for _ in range(5):
        manager.wait_for("WATCHDOG")


def test_without_a_watchdog_it_is_quiet(fresh_agent, tmp_path):
    manager = Manager(tmp_path / "notify")
    fresh_agent(environment={"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000", "WATCHDOG_PID": "1"})
    assert manager.words() == {"READY": "1"}
    manager.socket.settimeout(0.5)
    with pytest.raises(TimeoutError):
        manager.words()


def pass_socket(listening, count=1, pid=None):
    """What systemd does between fork and exec (sd_listen_fds(3)): descriptors from 3 on, and the pid. Python's
    subprocess cannot set a variable to the child's own pid; env(1) started by bash can."""
    return ["bash", "-c", f'exec env LISTEN_PID={pid or "$$"} LISTEN_FDS={count} "$@" 3<&{listening.fileno()}', "bash"]


class PassedAgent(Agent):
    prefix = ()

    def command(self):
        return [*self.prefix, *super().command()]


@pytest.fixture
def listening(tmp_path):
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    path = f"/run/passed-{os.getpid()}"
    made.bind(path)
    os.chmod(path, 0o666)
    made.listen(64)
    yield made
    made.close()
    os.unlink(path)


def test_a_passed_socket_is_served(people, listening):
    agent = PassedAgent(people, pass_fds=[listening.fileno()], warm=False)
    agent.prefix = pass_socket(listening)
    own, agent.socket = agent.socket, listening.getsockname()
    try:
        # Who connects before the agent runs waits and is served.
        early = agent.connect(ALICE)
        early.send("agent.info")
        agent.start()
        assert early.reply()["result"]["user"] == ALICE
        agent.connect(ALICE).call("netns.add", name="n")
        assert not os.path.exists(own)
        agent.take_down()
        agent.check_nothing_is_left()
        assert agent.stop() == 0
        assert os.path.exists(agent.socket), "the socket is the manager's"
    finally:
        agent.remove()


def test_what_is_passed_must_be_one_listening_socket(people, listening):
    for prefix in (pass_socket(listening, count=2), pass_socket(listening, count=1)):
        agent = PassedAgent(people, pass_fds=[listening.fileno()])
        if prefix[2].find("LISTEN_FDS=1") > 0:
            prefix[2] = prefix[2].replace(f"3<&{listening.fileno()}", "3</dev/null")
        agent.prefix = prefix
        agent.launch()
        assert agent.process.wait(10) == 1
        assert "LISTEN_FDS" in agent.log() and agent.log().count("\n") == 1
        agent.remove()


def test_a_socket_passed_to_another_process_is_not_ours(people, listening):
    agent = PassedAgent(people, pass_fds=[listening.fileno()], warm=False)
    agent.prefix = pass_socket(listening, pid=1)
    try:
        agent.start()
        assert os.path.exists(agent.socket)
    finally:
        agent.remove()


# Exhaustion

def test_hostile_46_no_descriptor_is_left_at_accept(fresh_agent):
    agent = fresh_agent(limits=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40)))
    clients = [agent.connect(ALICE) for _ in range(60)]
    ids = [client.send("agent.info") for client in clients]
    eventually(lambda: clients[0].has_answer(0.01))
    spent = agent.processor_seconds()
    answered = [client for client in clients if client.has_answer(0.05)]
    assert 5 < len(answered) < 60
    for client in answered:
        assert "result" in client.reply(), "whoever is taken is served"
    assert agent.processor_seconds() - spent < 2, "the loop spins"
    # As room comes, those who wait are served.
    waiting = [(client, id) for client, id in zip(clients, ids) if client not in answered]
    agent.close(*answered)
    while waiting:
        served = [pair for pair in waiting if pair[0].has_answer(0.2)]
        for client, id in served:
            client.result(id)
            agent.close(client)
        waiting = [pair for pair in waiting if pair not in served]
    agent.settle()
    agent.connect(BOB).call("agent.info")


def test_hostile_47_one_users_connections_are_limited(fresh_agent):
    agent = fresh_agent(policy=POLICY.replace("connections: 128", "connections: 4"))
    held = [agent.connect(ALICE) for _ in range(4)]
    for client in held:
        client.call("agent.info")
    for _ in range(50):
        client = agent.connect(ALICE)
        error = json.loads(client.line())["error"]
        assert (error["data"]["reason"], error["data"]["resource"], error["data"]["limit"]) == (
            "quota-exceeded", "connections", 4)
        assert client.is_at_end()
        agent.close(client)
    assert agent.connect(BOB).call("agent.info")["user"] == BOB
    agent.close(held[0])
    eventually(lambda: agent.used(ALICE)["connections"] == 3)
    assert agent.connect(ALICE).call("agent.info")


def test_requests_are_limited_and_say_when_to_come_again(fresh_agent):
    agent = fresh_agent(policy="version: 1\ndefaults:\n  requests-per-second: 5\n")
    alice = agent.connect(ALICE)
    outcomes = []
    for id in [alice.send("agent.info") for _ in range(50)]:
        reply = alice.reply()
        outcomes.append(reply["error"]["data"] if "error" in reply else None)
    refused = [o for o in outcomes if o]
    assert outcomes[:5] == [None] * 5 and len(refused) > 30
    assert all(o["reason"] == "rate-limited" and o["limit"] == 5 and 0 < o["retryAfterMilliseconds"] <= 1000
               for o in refused)
    # The rate is the user's, not the connection's.
    assert agent.connect(ALICE).refused("agent.info").reason == "rate-limited"
    eventually(lambda: "result" in (alice.send("agent.info"), alice.reply())[1])


def test_hostile_50_what_is_logged_is_escaped(fresh_agent):
    agent = fresh_agent()
    for name in ("a\x1b[31m", "b\nnotice: forged", "c\u202e"):
        (PINS / f"x:{name.replace('/', '')}").write_text("")
    try:
        agent.kill()
        agent.start()
    finally:
        for entry in PINS.glob("x:*"):
            entry.unlink()
    assert "\x1b" not in agent.log() and "\u202e" not in agent.log()
    assert not [line for line in agent.log().splitlines() if line.startswith("notice: forged")]
