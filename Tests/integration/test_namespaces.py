# netns.*: making, listing, deleting; names; what an ordinary user and root see.

import os
import re
import socket
import struct
import subprocess

import pytest

from world import *


def test_a_namespace_is_made_shown_and_deleted(agent, alice):
    made = alice.call("netns.add", name="server")
    assert (made["name"], made["state"], made["user"]) == ("server", "live", ALICE)
    assert made["id"] in given_ids()
    assert pins() == [pin("server")]
    # root's `ip netns` shows the same namespace under the same id.
    assert {"name": pin("server"), "id": made["id"]} in ip(None, "netns")
    got = alice.call("netns.get", name="server")
    assert got["inode"] == os.stat(PINS / pin("server")).st_ino and got["pids"] == []
    assert [n["name"] for n in alice.call("netns.list")] == ["server"]
    assert alice.refused("netns.add", name="server").reason == "already-exists"
    alice.call("netns.delete", name="server")
    assert alice.refused("netns.get", name="server").reason == "not-found"
    eventually(lambda: alice.call("netns.list") == [])


def test_lo_is_up_unless_asked_to_be_down(agent, alice):
    alice.call("netns.add", name="up")
    alice.call("netns.add", name="down", loopbackDown=True)
    assert "UP" in ip("up", "link", "show", "lo")[0]["flags"]
    assert "UP" not in ip("down", "link", "show", "lo")[0]["flags"]


def test_ping_is_open_to_all_groups(agent, alice):
    alice.call("netns.add", name="n")
    value = alice.call("sysctl.get", netns="n", keys=["net.ipv4.ping_group_range"])[0]["value"]
    assert value.split() == ["0", "2147483647"]


def test_root_sees_and_names_everybodys(agent, alice, bob, root):
    alice.call("netns.add", name="server")
    bob.call("netns.add", name="server")
    root.call("netns.add", name="mine")
    assert pins() == [pin("mine", "root"), pin("server", ALICE), pin("server", BOB)]
    assert {n["name"] for n in root.call("netns.list", allUsers=True)} == {
        "mine", f"{ALICE}:server", f"{BOB}:server"}
    assert [n["name"] for n in root.call("netns.list")] == ["mine"]
    assert alice.refused("netns.list", allUsers=True).reason == "permission-denied"
    uid = agent.people[ALICE].uid
    root.call("link.add", netns=f"{ALICE}:server", kind="bridge", ifname="br")
    assert root.call("link.list", netns=[f"{uid}:server"], dev="br")[0]["netns"] == f"{ALICE}:server"
    assert alice.call("link.list", netns=["server"], dev="br")[0]["netns"] == "server"
    root.call("netns.delete", name=f"{ALICE}:server")
    assert alice.call("netns.list") == [] or alice.call("netns.list")[0]["state"] == "deleted"
    assert [n["name"] for n in bob.call("netns.list")] == ["server"]


def test_root_may_make_one_for_an_account(agent, alice, root):
    root.call("netns.add", name=f"{ALICE}:gift")
    assert [n["name"] for n in alice.call("netns.list")] == ["gift"]
    assert agent.used(ALICE)["namespaces"] == 1
    assert root.refused("netns.add", name="no-such-account:x").reason == "not-found"


def test_root_without_a_name_acts_on_the_host(agent, root):
    root.call("link.add", kind="bridge", ifname="hostbr")
    try:
        assert ip(None, "link", "show", "hostbr")[0]["ifname"] == "hostbr"
        root.call("addr.add", dev="hostbr", local="192.0.2.1/24")
        assert ip(None, "addr", "show", "hostbr")[0]["addr_info"][0]["local"] == "192.0.2.1"
    finally:
        root.call("link.delete", dev="hostbr")
    assert pins() == []


def test_without_a_name_others_act_in_default(agent, alice):
    alice.call("link.add", kind="bridge", ifname="br")
    assert pins() == [pin("default")]
    assert [l["ifname"] for l in ip("default", "link")] == ["lo", "br"]
    # The client's own place: the host counts as no name.
    with open("/proc/self/ns/net") as here:
        alice.call("link.add", fds=[here.fileno()], netnsFileDescriptor=0, kind="bridge", ifname="br2")
    assert {l["ifname"] for l in ip("default", "link")} == {"lo", "br", "br2"}


def test_default_is_made_once_for_many_who_need_it_at_once(agent):
    clients = [agent.connect(ALICE) for _ in range(16)]
    ids = [c.send("link.add", kind="bridge", ifname=f"br{n}") for n, c in enumerate(clients)]
    for client, id in zip(clients, ids):
        client.result(id)
    assert len(ip("default", "link")) == 17


def test_a_descriptor_of_ones_own_namespace_is_a_place(agent, alice, bob):
    alice.call("netns.add", name="server")
    with open(PINS / pin("server")) as there:
        alice.call("link.add", fds=[there.fileno()], netnsFileDescriptor=0, kind="bridge", ifname="br")
        # To bob it gives nothing.
        refusal = bob.refused("link.add", fds=[there.fileno()], netnsFileDescriptor=0, kind="bridge", ifname="b2")
        assert refusal.reason == "not-found"
    assert [l["ifname"] for l in ip("server", "link")] == ["lo", "br"]


def test_a_busy_namespace_is_deleted_only_when_asked_to_kill(agent, alice):
    alice.call("netns.add", name="server")
    sleeper = subprocess.Popen(["ip", "netns", "exec", pin("server"), "sleep", "600"])
    try:
        eventually(lambda: alice.call("netns.get", name="server")["pids"] == [sleeper.pid])
        refusal = alice.refused("netns.delete", name="server")
        assert (refusal.reason, refusal.data["pids"]) == ("busy", [sleeper.pid])
        assert alice.call("netns.list")[0]["state"] == "live"
        alice.call("netns.delete", name="server", kill=True)
        assert sleeper.wait(10) == -9
    finally:
        sleeper.kill()


def test_hostile_39_delete_and_create_again_at_once_a_hundred_times(agent, alice):
    for _ in range(100):
        alice.call("netns.add", name="again")
        alice.call("netns.delete", name="again")


def test_hostile_39_links_too(agent, alice):
    alice.call("netns.add", name="n")
    for _ in range(100):
        alice.call("link.add", netns="n", kind="veth", ifname="v", peer={"ifname": "w"})
        alice.call("link.delete", netns="n", dev="v")


@pytest.mark.parametrize("name", [
    "", ".", "..", "a/b", "a" * 65, "-x", ".x", "a\nb", "a\x1bb", "a b", "a:", ":a", "a:b:c", "ü", "a" * 256])
def test_hostile_18_names_out_of_the_pattern(agent, alice, name):
    for method, params in [
            ("netns.add", {"name": name}), ("netns.delete", {"name": name}), ("netns.get", {"name": name}),
            ("link.add", {"netns": name, "kind": "bridge", "ifname": "b"})]:
        refusal = alice.refused(method, **params)
        assert refusal.reason == "invalid-params", refusal
        assert refusal.data["place"] in ("params.name", "params.netns")
    assert pins() == []


@pytest.mark.parametrize("name", ["a", "_", "0", "A.b-c_d", "a" * 64])
def test_hostile_18_names_within_the_pattern(agent, alice, name):
    alice.call("netns.add", name=name)
    assert pins() == [pin(name)]


def test_hostile_21_whatever_is_at_the_path_stays(agent, alice, tmp_path):
    target = tmp_path / "target"
    target.write_text("keep")
    (PINS / pin("file")).write_text("keep")
    (PINS / pin("empty")).write_text("")
    (PINS / pin("directory")).mkdir()
    (PINS / pin("link")).symlink_to(target)
    (PINS / pin("dangling")).symlink_to("/nowhere/at/all")
    try:
        for name in ("file", "empty", "directory", "link", "dangling"):
            assert alice.refused("netns.add", name=name).reason == "already-exists"
        assert (PINS / pin("file")).read_text() == "keep" and target.read_text() == "keep"
        assert os.readlink(PINS / pin("dangling")) == "/nowhere/at/all"
        assert (PINS / pin("directory")).is_dir() and (PINS / pin("empty")).exists()
        assert agent.records() == [] and given_ids() == []
        assert agent.used(ALICE)["namespaces"] == 0
    finally:
        (PINS / pin("directory")).rmdir()
        for name in ("file", "empty", "link", "dangling"):
            (PINS / pin(name)).unlink()


def test_hostile_45_a_namespace_taken_away_behind_the_agents_back(agent, alice, root):
    alice.call("netns.add", name="taken")
    run("ip", "netns", "delete", pin("taken"))
    eventually(lambda: alice.call("netns.list") == [])
    assert "behind the agent's back" in agent.log()
    assert agent.used(ALICE)["namespaces"] == 0
    alice.call("netns.add", name="taken")


def test_hostile_45_unmounted_only(agent, alice):
    alice.call("netns.add", name="taken")
    run("umount", str(PINS / pin("taken")))
    eventually(lambda: alice.call("netns.list") == [])
    eventually(lambda: pins() == [], message="the empty file of the pin stays")
    alice.call("netns.add", name="taken")


def test_hostile_45_unmounted_while_something_holds_it(agent, alice):
    alice.call("netns.add", name="taken")
    with open(PINS / pin("taken")):
        run("umount", "--lazy", str(PINS / pin("taken")))
        refusal = alice.refused("link.add", netns="taken", kind="bridge", ifname="br")
        assert refusal.reason == "not-found"
        # It counts as long as it is held, and its name is free at once.
        assert agent.used(ALICE)["namespaces"] == 1
        alice.call("netns.add", name="taken")
        assert agent.used(ALICE)["namespaces"] == 2
    eventually(lambda: agent.used(ALICE)["namespaces"] == 1)


def test_hostile_45_another_namespace_at_the_pins_place_is_not_touched(agent, alice):
    alice.call("netns.add", name="taken")
    path = str(PINS / pin("taken"))
    run("umount", path)
    run("mount", "--bind", "/proc/self/ns/net", path)
    try:
        refusal = alice.refused("link.add", netns="taken", kind="bridge", ifname="gotcha")
        assert refusal.reason == "not-found"
        assert "gotcha" not in [l["ifname"] for l in ip(None, "link")]
    finally:
        run("umount", path)
        if os.path.exists(path):
            os.unlink(path)


def test_hostile_41_a_message_that_is_not_the_kernels(agent, alice):
    """root's processes can send to netlink sockets: each of the agent's is told that alice's namespace has ended."""
    made = alice.call("netns.add", name="n")
    alice.call("event.subscribe")
    body = struct.pack("=B3xHHi", 0, 8, 1, made["id"])  # struct rtgenmsg, NETNSA_NSID
    message = struct.pack("=IHHII", 16 + len(body), 89, 0, 0, 0) + body  # RTM_DELNSID (linux/rtnetlink.h)
    forger = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    forger.bind((0, 0))
    inodes = {re.sub(r"\D", "", link) for link in agent.open_descriptors() if link.startswith("socket:")}
    lines = [line.split() for line in open("/proc/net/netlink").read().splitlines()[1:]]
    ports = [int(words[2]) for words in lines if words[9] in inodes and words[1] == "0"]
    assert len(ports) >= 2, "the watch over namespaces and the one for events"
    for port in ports:
        forger.sendto(message, (port, 0))
    forger.sendto(message, (0, 1 << 27))  # RTNLGRP_NSID
    forger.close()
    # Whatever is true is heard after it.
    other = alice.call("netns.add", name="other")
    alice.call("netns.delete", name="other")
    eventually(lambda: other["id"] not in given_ids())
    alice.notification(lambda m: m["params"]["action"] == "deleted" and m["params"]["netns"] == "other")
    assert [(x["name"], x["state"]) for x in alice.call("netns.list")] == [("n", "live")]
    assert agent.used(ALICE)["namespaces"] == 1
