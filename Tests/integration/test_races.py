# Quotas under races: rounds of 64 requests at once at the limit, through every way of making a thing. As many win as
# there is room for, never more and never fewer; in the next round there is as much room again.
#
# NETNSD_ROUNDS is how many rounds there are of each, 50 if it is not set.

import os

import pytest


from test_quota import SMALL, outcomes_of, race
from wire import Closed
from world import *

ROUNDS = int(os.environ.get("NETNSD_ROUNDS", 50))


@pytest.fixture(scope="module")
def module_agent(people):
    with Agent(people, policy=SMALL + "  programs: 6\n  delegate: true\n") as agent:
        yield agent


@pytest.fixture
def n(alice):
    alice.call("netns.add", name="n")
    alice.call("link.add", netns="n", kind="veth", ifname="v", up=True, addresses=["10.0.0.1/24"],
               peer={"ifname": "w", "up": True})
    return "n"


def rounds(agent, alice, resource, room, requests, undo):
    """`room`: how much is free, `requests` a request by its number, `undo` what is done for each that won."""
    before = agent.used(ALICE)
    for turn in range(ROUNDS):
        asked = [requests(number) for number in range(64)]
        outcomes = race(agent, asked)
        won = [request for request, outcome in zip(asked, outcomes) if outcome == "won"]
        assert len(won) == room, (turn, outcomes)
        assert set(outcomes) == {"won", "quota-exceeded"}, (turn, set(outcomes))
        assert agent.used(ALICE)[resource] == before[resource] + room, turn
        for method, params in won:
            undo(method, params)
        eventually(lambda: agent.used(ALICE) == before, message=lambda: f"{before} became {agent.used(ALICE)}")


def test_namespaces(agent, alice):
    """By name and delegated."""
    def request(number):
        return "netns.add", {"name": f"r{number}", **({"delegate": True} if number % 4 == 0 else {})}

    rounds(agent, alice, "namespaces", 8, request, lambda _, made: alice.call("netns.delete", name=made["name"]))


def test_default_on_first_need(agent, alice):
    """The eighth is `default`, which whoever names none has made; the others of the round find it."""
    for number in range(7):
        alice.call("netns.add", name=f"n{number}")
    for _ in range(ROUNDS):
        outcomes = race(agent, [
            ("netns.add", {"name": f"r{number}"}) if number % 2 else ("sysctl.set", {"values": {"net.ipv4.ip_forward": "1"}})
            for number in range(64)])
        made = {n["name"] for n in alice.call("netns.list") if n["state"] == "live"} - {f"n{x}" for x in range(7)}
        assert len(made) == 1, made
        assert outcomes.count("won") == (32 if made == {"default"} else 1), outcomes
        assert agent.used(ALICE)["namespaces"] == 8
        alice.call("netns.delete", name=made.pop())
        eventually(lambda: agent.used(ALICE)["namespaces"] == 7)


def test_links(agent, alice, n):
    """Bridges, VLAN-like links on another, and single ends, all at once; two of eight are there already."""
    def request(number):
        kind = {"kind": "macvlan", "link": "v"} if number % 2 else {"kind": "bridge"}
        return "link.add", {"netns": n, "ifname": f"x{number}", **kind}

    rounds(agent, alice, "links", 6, request, lambda _, made: alice.call("link.delete", netns=n, dev=made["ifname"]))


def test_pairs_across_namespaces(agent, alice, n):
    alice.call("netns.add", name="m")
    before = agent.used(ALICE)["links"]
    for turn in range(ROUNDS):
        asked = [("link.add", {"netns": (n, "m")[number % 2], "kind": "veth", "ifname": f"x{number}",
                               "peer": {"netns": ("m", n)[number % 2], "ifname": f"y{number}"}}) for number in range(64)]
        outcomes = race(agent, asked)
        assert outcomes.count("won") == 3 and outcomes.count("quota-exceeded") == 61, (turn, outcomes)
        for (_, made), outcome in zip(asked, outcomes):
            if outcome == "won":
                alice.call("link.delete", netns=made["netns"], dev=made["ifname"])
        eventually(lambda: agent.used(ALICE)["links"] == before)


def test_addresses(agent, alice, n):
    """One of six is there already."""
    rounds(agent, alice, "addresses", 5, lambda number: (
        ("addr.add", "addr.replace")[number % 2], {"netns": n, "dev": "v", "local": f"10.1.{number}.1/24"}),
        lambda _, made: alice.call("addr.delete", netns=n, dev="v", local=made["local"]))


def test_routes_rules_and_neighbours(agent, alice, n):
    def request(number):
        return [
            ("route.add", {"netns": n, "dst": f"10.2.{number}.0/24", "gateway": "10.0.0.2"}),
            ("route.replace", {"netns": n, "dst": f"10.3.{number}.0/24", "gateway": "10.0.0.2"}),
            ("rule.add", {"netns": n, "priority": 1000 + number, "table": 10}),
            ("neigh.add", {"netns": n, "dev": "v", "dst": f"10.0.0.{number + 10}", "lladdr": "02:00:00:00:00:10"}),
            ("neigh.replace", {"netns": n, "dev": "v", "dst": f"10.0.0.{number + 90}", "lladdr": "02:00:00:00:00:10"}),
        ][number % 5]

    def undo(method, made):
        noun = method.split(".")[0]
        keys = {"route": ("netns", "dst"), "rule": ("netns", "priority", "table"), "neigh": ("netns", "dst", "dev")}[noun]
        alice.call(f"{noun}.delete", **{key: made[key] for key in keys})

    rounds(agent, alice, "routes", 6, request, undo)


def test_programs(agent, alice, n):
    for turn in range(ROUNDS):
        clients = [agent.connect(ALICE) for _ in range(64)]
        null, place = os.open("/dev/null", os.O_RDWR), os.open("/", os.O_RDONLY | os.O_DIRECTORY)
        ids = [client.send(
            "netns.exec", fds=[null, null, null, place], netns=n, argv=["sleep", "600"], environment=["PATH=/usr/bin:/bin"],
            stdinFileDescriptor=0, stdoutFileDescriptor=1, stderrFileDescriptor=2, workingDirectoryFileDescriptor=3)
            for client in clients]
        outcomes = outcomes_of(clients, ids)
        assert outcomes.count("won") == 6 and outcomes.count("quota-exceeded") == 58, (turn, outcomes)
        agent.close(*clients)  # whoever waits for a program is gone, and the program goes
        os.close(null)
        os.close(place)
        eventually(lambda: agent.used(ALICE)["programs"] == 0)


def test_connections(fresh_agent):
    """The limit is 16: never more, and what is closed is free again."""
    agent = fresh_agent(policy=POLICY.replace("128", "16"))
    for turn in range(ROUNDS):
        clients = [agent.connect(ALICE) for _ in range(64)]
        served = 0
        for client in clients:
            try:
                client.send("agent.info")
                reply = client.reply()
            except (Closed, OSError):
                continue  # refused, and the reason lost to what was sent after it
            if reply["id"] is None:
                assert reply["error"]["data"]["reason"] == "quota-exceeded", reply
            else:
                served += 1
        assert served == 16, (turn, served)
        agent.close(*clients)
        agent.settle()
