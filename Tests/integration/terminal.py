# A user at a terminal: an interactive bash on a pty, with netnsctl in its PATH.

import os
import pathlib
import pwd
import signal
import subprocess
import tempfile

import pexpect
import pytest
import world

PROMPT = "READY> "


def commands():
    """Where netnsctl lies; every user can search it."""
    return world.BINARIES


def environment(agent, **more):
    return {
        "PATH": f"{commands()}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "TERM": "xterm", "LANG": "C.UTF-8",
        "NETNSD_SOCKET": agent.socket, "PS1": PROMPT, "HISTFILE": "/dev/null", **world.SANITIZERS, **more}


def become(name):
    """For a new process: the user's identity, with no capability left."""
    entry = pwd.getpwnam(name)
    groups = os.getgrouplist(name, entry.pw_gid)

    def change():
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and what is ignored is inherited
        os.setgroups(groups)
        os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
        os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)
        os.umask(0o022)

    return change


def netnsctl(agent, *words, user=world.ALICE, **options):
    """Runs it without a terminal, to its end."""
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run(
        [commands() / "netnsctl", *words], env=environment(agent), cwd="/tmp", preexec_fn=become(user), text=True,
        capture_output=True, timeout=60, **options)


def script(agent, text, user=world.ALICE, **options):
    """A non-interactive shell's doing."""
    return subprocess.run(
        ["bash", "-c", text], env=environment(agent), cwd="/tmp", preexec_fn=become(user), text=True,
        capture_output=True, stdin=subprocess.DEVNULL, timeout=300, **options)


def kill(agent):
    agent.process.kill()
    agent.process.wait()


def restart(agent):
    """Starts it anew; clients may be waiting for it."""
    agent.launch()
    agent.wait_until_serving()
    root = agent.connect("root")
    with open("/dev/null") as null:
        root.refused("agent.info", fds=[null.fileno()])  # as Agent.warm_up does
    agent.close(root)


def is_attached(agent):
    """Whether a client of Alice's is connected."""
    return agent.used(world.ALICE)["connections"] == 1


def is_told(client):
    """Whether a client has the agent's answer about a program: it holds a pidfd then."""
    directory = pathlib.Path(f"/proc/{client.pid}/fd")
    try:
        return any("pidfd" in os.readlink(entry) for entry in directory.iterdir())
    except FileNotFoundError:  # one that was closed meanwhile: to be asked again
        return False


def state(pid):
    """proc_pid_stat(5): R, S, T …; None where there is no such process."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def children(pid):
    """Pids of the children."""
    return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Terminal:
    """An interactive bash of the user's; it must be at its prompt, and its terminal as it was, when this is left."""

    def __init__(self, agent, user=world.ALICE, rows=24, columns=80, **more):
        self.child = pexpect.spawn(
            "bash", ["--norc", "--noprofile", "-i"], env=environment(agent, **more), cwd="/tmp",
            preexec_fn=become(user), encoding="utf-8", dimensions=(rows, columns), timeout=15)
        self.child.delaybeforesend = None
        self.wait()
        self.run("set +o history; bind 'set enable-bracketed-paste off'")
        self.before = self.modes()

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        try:
            if not failure:
                assert self.modes() == self.before, "the terminal is not as it was"
        finally:
            self.child.close(force=True)

    @property
    def pid(self):
        return self.child.pid

    def wait(self):
        """Waits for the shell's prompt; what came before it."""
        self.child.expect_exact(PROMPT)
        return self.child.before

    def type(self, text):
        self.child.send(text)

    def see(self, text):
        """Waits until it is on the screen."""
        self.child.expect_exact(text)

    def run(self, line):
        """Runs a command line; its output."""
        self.type(line + "\r")
        output = self.wait()
        return output.split("\n", 1)[1].replace("\r\n", "\n") if "\n" in output else ""

    def code(self):
        return int(self.run("echo $?"))

    def modes(self):
        return self.run("stty -a")

    def client(self):
        """The pid of the netnsctl that the shell has started."""
        def found():
            for pid in children(self.pid):
                if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "netnsctl":
                    return pid
        return world.eventually(found)

    def resize(self, rows, columns):
        self.child.setwinsize(rows, columns)


# Fixtures, for those who import them.

@pytest.fixture
def lab(agent):
    """One namespace of Alice's."""
    assert netnsctl(agent, "add", "lab").returncode == 0
    yield agent


@pytest.fixture
def place():
    """A directory for files of everybody's."""
    with tempfile.TemporaryDirectory(dir="/run") as path:
        os.chmod(path, 0o777)
        yield pathlib.Path(path)


def program(agent):
    """What the agent says of the one program that runs."""
    root = agent.connect("root")
    try:
        found = root.call("program.list", netns=f"{world.ALICE}:lab")
    finally:
        agent.close(root)
    return found[0] if found else None


def only_child(keeper):
    return int(pathlib.Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()[0])
