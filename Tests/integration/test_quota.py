# Quotas: exactly N, whichever way a thing is made, however many ask at once; what is gone comes back, what is pinned
# counts on.

import os
import subprocess
import sys

import pytest

from wire import Refused
from world import *

SMALL = """\
version: 1
defaults:
  namespaces: 8
  links: 8
  addresses: 6
  routes: 6
  connections: 128
  requests-per-second: unlimited
"""


@pytest.fixture(scope="module")
def module_agent(people):
    with Agent(people, policy=SMALL) as agent:
        yield agent


@pytest.fixture
def n(alice):
    alice.call("netns.add", name="n")
    return "n"


def veth(client, near="v", far="w", netns="n", **more):
    return client.call("link.add", netns=netns, kind="veth", ifname=near, peer={"ifname": far}, **more)


def bridges(client, count, netns="n"):
    for number in range(count):
        client.call("link.add", netns=netns, kind="bridge", ifname=f"b{number}")


def assert_full(refusal, resource, limit, used=None):
    assert refusal.reason == "quota-exceeded", refusal
    assert (refusal.data["resource"], refusal.data["limit"]) == (resource, limit)
    assert refusal.data["used"] == (limit if used is None else used)
    assert refusal.data["rule"].startswith("defaults in /run/netnsd-test-")
    assert str(limit) in refusal.message and resource in refusal.message


def test_hostile_32_the_ninth_namespace_is_refused_with_the_reason(agent, alice, bob):
    for number in range(8):
        alice.call("netns.add", name=f"n{number}")
    assert_full(alice.refused("netns.add", name="n8"), "namespaces", 8)
    assert len(pins()) == 8
    # The limit is each user's.
    bob.call("netns.add", name="n8")
    # Allowed again once one is truly gone.
    alice.call("netns.delete", name="n0")
    alice.call("netns.add", name="n8")
    assert_full(alice.refused("netns.add", name="n9"), "namespaces", 8)
    # `default`, made on first need, is one like others.
    assert_full(alice.refused("link.add", kind="bridge", ifname="b"), "namespaces", 8)


def pinned_by_a_process():
    sleeper = subprocess.Popen(
        ["ip", "netns", "exec", pin("n0"), "sh", "-c", "echo in; exec sleep 600"], stdout=subprocess.PIPE)
    sleeper.stdout.readline()

    def release():
        sleeper.kill()
        sleeper.wait()
        sleeper.stdout.close()

    return release


def pinned_by_a_descriptor():
    descriptor = os.open(PINS / pin("n0"), os.O_RDONLY)
    return lambda: os.close(descriptor)


def pinned_by_a_socket():
    """A process that went in, made a socket and came out again holds nothing but the socket."""
    script = f"""
import ctypes, os, socket, sys
setns = ctypes.CDLL(None).setns
home, there = os.open('/proc/self/ns/net', os.O_RDONLY), os.open('{PINS / pin('n0')}', os.O_RDONLY)
assert setns(there, 0) == 0
held = socket.socket()
assert setns(home, 0) == 0
os.close(there)
print('in', flush=True)
sys.stdin.read()
"""
    holder = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"in\n"

    def release():
        holder.stdin.close()
        holder.wait()
        holder.stdout.close()

    return release


def pinned_by_a_mount():
    path = "/run/other-pin"
    open(path, "w").close()
    run("mount", "--bind", str(PINS / pin("n0")), path)

    def release():
        run("umount", path)
        os.unlink(path)

    return release


@pytest.mark.parametrize("hold", [
    pinned_by_a_process, pinned_by_a_descriptor, pinned_by_a_socket, pinned_by_a_mount], ids=lambda f: f.__name__)
def test_hostile_34_a_deleted_namespace_counts_while_something_pins_it(agent, alice, root, hold):
    for number in range(8):
        alice.call("netns.add", name=f"n{number}")
    release = hold()
    try:
        if hold is pinned_by_a_process:
            # The agent would not delete it; root can, behind its back.
            run("ip", "netns", "delete", pin("n0"))
            eventually(lambda: alice.refused("link.add", netns="n0", kind="bridge", ifname="b").reason == "not-found")
        else:
            alice.call("netns.delete", name="n0")
        assert pins() == [pin(f"n{number}") for number in range(1, 8)]
        assert_full(alice.refused("netns.add", name="n8"), "namespaces", 8)
        assert [x["name"] for x in alice.call("netns.list") if x["state"] == "deleted"] == ["n0"]
        assert agent.used(ALICE)["namespaces"] == 8
    finally:
        release()
    eventually(lambda: agent.used(ALICE)["namespaces"] == 7)
    alice.call("netns.add", name="n8")


def test_hostile_34_pinned_links_count_on_too(agent, alice, n):
    bridges(alice, 8)
    with open(PINS / pin("n")):
        alice.call("netns.delete", name="n")
        alice.call("netns.add", name="m")
        assert_full(alice.refused("link.add", netns="m", kind="bridge", ifname="b"), "links", 8)
    eventually(lambda: agent.used(ALICE)["links"] == 0)
    alice.call("link.add", netns="m", kind="bridge", ifname="b")


# Exactly N, through each way

def test_hostile_32_links_exactly(agent, alice, n):
    bridges(alice, 7)
    # A pair counts two: there is room for one.
    assert_full(alice.refused("link.add", netns=n, kind="veth", ifname="v"), "links", 8, used=7)
    assert_full(
        alice.refused("link.add", netns=n, kind="veth", ifname="v", peer={"ifname": "w"}), "links", 8, used=7)
    assert len(ip(n, "link")) == 8
    alice.call("link.add", netns=n, kind="bridge", ifname="b7")
    assert_full(alice.refused("link.add", netns=n, kind="bridge", ifname="b8"), "links", 8)
    alice.call("link.delete", netns=n, dev="b7")
    alice.call("link.delete", netns=n, dev="b6")
    veth(alice)
    assert_full(alice.refused("link.add", netns=n, kind="macvlan", ifname="m", link="v"), "links", 8)
    assert agent.used(ALICE)["links"] == 8


def test_hostile_32_links_across_namespaces(agent, alice, n):
    alice.call("netns.add", name="m")
    bridges(alice, 4)
    bridges(alice, 3, netns="m")
    assert_full(alice.refused(
        "link.add", netns=n, kind="veth", ifname="v", peer={"netns": "m", "ifname": "w"}), "links", 8, used=7)
    assert len(ip("m", "link")) == 4 and len(ip(n, "link")) == 5


def test_moving_links_between_own_namespaces_changes_nothing(agent, alice, n):
    alice.call("netns.add", name="m")
    bridges(alice, 6)
    veth(alice)
    assert agent.used(ALICE)["links"] == 8
    for _ in range(3):
        alice.call("link.set", netns=n, dev="v", moveTo="m")
        alice.call("link.set", netns="m", dev="v", moveTo=n)
    alice.call("link.set", netns=n, dev="v", moveTo="m")
    assert agent.used(ALICE)["links"] == 8
    assert_full(alice.refused("link.add", netns="m", kind="bridge", ifname="b8"), "links", 8)
    # The namespace it came from ends: what moved out of it counts on.
    alice.call("netns.delete", name=n)
    eventually(lambda: agent.used(ALICE)["links"] == 0)  # the pair ends with its one end
    veth(alice, netns="m")
    alice.call("netns.add", name=n)
    alice.call("link.set", netns="m", dev="v", moveTo=n)
    bridges(alice, 6, netns="m")
    assert_full(alice.refused("link.add", netns=n, kind="bridge", ifname="b8"), "links", 8)


def test_hostile_32_addresses_exactly_through_every_way(agent, alice, n):
    alice.call("link.add", netns=n, kind="veth", ifname="v", addresses=["10.0.0.1/24", "10.0.0.2/24"],
               peer={"ifname": "w", "addresses": ["10.0.0.3/24"]})
    alice.call("addr.add", netns=n, dev="v", local="10.0.0.4/24")
    alice.call("addr.replace", netns=n, dev="v", local="2001:db8::1/64")
    assert agent.used(ALICE)["addresses"] == 5
    # Replacing what is there makes nothing new.
    for _ in range(4):
        alice.call("addr.replace", netns=n, dev="v", local="2001:db8::1/64")
    alice.call("addr.add", netns=n, dev="v", local="10.0.0.6/24")
    assert agent.used(ALICE)["addresses"] == 6
    assert_full(alice.refused("addr.add", netns=n, dev="v", local="10.0.0.7/24"), "addresses", 6)
    assert_full(alice.refused("addr.replace", netns=n, dev="v", local="10.0.0.7/24"), "addresses", 6)
    for where in ({"addresses": ["10.0.0.8/24"]}, {"peer": {"addresses": ["10.0.0.8/24"]}}):
        assert_full(alice.refused("link.add", netns=n, kind="veth", ifname="x", **where), "addresses", 6)
    assert len(ip(n, "link")) == 3
    # The kernel's own, link-local and lo's, are not people's.
    alice.call("link.set", netns=n, dev="v", up=True)
    alice.call("link.set", netns=n, dev="w", up=True)
    eventually(lambda: any(a["scope"] == "link" for a in ip(n, "addr", "show", "v")[0]["addr_info"]))
    assert agent.used(ALICE)["addresses"] == 6
    alice.call("addr.delete", netns=n, dev="v", local="10.0.0.6/24")
    alice.call("addr.add", netns=n, dev="v", local="10.0.0.7/24")


def test_hostile_32_routes_rules_and_neighbours_exactly(agent, alice, n):
    alice.call("link.add", netns=n, kind="veth", ifname="v", up=True, addresses=["10.0.0.1/24"],
               peer={"ifname": "w", "up": True})
    assert agent.used(ALICE)["routes"] == 0, "the kernel's own are not people's"
    alice.call("route.add", netns=n, dst="10.1.0.0/16", gateway="10.0.0.2")
    alice.call("route.replace", netns=n, dst="10.2.0.0/16", gateway="10.0.0.2")
    alice.call("rule.add", netns=n, priority=10, src="10.1.0.0/16", table=10)
    alice.call("neigh.add", netns=n, dst="10.0.0.9", dev="v", lladdr="02:00:00:00:00:09")
    alice.call("neigh.replace", netns=n, dst="10.0.0.8", dev="v", lladdr="02:00:00:00:00:08")
    assert agent.used(ALICE)["routes"] == 5
    for _ in range(4):
        alice.call("route.replace", netns=n, dst="10.2.0.0/16", gateway="10.0.0.3")
        alice.call("neigh.replace", netns=n, dst="10.0.0.8", dev="v", lladdr="02:00:00:00:00:07")
    alice.call("neigh.add", netns=n, dst="10.0.0.7", dev="v", proxy=True)
    assert agent.used(ALICE)["routes"] == 6
    for method, params in [
            ("route.add", {"dst": "10.3.0.0/16", "gateway": "10.0.0.2"}),
            ("route.add", {"dst": "10.3.0.0/16", "gateway": "10.0.0.2", "table": 77}),
            ("route.replace", {"dst": "10.3.0.0/16", "gateway": "10.0.0.2"}),
            ("rule.add", {"priority": 11, "src": "10.3.0.0/16", "table": 10}),
            ("rule.add", {"priority": 11, "family": "inet6", "table": 10}),
            ("neigh.add", {"dst": "10.0.0.6", "dev": "v", "lladdr": "02:00:00:00:00:06"}),
            ("neigh.replace", {"dst": "10.0.0.6", "dev": "v", "lladdr": "02:00:00:00:00:06"}),
            ("neigh.add", {"dst": "10.0.0.6", "dev": "v", "proxy": True})]:
        assert_full(alice.refused(method, netns=n, **params), "routes", 6)
    # What the kernel clears away by itself is not counted.
    alice.call("neigh.add", netns=n, dst="10.0.0.6", dev="v", lladdr="02:00:00:00:00:06", state="STALE")
    assert alice.call("rule.flush", netns=n, priority=10) == {"removed": 1}
    alice.call("route.add", netns=n, dst="10.3.0.0/16", gateway="10.0.0.2")


def test_a_route_of_many_ways_counts_as_the_kernel_counts_it(agent, alice, n):
    """An IPv6 multipath route is several in the kernel; none of them is free."""
    alice.call("link.add", netns=n, kind="veth", ifname="v", up=True, peer={"ifname": "w", "up": True})
    alice.call("addr.add", netns=n, dev="v", local="2001:db8::1/64", nodad=True)
    ways = [{"gateway": f"2001:db8::{number}", "dev": "v"} for number in range(2, 7)]
    alice.call("route.add", netns=n, dst="2001:db8:1::/48", nexthops=ways)
    assert 1 <= agent.used(ALICE)["routes"] <= 6


# Many at once

def race(agent, requests):
    """All requests at once, each on a connection of its own; what came of each."""
    clients = [agent.connect(ALICE) for _ in requests]
    ids = [client.send(method, **params) for client, (method, params) in zip(clients, requests)]
    found = outcomes_of(clients, ids)
    agent.close(*clients)
    return found


def outcomes_of(clients, ids):
    """`won`, or the reason of the refusal, of a request on each connection."""
    outcomes = []
    for client, id in zip(clients, ids):
        try:
            client.result(id)
            outcomes.append("won")
        except Refused as refusal:
            outcomes.append(refusal.reason)
    return outcomes


def one_won(outcomes):
    assert outcomes.count("won") == 1 and outcomes.count("quota-exceeded") == 63, outcomes


def test_hostile_33_namespaces(agent, alice):
    for number in range(7):
        alice.call("netns.add", name=f"n{number}")
    one_won(race(agent, [("netns.add", {"name": f"m{number}"}) for number in range(64)]))
    assert len(pins()) == 8


def test_hostile_33_links(agent, alice, n):
    bridges(alice, 7)
    one_won(race(agent, [("link.add", {"netns": n, "kind": "bridge", "ifname": f"x{number}"}) for number in range(64)]))
    assert len(ip(n, "link")) == 9


def test_hostile_33_pairs(agent, alice, n):
    bridges(alice, 5)
    one_won(race(agent, [
        ("link.add", {"netns": n, "kind": "veth", "ifname": f"x{number}", "peer": {"ifname": f"y{number}"}})
        for number in range(64)]))
    assert len(ip(n, "link")) == 8


def test_hostile_33_addresses(agent, alice, n):
    veth(alice, addresses=[f"10.0.0.{number}/24" for number in range(1, 6)])
    one_won(race(agent, [
        (("addr.add", "addr.replace")[number % 2], {"netns": n, "dev": "v", "local": f"10.0.1.{number + 1}/24"})
        for number in range(64)]))
    assert agent.used(ALICE)["addresses"] == 6


def test_hostile_33_routes(agent, alice, n):
    alice.call("link.add", netns=n, kind="veth", ifname="v", up=True, addresses=["10.0.0.1/24"],
               peer={"ifname": "w", "up": True})
    for number in range(5):
        alice.call("route.add", netns=n, dst=f"10.1.{number}.0/24", gateway="10.0.0.2")
    one_won(race(agent, [
        [("route.add", {"netns": n, "dst": f"10.2.{number}.0/24", "gateway": "10.0.0.2"}),
         ("rule.add", {"netns": n, "priority": 1000 + number, "table": 10}),
         ("neigh.add", {"netns": n, "dev": "v", "dst": f"10.0.0.{number + 10}", "lladdr": "02:00:00:00:00:10"}),
         ][number % 3] for number in range(64)]))
    assert agent.used(ALICE)["routes"] == 6


def test_hostile_33_many_who_win_are_as_many_as_fit(agent, alice, n):
    outcomes = race(agent, [
        ("link.add", {"netns": n, "kind": "bridge", "ifname": f"x{number}"}) for number in range(64)])
    assert outcomes.count("won") == 8 and len(ip(n, "link")) == 9


# What goes by itself comes back

def test_hostile_35_a_link_that_goes_with_its_peer(agent, alice, n):
    alice.call("netns.add", name="m")
    bridges(alice, 6)
    alice.call("link.add", netns=n, kind="veth", ifname="v", peer={"netns": "m", "ifname": "w"})
    assert_full(alice.refused("link.add", netns=n, kind="bridge", ifname="b9"), "links", 8)
    alice.call("link.delete", netns="m", dev="w")
    veth(alice)
    assert agent.used(ALICE)["links"] == 8


def test_hostile_35_a_link_that_goes_with_its_namespace(agent, alice, n):
    alice.call("netns.add", name="m")
    bridges(alice, 6)
    alice.call("link.add", netns=n, kind="veth", ifname="v", peer={"netns": "m", "ifname": "w"})
    alice.call("netns.delete", name="m")
    eventually(lambda: agent.used(ALICE)["links"] == 6)
    veth(alice)


def test_hostile_35_a_link_that_root_takes_with_ip(agent, alice, n):
    bridges(alice, 8)
    run("ip", "-n", pin(n), "link", "delete", "b0")
    alice.call("link.add", netns=n, kind="bridge", ifname="b0")
    run("ip", "-n", pin(n), "link", "delete", "b0")
    assert agent.used(ALICE)["links"] == 7
    # Addresses and routes that go with a link.
    alice.call("addr.add", netns=n, dev="b1", local="10.0.0.1/24")
    alice.call("link.delete", netns=n, dev="b1")
    assert agent.used(ALICE)["addresses"] == 0


def test_hostile_36_the_kernels_own_limit(agent, alice):
    path = "/proc/sys/user/max_net_namespaces"
    before = open(path).read()
    limit = 1
    if not run("sh", "-c", f"echo {before} > {path}", ok=None):
        pytest.skip(f"{path} cannot be written here, even by root")
    try:
        open(path, "w").write(str(limit))
        refusal = alice.refused("netns.add", name="n")
        assert (refusal.reason, refusal.data["errno"]) == ("kernel", "ENOSPC")
        assert pins() == [] and agent.records() == [] and agent.used(ALICE)["namespaces"] == 0
    finally:
        open(path, "w").write(before)
    alice.call("netns.add", name="n")


def test_quota_get_says_limit_use_and_rule(agent, alice, bob, root):
    alice.call("netns.add", name="n")
    veth(alice)
    entries = {e["resource"]: e for e in alice.call("quota.get")["resources"]}
    assert {k: (e.get("limit"), e.get("used")) for k, e in entries.items()} == {
        "namespaces": (8, 1), "links": (8, 2), "addresses": (6, 0), "routes": (6, 0), "programs": (64, 0),
        "connections": (128, 1), "requests-per-second": (None, None)}
    assert entries["programs"]["rule"] == "the built-in defaults"
    assert entries["links"]["rule"].startswith("defaults in ")
    assert bob.refused("quota.get", user=ALICE).reason == "permission-denied"
    assert root.call("quota.get", user=ALICE)["uid"] == agent.people[ALICE].uid
    assert all("limit" not in e for e in root.call("quota.get")["resources"])
    assert root.refused("quota.get", user="no-such-account").reason == "not-found"


def test_hostile_40_after_ten_thousand_failures_every_thread_is_at_home(agent, alice, n):
    """The look after each test checks threads and descriptors; here is what they might stumble over."""
    faults = [
        ("link.add", {"netns": n, "kind": "veth", "ifname": "lo"}),
        ("link.set", {"netns": n, "dev": "none", "up": True}),
        ("addr.add", {"netns": n, "dev": "none", "local": "10.0.0.1/24"}),
        ("route.add", {"netns": n, "dst": "10.0.0.0/8", "gateway": "10.0.0.1"}),
        ("sysctl.get", {"netns": n, "keys": ["net.ipv4.conf.none.forwarding"]}),
        ("link.delete", {"netns": n, "dev": "none"}),
        ("link.add", {"netns": n, "kind": "bridge", "ifname": "lo"}),
        ("netns.add", {"name": n}), ("neigh.delete", {"netns": n, "dev": "lo", "dst": "10.0.0.1"}),
        ("rule.delete", {"netns": n, "priority": 77, "table": 10})]
    for _ in range(100):
        ids = [alice.send(method, **params) for method, params in faults * 10]
        for id in ids:
            with pytest.raises(Refused):
                alice.result(id)
        # This one the agent has to take back.
        twice = {"addresses": ["10.0.0.1/24", "10.0.0.1/24"]}
        alice.refused("link.add", netns=n, kind="bridge", ifname="b", **twice)
    assert len(ip(n, "link")) == 1
