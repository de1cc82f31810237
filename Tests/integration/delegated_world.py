# The world of the tests of delegated namespaces: a policy that allows them, and a way to run programs in them.

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
        "env": {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "NETNSD_SOCKET": agent.socket, "HOME": "/", **SANITIZERS}, **options}


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
