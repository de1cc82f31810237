# What somebody else sees of alice's: nothing, in every method that takes a name; uids that are nobody's, or that
# change hands.

import json
import os

import pytest

from people import Person
from world import *

# Every method that takes a namespace's name, with {0} for it.
NAMING = [
    ("netns.get", {"name": "{0}"}),
    ("netns.delete", {"name": "{0}"}),
    ("netns.delete", {"name": "{0}", "kill": True}),
    ("link.add", {"netns": "{0}", "kind": "bridge", "ifname": "b"}),
    ("link.add", {"netns": "own", "kind": "veth", "ifname": "v", "peer": {"netns": "{0}", "ifname": "w"}}),
    ("link.set", {"netns": "{0}", "dev": "br", "up": True}),
    ("link.set", {"netns": "own", "dev": "mine", "moveTo": "{0}"}),
    ("link.delete", {"netns": "{0}", "dev": "br"}),
    ("link.list", {"netns": ["{0}"]}),
    ("link.list", {"netns": ["own", "{0}"]}),
    ("addr.add", {"netns": "{0}", "dev": "br", "local": "10.0.0.1/24"}),
    ("addr.replace", {"netns": "{0}", "dev": "br", "local": "10.0.0.1/24"}),
    ("addr.delete", {"netns": "{0}", "dev": "br", "local": "10.0.0.1/24"}),
    ("addr.flush", {"netns": "{0}", "dev": "br"}),
    ("addr.list", {"netns": ["{0}"]}),
    ("route.add", {"netns": "{0}", "dst": "default", "dev": "br"}),
    ("route.replace", {"netns": "{0}", "dst": "default", "dev": "br"}),
    ("route.delete", {"netns": "{0}", "dst": "default"}),
    ("route.flush", {"netns": "{0}"}),
    ("route.list", {"netns": ["{0}"]}),
    ("route.get", {"netns": "{0}", "dst": "10.0.0.1"}),
    ("rule.add", {"netns": "{0}", "priority": 5, "table": 10}),
    ("rule.delete", {"netns": "{0}", "priority": 5, "table": 10}),
    ("rule.flush", {"netns": "{0}"}),
    ("rule.list", {"netns": ["{0}"]}),
    ("neigh.add", {"netns": "{0}", "dev": "br", "dst": "10.0.0.1", "lladdr": "02:00:00:00:00:01"}),
    ("neigh.replace", {"netns": "{0}", "dev": "br", "dst": "10.0.0.1", "lladdr": "02:00:00:00:00:01"}),
    ("neigh.delete", {"netns": "{0}", "dev": "br", "dst": "10.0.0.1"}),
    ("neigh.flush", {"netns": "{0}"}),
    ("neigh.list", {"netns": ["{0}"]}),
    ("sysctl.get", {"netns": "{0}", "keys": ["net.ipv4.ip_forward"]}),
    ("sysctl.set", {"netns": "{0}", "values": [{"key": "net.ipv4.ip_forward", "value": "1"}]}),
    ("sysctl.list", {"netns": "{0}", "values": True}),
    ("fdb.list", {"netns": ["{0}"], "br": "br"}),
    ("event.subscribe", {"netns": ["{0}"]}),
    ("netns.exec", {"netns": "{0}", "argv": ["/bin/true"], "environment": [], "stdinFileDescriptor": 0,
                    "stdoutFileDescriptor": 1, "stderrFileDescriptor": 2, "workingDirectoryFileDescriptor": 3}),
]


def filled(value, name):
    if isinstance(value, dict):
        return {key: filled(inner, name) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, name) for inner in value]
    return value.format(name) if isinstance(value, str) else value


def reply_to(client, method, params, name):
    """The bytes of the reply, with the name asked for made anonymous."""
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": filled(params, name)})
    fds = [os.open("/dev/null", os.O_RDWR) for _ in range(3)] + [os.open("/", os.O_RDONLY)] \
        if method == "netns.exec" else []
    try:
        return client.exchange(request.encode(), fds).replace(name.encode(), b"*")
    finally:
        for descriptor in fds:
            os.close(descriptor)


def everything_of_alices():
    return [run("ip", "-n", pin("server"), *words.split()) for words in (
        "link", "addr", "route", "-6 route", "rule", "neigh")]


@pytest.mark.parametrize("method, params", NAMING, ids=lambda value: value if isinstance(value, str) else "")
def test_hostile_16_missing_and_anothers_are_the_same_to_the_byte(agent, alice, bob, method, params):
    alice.call("netns.add", name="server")
    alice.call("link.add", netns="server", kind="bridge", ifname="br")
    bob.call("netns.add", name="own")
    bob.call("link.add", netns="own", kind="bridge", ifname="mine")
    before = everything_of_alices()
    missing = reply_to(bob, method, params, "nobody")
    assert b'"not-found"' in missing, missing
    uid = agent.people[ALICE].uid
    for name in ("server", "serv", "server2", "serve.r", f"{ALICE}:server", f"{uid}:server", "root:server",
                 f"{ALICE}:none", "none:server"):
        assert reply_to(bob, method, params, name) == missing, name
    assert everything_of_alices() == before
    assert [l["ifname"] for l in ip("own", "link", owner=BOB)] == ["lo", "mine"]


def test_hostile_16_lists_and_quota_show_ones_own_alone(agent, alice, bob):
    alice.call("netns.add", name="server")
    for method in ("netns.list", "link.list", "addr.list", "route.list", "rule.list", "neigh.list"):
        assert bob.call(method) == []
    assert {e["resource"]: e.get("used") for e in bob.call("quota.get")["resources"]}["namespaces"] == 0


def test_hostile_16_nor_are_anothers_changes_heard(agent, alice, bob, root):
    for client in (alice, bob, root):
        client.call("event.subscribe")
    alice.call("netns.add", name="server")
    alice.call("link.add", netns="server", kind="bridge", ifname="br")
    bob.call("netns.add", name="last")
    heard = []
    bob.notification(lambda m: heard.append(m["params"]) or m["params"]["subject"] == "netns")
    assert {event["netns"] for event in heard} == {"last"} and heard[-1]["action"] == "added"
    heard = root.notification(lambda m: m["params"]["subject"] == "link")
    assert heard["params"]["netns"] == f"{ALICE}:server"


def test_hostile_17_ones_own_name_in_full_is_ones_own(agent, alice):
    alice.call("netns.add", name="server")
    for name in (f"{ALICE}:server", f"{agent.people[ALICE].uid}:server"):
        assert alice.call("netns.get", name=name)["name"] == "server"
    assert alice.refused("netns.get", name=f"{ALICE.upper()}:server").reason == "not-found"
    assert alice.refused("netns.add", name=f"{BOB}:server").reason == "not-found"
    assert pins() == [pin("server")]


def test_hostile_17_a_veths_far_end_in_anothers_namespace_is_not_named(agent, alice, bob, root):
    """root may wire alice's to bob's; neither learns the other's name of it."""
    alice.call("netns.add", name="a")
    bob.call("netns.add", name="b")
    root.call("link.add", netns=f"{ALICE}:a", kind="veth", ifname="v", peer={"netns": f"{BOB}:b", "ifname": "w"})
    listed = alice.call("link.list", netns=["a"], dev="v")[0]
    assert "peer" not in listed and "b" != listed.get("link")
    assert [l["ifname"] for l in bob.call("link.list", netns=["b"])] == ["lo", "w"]
    assert agent.used(ALICE)["links"] == agent.used(BOB)["links"] == 1


# Accounts

def test_hostile_14_a_uid_without_account_is_denied_unless_policy_names_it(fresh_agent, people):
    nobody = Person("uid 765432", uid=765432, gid=765432, groups=[765432])
    named = Person("uid 765433", uid=765433, gid=765433, groups=[765433])
    try:
        agent = fresh_agent(policy=POLICY + 'users:\n  "765433": {namespaces: 2}\n')
        client = agent.connect(nobody)
        error = json.loads(client.line())["error"]
        assert error["data"]["reason"] == "permission-denied" and "765432" in error["message"]
        assert client.is_at_end()
        client = agent.connect(named)
        for name in ("one", "two"):
            assert client.call("netns.add", name=name)["uid"] == 765433
        assert client.refused("netns.add", name="three").reason == "quota-exceeded"
        assert pins() == ["765433:one", "765433:two"]
        root = agent.connect("root")
        assert root.call("netns.get", name="765433:one")["uid"] == 765433
    finally:
        nobody.end()
        named.end()


def test_hostile_14_the_overflow_uid_is_nobodys(fresh_agent):
    """What the kernel shows for a uid it cannot express; an account may bear the number."""
    uid = int(open("/proc/sys/kernel/overflowuid").read())
    person = Person("overflow", uid=uid, gid=uid, groups=[uid])
    try:
        client = fresh_agent().connect(person)
        assert json.loads(client.line())["error"]["data"]["reason"] == "permission-denied"
    finally:
        person.end()


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_hostile_15_a_removed_account_and_its_uid_given_to_another(fresh_agent, restart):
    uid = 4321
    run("useradd", "--no-create-home", "--uid", str(uid), "netnsd-former")
    former = latter = None
    try:
        agent = fresh_agent(policy=POLICY.replace("requests", "namespaces: 2\n  requests"))
        former = Person("netnsd-former")
        client = agent.connect(former)
        client.call("netns.add", name="secret")
        client.call("link.add", netns="secret", kind="bridge", ifname="br")
        agent.close(client)
        former.end()
        run("userdel", "netnsd-former")
        former = Person("uid 4321", uid=uid, gid=uid, groups=[uid])
        if restart:
            agent.kill()
            agent.start()
        gone = agent.connect(former)
        assert json.loads(gone.line())["error"]["data"]["reason"] == "permission-denied"
        agent.close(gone)
        former.end()
        former = None
        run("useradd", "--no-create-home", "--uid", str(uid), "netnsd-latter")
        latter = Person("netnsd-latter")
        client = agent.connect(latter)
        assert client.call("netns.list") == [] and client.call("link.list") == []
        assert client.refused("netns.get", name="secret").reason == "not-found"
        for entry in client.call("quota.get")["resources"]:
            assert entry.get("used", 0) == (1 if entry["resource"] == "connections" else 0)
        for name in ("secret", "two"):
            client.call("netns.add", name=name)
        assert client.refused("netns.add", name="three").data["used"] == 2
        root = agent.connect("root")
        assert {n["name"] for n in root.call("netns.list", allUsers=True)} == {
            "netnsd-former:secret", "netnsd-latter:secret", "netnsd-latter:two"}
        assert len(root.call("link.list", netns=["netnsd-former:secret"])) == 2
        root.call("netns.delete", name="netnsd-former:secret")
        assert "secret" in [n["name"] for n in client.call("netns.list")]
        agent.take_down()
    finally:
        for person in (former, latter):
            if person:
                person.end()
        for name in ("netnsd-former", "netnsd-latter"):
            run("userdel", name, ok=None)
