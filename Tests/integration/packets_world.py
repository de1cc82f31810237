# The world of the tests of sockets, capture and forwarding.
#
# The file has its own world: a network and a mount namespace, a /run, accounts, an agent. Nothing of it is the host's,
# and the process is back where it was when the last test is over.

import contextlib
import ctypes
import hashlib
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest

BINARIES = pathlib.Path(
    os.environ.get("NETNSD_BIN") or pathlib.Path(__file__).resolve().parents[2] / ".build/debug").resolve()
HOME = pathlib.Path("/run/packets")
SOCKET = f"{HOME}/socket"
ALICE, BOB = 59801, 59802
POLICY = """\
version: 1
defaults:
  requests-per-second: unlimited
  connections: 128
users:
  slow-bob: {requests-per-second: 50}
"""
# One that every user may run.
PYTHON = "/usr/bin/python3"
CLONE_NEWNS, CLONE_NEWNET = 0x20000, 0x40000000  # unshare(2)
libc = ctypes.CDLL(None, use_errno=True)


def run(*words, **options):
    done = subprocess.run(words, capture_output=True, timeout=60, **options)
    assert done.returncode == 0, f"{words}: {done.stderr.decode()}"
    return done.stdout


def eventually(what, message, seconds=20):
    deadline = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < deadline, message
        time.sleep(0.01)
    return value


class Client:
    """A connection to the agent, made by a user: the kernel takes the identity at connect(2)."""

    def __init__(self, uid):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with identity(uid):
            self.socket.connect(SOCKET)
        self.socket.settimeout(30)
        self.bytes = b""
        self.descriptors = []

    def line(self, method, **params):
        """The line that answers, as it is."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        fds = params.pop("fds", [])
        socket.send_fds(self.socket, [json.dumps(request).encode() + b"\n"], fds)
        while b"\n" not in self.bytes:
            more, self.descriptors, _, _ = socket.recv_fds(self.socket, 65536, 16)
            assert more, "the agent closed the connection"
            self.bytes += more
        line, self.bytes = self.bytes.split(b"\n", 1)
        return line

    def call(self, method, **params):
        answer = json.loads(self.line(method, **params))
        assert "result" in answer, answer
        return answer["result"]

    def reason(self, method, **params):
        return json.loads(self.line(method, **params))["error"]["data"]["reason"]

    def open(self, **params):
        assert self.call("socket.open", **params) == {"socketFileDescriptor": 0}
        [descriptor] = self.descriptors
        return socket.socket(fileno=descriptor)

    def used(self, resource="namespaces"):
        found = self.call("quota.get")["resources"]
        return next(entry["used"] for entry in found if entry["resource"] == resource)

    def close(self):
        self.socket.close()


@contextlib.contextmanager
def identity(uid):
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(uid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def start(uid, *words, **options):
    """netnsctl, as a user with no capability."""
    command = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--inh-caps=-all"] if uid else []
    environment = {"PATH": f"{HOME}/bin:/usr/bin:/bin:/usr/sbin:/sbin", "NETNSD_SOCKET": SOCKET, "TERM": "dumb", "TZ": "UTC"}
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([*command, f"{HOME}/bin/netnsctl", *words], env=environment, cwd="/", **options)


def control(uid, *words, ok=True):
    process = start(uid, *words)
    output, errors = process.communicate(timeout=60)
    assert not ok or process.returncode == 0, errors.decode()
    return output.decode() if ok else (process.returncode, errors.decode())


@pytest.fixture(scope="module")
def world():
    was = [os.open(f"/proc/self/ns/{kind}", os.O_RDONLY) for kind in ("mnt", "net")]
    directory = os.getcwd()
    assert libc.unshare(CLONE_NEWNS | CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
    agent = None
    try:
        run("mount", "--make-rprivate", "/")
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
        run("ip", "link", "set", "lo", "up")
        (HOME / "bin").mkdir(parents=True)
        run("mount", "--bind", str(BINARIES), str(HOME / "bin"))
        for file, line in (("passwd", "{0}:x:{1}:{1}::/:/bin/sh\n"), ("group", "{0}:x:{1}:\n")):
            text = pathlib.Path(f"/etc/{file}").read_text()
            people = {"packets-alice": ALICE, "packets-bob": BOB}
            (HOME / file).write_text(text + "".join(line.format(*person) for person in people.items()))
            run("mount", "--bind", str(HOME / file), f"/etc/{file}")
        (HOME / "policy.yaml").write_text(POLICY.replace("slow-bob", "packets-bob"))
        with open(HOME / "log", "w") as log:
            agent = subprocess.Popen(
                [f"{HOME}/bin/netnsd", "--socket", SOCKET, "--config", f"{HOME}/policy.yaml", "--state-directory",
                 f"{HOME}/state"], stderr=log, stdin=subprocess.DEVNULL, cwd="/")
        eventually(lambda: agent.poll() is not None or os.path.exists(SOCKET), "the agent does not serve")
        assert agent.poll() is None, (HOME / "log").read_text()
        (HOME / "tmp").mkdir()
        (HOME / "tmp").chmod(0o1777)
        yield agent
    finally:
        if agent:
            agent.terminate()
            agent.wait(20)
        for descriptor, kind in zip(was, (CLONE_NEWNS, CLONE_NEWNET)):
            assert libc.setns(descriptor, kind) == 0
            os.close(descriptor)
        os.chdir(directory)


@pytest.fixture
def alice(world):
    """alice's connection, and two namespaces with a cable: client 10.0.0.2 and server 10.0.0.1."""
    client = Client(ALICE)
    for name in ("server", "client"):
        client.call("netns.add", name=name)
        # No duplicate address detection: an address is good at once.
        client.call("sysctl.set", netns=name, values=[
            {"key": f"net.ipv6.conf.{which}.accept_dad", "value": "0"} for which in ("all", "default")])
    client.call(
        "link.add", netns="server", kind="veth", ifname="eth0", up=True, addresses=["10.0.0.1/24", "fd00::1/64"],
        peer={"netns": "client", "ifname": "eth0", "up": True, "addresses": ["10.0.0.2/24", "fd00::2/64"]})
    yield client
    take_down(client)


def take_down(client):
    for namespace in client.call("netns.list"):
        if namespace["state"] == "live":
            client.call("netns.delete", name=namespace["name"], kill=True)
    eventually(lambda: client.used() == 0, "namespaces are still charged")
    held = [os.readlink(f"/proc/{agent_pid()}/fd/{fd}") for fd in os.listdir(f"/proc/{agent_pid()}/fd")]
    assert not [link for link in held if link.startswith("net:")], held
    client.close()


def agent_pid():
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            if words[0].decode() == f"{HOME}/bin/netnsd":
                return process.name


@contextlib.contextmanager
def running(uid, *words, **options):
    process = start(uid, *words, **options)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)


def ping(uid=ALICE, count=2, to="10.0.0.1"):
    control(uid, "exec", "client", "--", "ping", "-n", "-c", str(count), "-i", "0.2", "-W", "10", to)


def finish(process, number=signal.SIGINT):
    process.send_signal(number)
    return process.communicate(timeout=30)
