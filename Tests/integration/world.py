# The world the tests run in: private namespaces, a private /run and /etc, and agents with all that is theirs.

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

from wire import Client, Closed

ALICE, BOB = "netnsd-alice", "netnsd-bob"
# Ids the agent gives namespaces begin here (Registry.firstId).
FIRST_ID = 1_000_000
PINS = pathlib.Path("/run/netns")
BINARIES = pathlib.Path(
    os.environ.get("NETNSD_BIN") or pathlib.Path(__file__).resolve().parents[2] / ".build/debug").resolve()
# What contrib/test --sanitize asks of the programs it built.
SANITIZERS = {name: os.environ[name] for name in ("ASAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ}

# No rate limit: the tests are faster than people.
POLICY = """\
version: 1
defaults:
  requests-per-second: unlimited
  connections: 128
"""


# Which namespaces the tests were started from, for the process that runs in others.
STARTED_FROM = "NETNSD_TESTS_STARTED_FROM"


def own_namespaces():
    return " ".join(os.readlink(f"/proc/self/ns/{kind}") for kind in ("net", "mnt"))


def is_isolated():
    """Whether this process has network and mount namespaces apart from those the tests were started in."""
    before = os.environ.get(STARTED_FROM, own_namespaces()).split()
    return all(was != now for was, now in zip(before, own_namespaces().split()))


def furnish():
    """A private /run, and a private copy of /etc: accounts can come and go and the host's stay as they are."""
    assert is_isolated()
    for binary in ("netnsd", "netnsd-spawn", "netnsctl"):
        assert (BINARIES / binary).exists(), f"{BINARIES / binary} is not built (NETNSD_BIN says where)"
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    run("cp", "-a", "/etc", "/run/etc")
    run("mount", "--bind", "/run/etc", "/etc")
    run("ip", "link", "set", "lo", "up")
    # What nobody may touch (`host`).
    run("ip", "link", "add", "host0", "type", "veth", "peer", "name", "host1")
    run("ip", "link", "set", "host0", "up")
    run("ip", "address", "add", "192.0.2.1/24", "dev", "host0")
    run("ip", "route", "add", "198.51.100.0/24", "via", "192.0.2.2", "dev", "host0", "onlink")
    if not run("nft", "add table inet host; add chain inet host input { type filter hook input priority 0; }", ok=None):
        print("this kernel has no nftables: its rules are not compared")
    for name in (ALICE, BOB):
        if subprocess.run(["id", name], capture_output=True).returncode:
            run("useradd", "--no-create-home", "--shell", "/bin/sh", name)


def run(*words, ok=True, **options):
    """A command as root; its output. `ok=None`: whether it succeeded instead."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, **options)
    if ok is None:
        return done.returncode == 0
    if ok and done.returncode:
        raise AssertionError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def pin(name, owner=ALICE):
    return name if owner == "root" else f"{owner}:{name}"


def pins():
    return sorted(entry.name for entry in PINS.iterdir()) if PINS.exists() else []


def ip(name, *words, owner=ALICE):
    """`ip -j` of iproute2, by root, in a namespace of the owner's; None is the host."""
    where = ["ip", "-n", pin(name, owner)] if name else ["ip"]
    return json.loads(run(*where, "-j", *words) or "[]")


def host():
    """What the host has: links, addresses, routes, rules, firewall, mounts, namespaces with a name or an id."""
    nft = subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True)
    mounts = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
    return {
        "links": [(link["ifname"], link["flags"], link["mtu"], link["address"], link.get("master"))
                  for link in ip(None, "link")],
        "addresses": [(link["ifname"], [a["local"] for a in link["addr_info"] if a["scope"] == "global"])
                      for link in ip(None, "addr")],
        "routes": ip(None, "route"), "rules": ip(None, "rule"), "nft": nft.stdout,
        # Numbers of mounts differ, /run/netns becomes one on first need, and a pin goes when its namespace does.
        "mounts": sorted(words[4] for words in map(str.split, mounts) if not words[4].startswith("/run/netns")),
        "hostname": os.uname().nodename,
        "sysctl": [pathlib.Path(f"/proc/sys/{key}").read_text() for key in (
            "net/ipv4/ip_forward", "net/ipv4/ping_group_range", "kernel/core_pattern")]}


def given_ids():
    """The ids that the agent's range has in this network namespace."""
    return [entry["nsid"] for entry in ip(None, "netns", "list-id") if entry.get("nsid", -1) >= FIRST_ID]


def eventually(what, seconds=8, message="it never came true"):
    """Asks again until `what` holds, within a bound; gives its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        if time.monotonic() > deadline:
            said = message() if callable(message) else message
            raise AssertionError(f"{said} (within {seconds} s): {value!r}")
        time.sleep(0.01)


class Agent:
    """netnsd with a socket, a state directory and a policy of its own."""

    number = 0

    def __init__(self, people, policy=POLICY, environment=None, options=(), limits=None, pass_fds=(), warm=True):
        Agent.number += 1
        self.people = people
        self.directory = pathlib.Path(f"/run/netnsd-test-{Agent.number}")
        self.directory.mkdir()
        self.socket = str(self.directory / "socket")
        self.state = self.directory / "state"
        self.policy = self.directory / "policy.yaml"
        self.log_path = self.directory / "log"
        self.policy.write_text(policy)
        self.environment = environment or {}
        self.options = list(options)
        self.limits = limits
        self.pass_fds = pass_fds
        self.warm = warm
        self.process = None
        self.clients = []
        self.descriptors = self.threads = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.remove()

    # Life and death

    def command(self):
        return [
            str(BINARIES / "netnsd"), "--socket", self.socket, "--config", str(self.policy), "--state-directory",
            str(self.state), "--log-level", "info", *self.options]

    def launch(self):
        """Starts the process and does not wait for it."""
        environment = {"PATH": os.environ["PATH"], **SANITIZERS, **self.environment}
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd="/",
                preexec_fn=self.limits, pass_fds=self.pass_fds)

    def start(self):
        self.launch()
        self.wait_until_serving()
        if self.warm:
            self.warm_up()

    def wait_until_serving(self):
        def serves():
            assert self.process.poll() is None, f"the agent ended: {self.log()}"
            try:
                return self.connect("root")
            except OSError:
                return None

        client = eventually(serves, message=f"the agent does not serve: {self.log()}")
        client.call("agent.info")
        client.close()

    def warm_up(self):
        """Has the agent make what it makes on first need (a thread that closes), and notes what it then holds."""
        client = self.connect("root")
        with open("/dev/null") as null:
            client.refused("agent.info", fds=[null.fileno()])
        client.close()
        self.settle()
        eventually(lambda: "netnsd-closer" in self.thread_names())
        self.descriptors, self.threads = self.open_descriptors(), self.thread_names()

    def settle(self):
        """Waits until the agent holds no connection."""
        eventually(lambda: self.connections_held() == 0, message="connections stay open")

    def stop(self, number=signal.SIGTERM):
        for client in self.clients:
            client.close()
        self.clients = []
        if self.is_running:
            self.process.send_signal(number)
        return self.process.wait(20)

    def kill(self):
        return self.stop(signal.SIGKILL)

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def remove(self):
        if self.is_running:
            self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    # Connections

    def connect(self, name):
        person = self.people[name] if isinstance(name, str) else name
        client = Client(person.connect(self.socket))
        self.clients.append(client)
        return client

    def close(self, *clients):
        for client in clients or list(self.clients):
            client.close()
            self.clients.remove(client)

    # What it holds

    def open_descriptors(self):
        directory = f"/proc/{self.process.pid}/fd"
        found = []
        for entry in os.listdir(directory):
            try:
                found.append(os.readlink(f"{directory}/{entry}"))
            except FileNotFoundError:
                continue
        return sorted(found)

    def connections_held(self):
        """Accepted sockets: Unix stream sockets bound to the agent's path and connected (state 03, proc(5))."""
        inodes = set()
        for entry in os.listdir(f"/proc/{self.process.pid}/fd"):
            try:
                link = os.readlink(f"/proc/{self.process.pid}/fd/{entry}")
            except FileNotFoundError:
                continue
            if found := re.match(r"socket:\[(\d+)\]", link):
                inodes.add(found[1])
        lines = pathlib.Path("/proc/net/unix").read_text().splitlines()[1:]
        mine = [line.split() for line in lines if line.endswith(" " + self.socket)]
        # Flags 00010000 is the listening socket.
        return sum(1 for words in mine if words[6] in inodes and words[3] != "00010000")

    def thread_names(self):
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        return sorted((task / "comm").read_text().strip() for task in tasks.iterdir())

    def memory(self):
        """Resident set in bytes; of a sanitizer's allocator, which keeps what it is given back, nothing can be said."""
        if SANITIZERS:
            return 0
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) * 1024

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def log(self):
        return self.log_path.read_text() if self.log_path.exists() else ""

    def records(self):
        return sorted(path.name for path in self.state.glob("*.json*"))

    def used(self, name):
        """Use by resource, as root is told it of a user."""
        client = self.connect("root")
        try:
            found = client.call("quota.get", user=name)
        finally:
            self.close(client)
        return {entry["resource"]: entry["used"] for entry in found["resources"] if "used" in entry}

    # After a test

    def take_down(self):
        """Closes the test's connections and deletes every namespace."""
        self.close()
        root = self.connect("root")

        def delete_all():
            for namespace in root.call("netns.list", allUsers=True):
                if namespace["state"] == "live":
                    root.call("netns.delete", name=namespace["name"], kill=True)
            return pins() == []

        # What a test asked last may be under way still.
        eventually(delete_all, message=f"pins are left: {pins()}")
        self.close(root)

    def check_nothing_is_left(self):
        eventually(lambda: given_ids() == [], message=f"namespaces are left: {given_ids()}")
        eventually(lambda: self.records() == [], message=f"records are left: {self.records()}")
        programs = self.state / "programs"
        eventually(lambda: not list(programs.glob("*")), message="programs are written down still")
        for name in (ALICE, BOB):
            if not self.account_exists(name):
                continue
            eventually(
                lambda: not any(self.used(name).values()), message=f"{name} is charged still: {self.used(name)}")
        assert "/run/netns/" not in pathlib.Path("/proc/self/mountinfo").read_text(), "mounts are left"
        self.settle()
        if self.descriptors is not None:
            eventually(
                lambda: len(self.open_descriptors()) <= len(self.descriptors),
                message=f"descriptors leak, from {self.descriptors}: {self.open_descriptors()}")
            # One more would be the language's shared pool, where nothing of the agent's may run.
            eventually(
                lambda: self.thread_names() == self.threads, message=f"{self.threads} became {self.thread_names()}")
        home = os.stat("/proc/self/ns/net").st_ino
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            where = os.stat(f"/proc/{self.process.pid}/task/{thread}/ns/net").st_ino
            assert where == home, "a thread of the agent's is in another network namespace"

    @staticmethod
    def account_exists(name):
        return subprocess.run(["id", name], capture_output=True).returncode == 0


__all__ = [name for name in dir() if not name.startswith("_")] + ["Closed"]
