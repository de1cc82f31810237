"""The sandbox that contrib/bench has made: an agent in it, its users, and programs run as one of them."""

import json
import os
import pwd
import re
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

SANDBOX = Path(os.environ["SANDBOX"])
BIN = SANDBOX / "bin"
SOCKET = SANDBOX / "netnsd.sock"
STATE = SANDBOX / "state"
POLICY = SANDBOX / "policy.yaml"
LOG = SANDBOX / "agent.log"

# Nothing of the policy's is in the way of what is measured.
UNLIMITED = "version: 1\ndefaults: {%s}\n" % ", ".join(
    f"{key}: unlimited" for key in
    ("namespaces", "links", "addresses", "routes", "programs", "connections", "requests-per-second"))


class Agent:
    """A running netnsd."""

    def __init__(self, policy=UNLIMITED, environment=None, command=(BIN / "netnsd",)):
        POLICY.write_text(policy)
        self.log = LOG.open("ab")
        began = time.monotonic()
        # Whatever becomes of this process, the agent ends with it.
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command, "--socket", SOCKET, "--state-directory", STATE,
             "--config", POLICY],
            stderr=self.log, stdout=self.log, env={**os.environ, **(environment or {})})
        self.wait_until_ready()
        self.seconds_to_ready = time.monotonic() - began

    def wait_until_ready(self):
        for _ in range(60_000):
            try:
                return call("agent.info")
            except OSError:
                pass
            if self.process.poll() is not None:
                raise SystemExit(f"the agent does not serve:\n{LOG.read_text()}")
            time.sleep(0.001)
        raise SystemExit("the agent does not serve within a minute")

    @property
    def pid(self):
        return self.process.pid

    def resident_bytes(self):
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def anonymous_bytes(self):
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) * 1024

    def descriptor_count(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def stop(self):
        """Ends the agent; what it made stays."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.log.close()


@contextmanager
def agent(**options):
    running = Agent(**options)
    try:
        yield running
        end_everything()
    finally:
        running.stop()


def end_everything():
    """Deletes every namespace, whoever's, and waits until the kernel is done with them."""
    names = [one["name"] for one in call("netns.list", {"allUsers": True}) if one["state"] == "live"]
    ask_all("netns.delete", [{"name": name, "kill": True} for name in names])
    settle()


def call(method, params=None):
    """One request of root's."""
    return ask_all(method, [params or {}])[0]


def ask_all(method, all_params):
    """Requests of root's, pipelined."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(SOCKET))
        replies = connection.makefile("rb")
        results = []
        for first in range(0, len(all_params), 32):
            part = all_params[first:first + 32]
            connection.sendall(b"".join(
                json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n"
                for params in part))
            for _ in part:
                reply = json.loads(replies.readline())
                if "error" in reply:
                    raise SystemExit(f"{method}: {reply['error']['message']}")
                results.append(reply["result"])
        return results


def settle():
    """Waits until the kernel has ended what was deleted: it would get in the way of what is measured next."""
    run([BIN / "floor", "settle"])


def identity(user):
    account = pwd.getpwnam(user)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [account.pw_gid]}


ENVIRONMENT = {
    "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin", "TERM": "dumb",
    "NETNSD_SOCKET": str(SOCKET)}


def start(arguments, user=None, **options):
    """A program with the socket in its environment, as `user` or root."""
    return subprocess.Popen(
        [str(argument) for argument in arguments], env=ENVIRONMENT, cwd="/", text=True,
        **(identity(user) if user else {}), **options)


def run(arguments, user=None, allow_failure=False, text_in=None):
    """What a program prints; one that fails ends the benchmark with its words."""
    process = start(arguments, user, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    stdin=subprocess.PIPE if text_in is not None else subprocess.DEVNULL)
    out, errors = process.communicate(text_in)
    if process.returncode != 0 and not allow_failure:
        raise SystemExit(f"{' '.join(map(str, arguments))[:200]}: {errors or out[:1000]}")
    return out


def seconds(text):
    """Lines of nanoseconds."""
    return [int(line) / 1e9 for line in text.split()]


def load(requests, count, clients=1, depth=1, first=0, user="alice"):
    """What the load generator found (load.c)."""
    return json.loads(run([BIN / "load", SOCKET, clients, depth, first, count, *requests], user))
