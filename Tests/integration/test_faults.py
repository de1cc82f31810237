# Killed before and after every step of an operation, and each system call of it failing: it is done or it is not, what
# was acknowledged stays, nothing is orphaned and the quota is exact (faults.py says how).
#
# NETNSD_FAULTS=all tries each call with each error, and kills at calls that change nothing too; otherwise each call has
# one error, in turn.

import os
import signal

import pytest

import faults
from test_programs import start
from wire import Closed, Refused
from world import *

ALL = os.environ.get("NETNSD_FAULTS") == "all"
GONE = (Closed, ConnectionResetError, BrokenPipeError)

LIMITS = POLICY + "  delegate: true\n  links: {links}\n"


class Lab:
    """An agent, and the operations done to what alice has there. Bob has something too, which nothing may touch."""

    def __init__(self, start):
        self.agent = start(policy=LIMITS.format(links=64), warm=False)
        bob = self.agent.connect(BOB)
        bob.call("netns.add", name="still")
        bob.call("link.add", netns="still", kind="veth", ifname="v", up=True, addresses=["10.9.0.1/24"],
                 peer={"ifname": "w", "up": True})
        self.agent.close()
        self.client = None

    def ask(self, method, **params):
        """As alice, on a connection that is there before the fault is."""
        return self.client.call(method, **params)

    def ready(self):
        """An agent that runs, a connection that has had an answer."""
        if not self.agent.is_running:
            self.agent.stop()
            self.agent.start()
        if self.client is None:
            self.client = self.agent.connect(ALICE)
        self.client.call("agent.info")

    def seen(self):
        """All there is of alice's and bob's by what the kernel, the files and the agent say; no numbers that change."""
        agent = self.agent
        with_links = {}
        for name in pins():
            links = json.loads(run("ip", "-n", name, "-j", "addr", "show", ok=None) and
                               run("ip", "-n", name, "-j", "addr", "show") or "null")
            with_links[name] = None if links is None else sorted(
                (l["ifname"], l["group"], *sorted(a["local"] for a in l["addr_info"] if a.get("scope") == "global"))
                for l in links)
        records = []
        for path in sorted(agent.state.glob("*.json*")):
            try:
                said = json.loads(path.read_text())
            except FileNotFoundError:  # it is on its way out; the next look tells
                continue
            records.append((said["owner"]["user"], said["name"], said["state"]))
        root = agent.connect("root")
        listed = sorted((n["name"], n["state"]) for n in root.call("netns.list", allUsers=True))
        agent.close(root)
        alice = agent.connect(ALICE)
        programs = sorted(" ".join(p["argv"]) for p in alice.call("program.list") if p["running"])
        agent.close(alice)
        return {
            "kernel": with_links, "records": sorted(records), "listed": listed, "ids": len(given_ids()),
            "programs": programs, "program files": len(list((agent.state / "programs").glob("*"))),
            "processes": self.processes(), "mounts": [m for m in mounts() if m not in pins()],
            "used": {name: {**agent.used(name), "connections": None} for name in (ALICE, BOB)}}

    @staticmethod
    def processes():
        """Programs in any namespace that is pinned."""
        inside = {os.stat(PINS / name).st_ino for name in pins()}
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.stat(f"/proc/{entry}/ns/net").st_ino in inside:
                    found.append(pathlib.Path(f"/proc/{entry}/cmdline").read_text())
            except OSError:
                continue
        return sorted(found)

    def settles_as(self, *wanted, message):
        eventually(lambda: self.seen() in wanted, seconds=10, message=lambda: (
            f"{message}:\n is {self.seen()}\n not {wanted}\n{self.agent.log()[-2000:]}"))


def mounts():
    """Names of what is mounted in /run/netns."""
    lines = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
    return sorted(line.split()[4].split("/")[-1] for line in lines if line.split()[4].startswith("/run/netns/"))


class Operation:
    """`prepare` and `undo` are sound; `act` meets the fault."""

    def prepare(self, lab):
        pass

    def undo(self, lab):
        for name in [n["name"] for n in lab.ask("netns.list") if n["state"] == "live"]:
            lab.ask("netns.delete", name=name, kill=True)


class Create(Operation):
    def act(self, lab):
        lab.ask("netns.add", name="x")


class CreateDelegated(Operation):
    def act(self, lab):
        lab.ask("netns.add", name="x", delegate=True)


class Delete(Operation):
    def prepare(self, lab):
        lab.ask("netns.add", name="x")
        lab.ask("netns.add", name="y")
        lab.ask("link.add", netns="x", kind="veth", ifname="v", peer={"netns": "y", "ifname": "w"})

    def act(self, lab):
        lab.ask("netns.delete", name="x")


class Wire(Operation):
    def prepare(self, lab):
        lab.ask("netns.add", name="x")
        lab.ask("netns.add", name="y")

    def act(self, lab):
        lab.ask("link.add", netns="x", kind="veth", ifname="v", up=True, addresses=["10.0.0.1/24", "2001:db8::1/64"],
                peer={"netns": "y", "ifname": "w", "up": True, "addresses": ["10.0.0.2/24"]})


class Move(Operation):
    def prepare(self, lab):
        Wire.prepare(self, lab)
        lab.ask("link.add", netns="x", kind="veth", ifname="v", peer={"ifname": "w"})

    def act(self, lab):
        lab.ask("link.set", netns="x", dev="v", moveTo="y")


class Exec(Operation):
    def prepare(self, lab):
        lab.ask("netns.add", name="x")

    def act(self, lab):
        null, place = os.open("/dev/null", os.O_RDWR), os.open("/", os.O_RDONLY | os.O_DIRECTORY)
        try:
            lab.client.call(
                "netns.exec", fds=[null, null, null, place], netns="x", argv=["sleep", "4321"], detach=True,
                environment=["PATH=/usr/bin:/bin"], stdinFileDescriptor=0, stdoutFileDescriptor=1,
                stderrFileDescriptor=2, workingDirectoryFileDescriptor=3)
        finally:
            os.close(null)
            os.close(place)


OPERATIONS = [Create, CreateDelegated, Delete, Wire, Move, Exec]


@pytest.fixture
def lab(fresh_agent):
    return Lab(fresh_agent)


def measured(lab, operation):
    """What is there before and after, and the system calls in between. Done once before: first times differ."""
    for turn in range(2):
        lab.ready()
        operation.prepare(lab)
        before = stable(lab)
        calls = faults.record(lab.agent, lambda: operation.act(lab))
        after = stable(lab)
        operation.undo(lab)
        stable(lab)
    assert before != after and calls
    return before, after, calls


def stable(lab):
    """What is seen once nothing is on its way any more."""
    last = []

    def same():
        last.append(lab.seen())
        return len(last) > 1 and last[-1] == last[-2]

    eventually(same)
    return last[-1]


def outcome(lab, operation, fault):
    """What the client is told: True, the refusal, or nothing at all."""
    try:
        operation.act(lab)
        return True
    except Refused as refusal:
        return refusal
    except GONE:
        return None
    except TimeoutError:
        raise AssertionError(f"{fault}: there is no answer") from None


@pytest.mark.hostile(42)
@pytest.mark.parametrize("kind", OPERATIONS, ids=lambda kind: kind.__name__.lower())
def test_killed_before_and_after_every_step(lab, kind):
    operation = kind()
    before, after, calls = measured(lab, operation)
    steps = [call for call in calls if (ALL and faults.can_fail(call)) or faults.changes_something(call)]
    assert len(steps) >= 3, calls
    killed = 0
    for step in steps:
        lab.ready()
        operation.prepare(lab)
        lab.settles_as(before, message="it cannot be prepared")
        with faults.injecting(lab.agent, step, "signal=KILL"):
            told = outcome(lab, operation, step)
        lab.client = None
        if told is None:
            killed += 1
        lab.agent.kill()  # where that thread did not come so far, after all steps
        lab.agent.start()
        wanted = [after] if told is True else [before, after]
        assert not isinstance(told, Refused), told
        lab.settles_as(*wanted, message=f"killed at {step}, told {told}")
        lab.ready()
        operation.undo(lab)
    assert killed >= len(steps) // 2, (killed, len(steps))


@pytest.mark.parametrize("kind", OPERATIONS, ids=lambda kind: kind.__name__.lower())
def test_each_system_call_fails(lab, kind):
    operation = kind()
    before, after, calls = measured(lab, operation)
    calls = [call for call in calls if faults.can_fail(call)]
    refused = 0
    for number, call in enumerate(calls):
        for error in faults.ERRORS if ALL else [faults.ERRORS[number % len(faults.ERRORS)]]:
            lab.ready()
            operation.prepare(lab)
            lab.settles_as(before, message="it cannot be prepared")
            with faults.injecting(lab.agent, call, f"error={error}:syscall=gettid"):
                told = outcome(lab, operation, (error, call))
            if told is None:
                # The agent, or the connection, ended: by design, and with a line that says so.
                lab.client = None
                if lab.agent.process.poll() is not None:
                    said = lab.agent.log()
                    assert "cannot come back" in said or "netnsd-spawn is gone" in said, (call, error, said)
                    lab.agent.start()
                lab.settles_as(before, after, message=f"{error} at {call}, no answer")
            elif told is True:
                lab.settles_as(after, message=f"{error} at {call}, done")
            else:
                refused += 1
                assert told.message and told.reason in (
                    "kernel", "internal-error", "busy", "unsupported", "permission-denied"), (call, told)
                lab.settles_as(before, message=f"{error} at {call}, refused: {told}")
            lab.ready()
            operation.undo(lab)
    assert refused > 0
