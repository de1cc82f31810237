# What an account leaves that is removed: set aside for root, who deletes it or gives it away; and accounts that get
# another's name or uid.

import contextlib
import json
import subprocess

import pytest

from people import Person
from test_programs import start
from world import *

FORMER = "netnsd-former"


@contextlib.contextmanager
def account(name, uid):
    """An account that exists meanwhile, and a process of it."""
    run("useradd", "--no-create-home", "--uid", str(uid), name)
    person = None
    try:
        person = Person(name)
        yield person
    finally:
        if person:
            person.end()
        run("userdel", name, ok=None)


@pytest.fixture
def left(fresh_agent):
    """An agent with a namespace, a link in it, of an account that is gone."""
    agent = fresh_agent()
    with account(FORMER, 4321) as person:
        client = agent.connect(person)
        client.call("netns.add", name="server")
        client.call("link.add", netns="server", kind="bridge", ifname="br")
        agent.close(client)
    return agent


def netnsctl(agent, *words):
    done = subprocess.run(
        [BINARIES / "netnsctl", *words], env={"PATH": "/usr/bin:/bin", "NETNSD_SOCKET": agent.socket},
        capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout + done.stderr


def test_hostile_15_root_finds_and_inspects_and_deletes_what_is_set_aside(left):
    root = left.connect("root")
    left.connect(ALICE).call("netns.add", name="server")
    listed = root.call("netns.list", allUsers=True)
    assert {n["name"]: n.get("setAside") for n in listed} == {f"{FORMER}:server": True, pin("server"): None}
    found = root.call("netns.list", allUsers=True, setAside=True)
    assert [(n["name"], n["uid"], n["user"]) for n in found] == [(f"{FORMER}:server", 4321, FORMER)]
    for name in (f"{FORMER}:server", "4321:server"):
        assert [link["ifname"] for link in root.call("link.list", netns=[name])] == ["lo", "br"]
    quota = {user["uid"]: user for user in root.call("quota.list")}[4321]
    assert [(e["used"], e["limit"], e["rule"]) for e in quota["resources"] if e["resource"] == "links"] == [
        (1, 0, "no account, and no rule")]
    assert netnsctl(left, "list", "--set-aside", "-q") == (0, f"{FORMER}:server\n")
    assert "set aside" in netnsctl(left, "list", "--all-users")[1]
    assert netnsctl(left, "delete", f"{FORMER}:server") == (0, "")
    # It is gone when the kernel says so.
    eventually(lambda: netnsctl(left, "list", "--set-aside") == (0, ""))
    for name in (ALICE, BOB):
        client = left.connect(name)
        assert client.refused("netns.list", allUsers=True, setAside=True).reason == "permission-denied"
        assert client.refused("quota.list").reason == "permission-denied"
    assert root.refused("netns.list", setAside=True).reason == "invalid-params"


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_hostile_15_another_account_of_the_same_name(left, restart):
    """It gets nothing of the first one's, and is not kept from using its own names."""
    with account(FORMER, 4322) as person:
        client = left.connect(person)
        assert client.call("netns.list") == []
        assert client.refused("netns.get", name="server").reason == "not-found"
        assert client.refused("netns.get", name=f"{FORMER}:server").reason == "not-found"
        assert client.call("netns.add", name="server")["name"] == "server"
        client.call("netns.add", name="other")
        assert pins() == [f"{FORMER}:other", f"{FORMER}:server", f"{FORMER}@4322:server"]
        if restart:
            left.kill()
            (left.state / "1000001.json").unlink()  # the pin says whose it is
            left.start()
            client = left.connect(person)
        assert {n["name"] for n in client.call("netns.list")} == {"server", "other"}
        assert [l["ifname"] for l in client.call("link.list", netns=["server"])] == ["lo"]
        assert [l["ifname"] for l in client.call("link.list", netns=[f"{FORMER}:server"])] == ["lo"]
        root = left.connect("root")
        listed = {n["name"]: (n["uid"], n.get("setAside")) for n in root.call("netns.list", allUsers=True)}
        assert listed == {
            f"{FORMER}:server": (4321, True), f"{FORMER}@4322:server": (4322, None), f"{FORMER}:other": (4322, None)}
        assert [l["ifname"] for l in root.call("link.list", netns=[f"{FORMER}:server"])] == ["lo", "br"]
        assert [l["ifname"] for l in root.call("link.list", netns=["4322:server"])] == ["lo"]
        root.call("netns.delete", name=f"{FORMER}:server")
        assert {n["name"] for n in client.call("netns.list")} == {"server", "other"}
        client.call("netns.delete", name="server")
        client.call("netns.delete", name="other")
        eventually(lambda: pins() == [])
        # The name is as any other again.
        assert root.call("netns.add", name=f"{FORMER}:third")["uid"] == 4322
        client.call("netns.add", name="server")
        assert pins() == [f"{FORMER}:server", f"{FORMER}:third"]
        left.take_down()


def test_a_uid_that_may_be_two_owners_is_asked_about(left):
    with account("netnsd-latter", 4321) as person:
        left.connect(person).call("netns.add", name="server")
        root = left.connect("root")
        refusal = root.refused("netns.delete", name="4321:server")
        assert refusal.reason == "invalid-params"
        assert f"{FORMER}:server and netnsd-latter:server" in refusal.message
        left.take_down()


@pytest.mark.parametrize("by", ["name", "uid"])
def test_it_is_handed_over_with_all_that_is_in_it(left, by):
    root, alice = left.connect("root"), left.connect(ALICE)
    alice.call("event.subscribe", subjects=["netns"])
    root.call("dns.set", netns=f"{FORMER}:server", servers=["10.0.0.53"])
    user = ALICE if by == "name" else str(left.people[ALICE].uid)
    given = root.call("netns.chown", name=f"{FORMER}:server", user=user)
    assert (given["name"], given["user"]) == (pin("server"), ALICE)
    alice.notification(lambda m: m["params"]["action"] == "added" and m["params"]["netns"] == "server")
    assert pins() == [pin("server")]
    assert [l["ifname"] for l in alice.call("link.list", netns=["server"])] == ["lo", "br"]
    assert alice.call("dns.get", netns="server")["servers"] == ["10.0.0.53"]
    assert left.used(ALICE)["namespaces"] == 1 and left.used(ALICE)["links"] == 1
    assert root.call("netns.list", allUsers=True, setAside=True) == []
    left.kill()
    left.start()
    alice = left.connect(ALICE)
    assert [l["ifname"] for l in alice.call("link.list", netns=["server"])] == ["lo", "br"]
    alice.call("netns.delete", name="server")


def test_what_cannot_be_handed_over_stays_as_it_is(fresh_agent):
    agent = fresh_agent(policy=POLICY + "  delegate: true\n")
    root, alice, bob = (agent.connect(name) for name in ("root", ALICE, BOB))
    for name in ("busy", "theirs", "mine", "there"):
        alice.call("netns.add", name=name)
    bob.call("netns.add", name="theirs")
    bob.call("netns.add", name="own")
    start(alice, ["sleep", "600"], netns="busy")
    (PINS / pin("there", BOB)).write_text("root's")
    before = agent.used(ALICE), agent.used(BOB), pins(), sorted(
        path.read_text() for path in agent.state.glob("*.json"))
    try:
        for client in (alice, bob):
            assert client.refused("netns.chown", name="mine", user=BOB).reason == "permission-denied"
        for name, reason in (("busy", "busy"), ("theirs", "already-exists"), ("there", "already-exists"),
                             ("none", "not-found")):
            assert root.refused("netns.chown", name=pin(name), user=BOB).reason == reason, name
        assert root.refused("netns.chown", name=pin("mine"), user="netnsd-nobody").reason == "not-found"
        assert root.call("netns.chown", name=pin("mine"), user=ALICE)["name"] == pin("mine")
        after = agent.used(ALICE), agent.used(BOB), pins(), sorted(
            path.read_text() for path in agent.state.glob("*.json"))
        assert after == before
        assert (PINS / pin("there", BOB)).read_text() == "root's"
    finally:
        (PINS / pin("there", BOB)).unlink()
    # What was refused can be done once nothing is in the way.
    assert netnsctl(agent, "chown", BOB, pin("there"), pin("none"))[0] == 1
    assert {n["name"] for n in bob.call("netns.list")} == {"theirs", "own", "there"}


def test_hostile_42_a_handover_that_was_not_finished_is(fresh_agent):
    """As a SIGKILL leaves it after each step: written down; bound to the new name too; unbound from the old."""
    agent = fresh_agent()
    id = agent.connect(ALICE).call("netns.add", name="n")["id"]
    path = agent.state / f"{id}.json"
    whole = json.loads(path.read_text())
    owners = {name: {"uid": agent.people[name].uid, "user": name} for name in (ALICE, BOB)}
    old, new = ALICE, BOB
    for step in ("written", "bound", "unbound"):
        agent.kill()
        path.write_text(json.dumps({**whole, "owner": owners[new], "formerPin": pin("n", old)}))
        if step != "written":
            (PINS / pin("n", new)).write_text("")
            run("mount", "--bind", str(PINS / pin("n", old)), str(PINS / pin("n", new)))
        if step == "unbound":
            run("umount", str(PINS / pin("n", old)))
        agent.start()
        assert pins() == [pin("n", new)], step
        assert [n["name"] for n in agent.connect(new).call("netns.list")] == ["n"], step
        assert agent.connect(old).call("netns.list") == [], step
        assert json.loads(path.read_text()) == {**whole, "owner": owners[new]}, step
        old, new = new, old


def test_each_command_takes_anothers_namespace_from_root(fresh_agent):
    agent = fresh_agent()
    alice = agent.connect(ALICE)
    for name in ("a", "b"):
        alice.call("netns.add", name=name)
    a, b = pin("a"), pin("b")
    for words in (
        f"connect {a}/v {b}/w --address 10.0.0.1/24 --peer-address 10.0.0.2/24", f"link add {a}/br --kind bridge",
        f"link set {a}/br up", f"link list {a}", f"addr add {a}/br 10.1.0.1/24", f"addr list {a}/br",
        f"addr delete {a}/br 10.1.0.1/24", f"addr flush {a}/br", f"route add {a} 10.9.0.0/16 via 10.0.0.2",
        f"route list {a}", f"route get {a} 10.9.0.1", f"route delete {a} 10.9.0.0/16", f"rule add {a} from 10.0.0.0/8 table 7",
        f"rule list {a}", f"rule delete {a} from 10.0.0.0/8 table 7", f"neigh add {a}/v 10.0.0.9 lladdr 02:00:00:00:00:01",
        f"neigh list {a}", f"neigh delete {a}/v 10.0.0.9", f"neigh flush {a}/v", f"sysctl {a} net.ipv4.ip_forward=1",
        f"sysctl {a} net.ipv4.ip_forward", f"dns {a} --server 10.0.0.53", f"dns {a}", f"get {a}", f"show {a}",
        f"graph {a} {b}", f"ps {a}", f"exec {a} -- true", f"quota {ALICE}", "quota --all-users", f"log --user {ALICE}",
        f"link delete {a}/br", f"delete {a} {b}",
    ):
        status, said = netnsctl(agent, *words.split())
        assert status == 0, f"{words}: {said}"
    eventually(lambda: alice.call("netns.list") == [])


def test_root_completes_users_and_everybodys_namespaces(fresh_agent):
    agent = fresh_agent()
    for name in (ALICE, BOB):
        agent.connect(name).call("netns.add", name="n")

    def completed(*words):
        return netnsctl(agent, "--complete", "bash", "netnsctl", *words)[1].split()

    for words in (["quota"], ["log", "--user"], ["chown"]):
        assert completed(*words, "") == [ALICE, BOB], words
    assert completed("chown", BOB, "") == [pin("n"), pin("n", BOB)]
    assert completed("chown", BOB, pin("n"), "") == [pin("n", BOB)]
    assert completed("delete", f"{BOB}:") == [pin("n", BOB)]
    assert "--all-users" in completed("quota", "--") and "--set-aside" in completed("list", "--")


def test_quota_of_all_users(fresh_agent):
    agent = fresh_agent()
    for name, count in ((ALICE, 2), (BOB, 1)):
        client = agent.connect(name)
        for number in range(count):
            client.call("netns.add", name=f"n{number}")
    table = netnsctl(agent, "quota", "--all-users")[1].splitlines()
    rows = {row.split()[0]: row.split()[1:] for row in table}
    assert rows["USER"][:2] == ["UID", "NAMESPACES"]
    assert rows[ALICE][:2] == [str(agent.people[ALICE].uid), "2/8"] and rows[BOB][1] == "1/8"
    status, said = netnsctl(agent, "quota", "--all-users", ALICE)
    assert status == 2 and "--all-users excludes a user" in said
    listed = {user["user"]: user["resources"] for user in agent.connect("root").call("quota.list")}
    own = agent.connect(ALICE).call("quota.get")["resources"]
    assert [e for e in listed[ALICE] if e["resource"] != "connections"] == [
        e for e in own if e["resource"] != "connections"]
