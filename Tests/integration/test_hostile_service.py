# Hostile cases beyond the list: delegated namespaces, and the service's files and policy. As in test_hostile.py.

import os
import signal
import subprocess

import pytest

from test_hostile import bobs, module_agent
from wire import Refused
from world import *


# Delegated namespaces, whose owners have every capability in them

@pytest.mark.hostile
def test_links_of_a_users_own_making_count_and_stop_nobody(agent, alice, bob):
    alice.call("netns.add", name="d", delegate=True)
    batch = "".join(f"link add x{number} type veth peer name y{number}\n" for number in range(60))
    subprocess.run(["ip", "-n", pin("d"), "-batch", "-"], input=batch.encode(), check=True)
    assert agent.used(ALICE)["links"] == 120
    refusal = alice.refused("link.add", netns="d", kind="bridge", ifname="b")
    assert refusal.reason == "quota-exceeded" and refusal.data["used"] >= 64
    assert len(alice.call("link.list", netns=["d"])) == 121
    assert bob.call("link.list", netns=["bobs"])


@pytest.mark.hostile
def test_a_flood_of_reports_costs_memory_of_nobody(agent, alice, bob):
    """Thousands of changes in a namespace: one who listens is told, or told that some were missed."""
    alice.call("netns.add", name="d", delegate=True)
    alice.call("link.add", netns="d", kind="veth", ifname="v", peer={"ifname": "w"})
    subscriber = agent.connect(ALICE)
    subscriber.call("event.subscribe")
    before = agent.memory()
    batch = "".join(f"link set v mtu {1000 + number % 500}\n" for number in range(3000))
    flood = subprocess.Popen(["ip", "-n", pin("d"), "-batch", "-"], stdin=subprocess.PIPE)
    flood.stdin.write(batch.encode())
    flood.stdin.close()
    while flood.poll() is None:
        assert bob.call("agent.info")
    assert flood.wait() == 0
    assert agent.memory() - before < 32 << 20
    eventually(lambda: [l["mtu"] for l in alice.call("link.list", netns=["d"]) if l["ifname"] == "v"] == [1499])


@pytest.mark.hostile
def test_names_that_only_a_kernel_would_take(agent, alice):
    """A delegated namespace's owner needs not ask us for a name."""
    alice.call("netns.add", name="d", delegate=True)
    for name in ("x\x1b[2J", "x\x01", "x\u202e", "x\x7f", "-rf"):
        subprocess.run(["ip", "-n", pin("d"), "link", "add", "name", name, "type", "bridge"], check=True)
    raw = alice.exchange(b'{"jsonrpc":"2.0","id":1,"method":"link.list","params":{"netns":["d"]}}')
    assert not any(byte < 32 or byte == 127 for byte in raw)
    assert len(json.loads(raw)["result"]) == 6
    alice.call("netns.delete", name="d")


# The service

@pytest.mark.hostile
def test_what_is_the_agents_is_closed_to_people(agent, alice):
    for path in (agent.state, agent.state / "programs"):
        assert path.stat().st_mode & 0o077 == 0 and path.stat().st_uid == 0
    alice.call("netns.add", name="n")
    for path in agent.state.glob("*.json"):
        assert path.stat().st_mode & 0o077 == 0
    assert os.stat(agent.directory).st_mode & 0o022 == 0


@pytest.mark.hostile
def test_the_policy_read_again_in_the_middle_of_requests(agent, alice, bob):
    """Fifty SIGHUPs under load: every request is answered, and what is counted stays counted."""
    text = agent.policy.read_text()
    try:
        for turn in range(50):
            agent.policy.write_text(text if turn % 2 else text + f"  namespaces: {turn % 5 + 1}\n")
            ids = [alice.send(method, name="n") for method in ("netns.add", "netns.delete") * 5]
            agent.process.send_signal(signal.SIGHUP)
            for id in ids:
                try:
                    alice.result(id)
                except Refused as refusal:
                    assert refusal.reason in ("quota-exceeded", "not-found", "already-exists"), refusal
    finally:
        agent.policy.write_text(text)
        agent.process.send_signal(signal.SIGHUP)
    eventually(lambda: agent.used(ALICE)["namespaces"] == len([n for n in alice.call("netns.list")]))


@pytest.mark.hostile
def test_a_policy_that_takes_away_takes_nothing_that_is_there(agent, alice):
    for name in ("a", "b", "c"):
        alice.call("netns.add", name=name)
    text = agent.policy.read_text()
    try:
        agent.policy.write_text(text + "  namespaces: 1\n")
        agent.process.send_signal(signal.SIGHUP)
        eventually(lambda: alice.refused("netns.add", name="d").reason == "quota-exceeded")
        assert [n["name"] for n in alice.call("netns.list")] == ["a", "b", "c"]
        alice.call("netns.delete", name="a")
        assert alice.refused("netns.add", name="a").reason == "quota-exceeded"
    finally:
        agent.policy.write_text(text)
        agent.process.send_signal(signal.SIGHUP)
    eventually(lambda: alice.call("quota.get")["resources"][0]["limit"] == 8)


@pytest.mark.hostile
@pytest.mark.parametrize("what", ["directory", "missing", "loop", "binary", "bomb"])
def test_a_policy_that_is_no_policy(agent, alice, what):
    text = agent.policy.read_text()
    agent.policy.unlink()
    try:
        if what == "directory":
            agent.policy.mkdir()
        elif what == "loop":
            agent.policy.symlink_to(agent.policy)
        elif what == "binary":
            agent.policy.write_bytes(bytes(range(256)) * 100)
        elif what == "bomb":  # each line is nine of the one before
            lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
            agent.policy.write_text("\n".join(lines))
        said = agent.log().count("the policy is bad")
        agent.process.send_signal(signal.SIGHUP)
        eventually(lambda: agent.log().count("the policy is bad") > said)
        alice.call("netns.add", name="n")
    finally:
        agent.policy.rmdir() if agent.policy.is_dir() else agent.policy.unlink(missing_ok=True)
        agent.policy.write_text(text)
        agent.process.send_signal(signal.SIGHUP)
