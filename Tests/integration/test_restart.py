# The agent's end and return: nothing forgotten, nothing orphaned, quota exact, whatever moment it was killed at.

import os
import random
import signal
import threading

import pytest

from test_programs import execute, lives, start
from wire import Closed, Refused
from world import *


def restart(agent, number=signal.SIGKILL):
    agent.stop(number)
    agent.start()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
def test_a_restart_loses_nothing(fresh_agent, number):
    agent = fresh_agent()
    alice = agent.connect(ALICE)
    for name in ("one", "two"):
        alice.call("netns.add", name=name)
    alice.call("link.add", netns="one", kind="veth", ifname="v", up=True, addresses=["10.0.0.1/24"],
               peer={"netns": "two", "ifname": "w", "up": True, "addresses": ["10.0.0.2/24"]})
    alice.call("route.add", netns="one", dst="default", gateway="10.0.0.2")
    before = {method: alice.call(method) for method in ("netns.list", "link.list", "addr.list", "route.list")}
    used = agent.used(ALICE)
    restart(agent, number)
    alice = agent.connect(ALICE)
    for method, result in before.items():
        assert alice.call(method) == result
    assert agent.used(ALICE) == used
    assert execute(alice, ["ping", "-c1", "-W2", "10.0.0.2"], netns="one")[1]["exitCode"] == 0
    assert alice.refused("netns.add", name="one").reason == "already-exists"
    # Ids go on where they were: none is given twice.
    assert alice.call("netns.add", name="three")["id"] > max(n["id"] for n in before["netns.list"])


def test_a_deleted_but_pinned_namespace_counts_after_a_restart(fresh_agent):
    agent = fresh_agent()
    alice = agent.connect(ALICE)
    alice.call("netns.add", name="n")
    with open(PINS / pin("n")):
        alice.call("netns.delete", name="n")
        restart(agent)
        assert agent.used(ALICE)["namespaces"] == 1
        assert agent.connect(ALICE).call("netns.list")[0]["state"] == "deleted"
    eventually(lambda: agent.used(ALICE)["namespaces"] == 0)


def test_what_was_taken_while_no_agent_ran_is_noticed(fresh_agent):
    agent = fresh_agent()
    alice = agent.connect(ALICE)
    for name in ("deleted", "unmounted", "held", "stays"):
        alice.call("netns.add", name=name)
    agent.kill()
    run("ip", "netns", "delete", pin("deleted"))
    run("umount", str(PINS / pin("unmounted")))
    holder = os.open(PINS / pin("held"), os.O_RDONLY)
    run("umount", "--lazy", str(PINS / pin("held")))
    agent.start()
    alice = agent.connect(ALICE)
    eventually(lambda: [(n["name"], n["state"]) for n in alice.call("netns.list")] == [
        ("stays", "live"), ("held", "deleted")])
    assert agent.used(ALICE)["namespaces"] == 2
    for name in ("deleted", "unmounted", "held"):
        alice.call("netns.add", name=name)
    os.close(holder)


KILLS = int(os.environ.get("NETNSD_KILLS", 200))


def test_hostile_42_killed_at_any_moment(fresh_agent):
    """NETNSD_KILLS times: create, delete and wire as fast as can be, SIGKILL, start again, compare."""
    agent = fresh_agent(warm=False)
    dice = random.Random(KILLS)  # the same moments each time, as far as the kernel plays along
    for turn in range(KILLS):
        acknowledged = storm(agent, dice)
        agent.start()
        compare(agent, acknowledged)
        if turn % 10 == 9:
            agent.take_down()


NAMES = [f"s{number}" for number in range(6)]


def storm(agent, dice):
    """Asks until the agent is gone. What was acknowledged, and what was asked and not answered."""
    client = agent.connect(ALICE)
    there = {n["name"] for n in client.call("netns.list") if n["state"] == "live"}
    pairs = {l["netns"] + "/" + l["ifname"] for l in client.call("link.list", kind="veth")}
    threading.Timer(dice.uniform(0, 0.08), agent.process.kill).start()
    open_question = None
    try:
        while True:
            name, other = dice.sample(NAMES, 2)
            if name not in there:
                open_question = ("add", name)
                client.call("netns.add", name=name)
                there.add(name)
            elif dice.random() < 0.4:
                open_question = ("delete", name)
                client.call("netns.delete", name=name)
                there.discard(name)
                # A pair ends with either end.
                gone = {p for p in pairs if p.split("/")[0] == name}
                pairs -= gone | {other_end(p) for p in gone}
            elif other in there:
                near, far = f"{name}/to-{other}", f"{other}/to-{name}"
                open_question = ("wire", near, far)
                try:
                    client.call("link.add", netns=name, kind="veth", ifname=f"to-{other}",
                                peer={"netns": other, "ifname": f"to-{name}"})
                    pairs |= {near, far}
                except Refused as refusal:
                    assert refusal.reason == "already-exists", refusal
            open_question = None
    except (Closed, ConnectionResetError, BrokenPipeError):
        pass
    agent.stop(signal.SIGKILL)
    return there, pairs, open_question


def other_end(place):
    name, link = place.split("/")
    return f"{link[3:]}/to-{name}"


def compare(agent, acknowledged):
    there, pairs, open_question = acknowledged
    client = agent.connect(ALICE)
    now = {n["name"] for n in client.call("netns.list") if n["state"] == "live"}
    unsure = {open_question[1]} if open_question and open_question[0] in ("add", "delete") else set()
    assert there - unsure <= now <= there | unsure, (there, now, open_question)
    assert {name.split(":")[1] for name in pins()} == now, "a pin is orphaned or lost"
    maybe = set(open_question[1:]) if open_question and open_question[0] == "wire" else set()
    if unsure:
        maybe |= {p for p in pairs if unsure & {p.split("/")[0], other_end(p).split("/")[0]}}
    def wired():
        return {l["netns"] + "/" + l["ifname"] for l in client.call("link.list", kind="veth")}

    # A namespace that is going takes its pairs with it when the kernel comes to it.
    eventually(lambda: wired() <= pairs | maybe, message="a pair is orphaned")
    eventually(lambda: all(other_end(near) in wired() for near in wired()), message="half a pair")
    links = wired()
    assert pairs - maybe <= links, (pairs, links, open_question)
    # Quota is what the kernel has, and records are what is pinned.
    eventually(lambda: agent.used(ALICE)["namespaces"] == len(now))
    assert agent.used(ALICE)["links"] == len(links)
    eventually(lambda: len(agent.records()) == len(now))
    eventually(lambda: len(given_ids()) == len(now))
    agent.close(client)


# Records

def flip_bits(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x80
    path.write_bytes(data)


DAMAGE = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:20]),
    "empty": lambda path: path.write_bytes(b""),
    "bit-flipped": flip_bits,
    "newer": lambda path: path.write_text(json.dumps({**json.loads(path.read_text()), "version": 2})),
    "unknown-key": lambda path: path.write_text(json.dumps({**json.loads(path.read_text()), "colour": "red"})),
    "another-id": lambda path: path.write_text(json.dumps({**json.loads(path.read_text()), "id": 1_999_999})),
    "garbage": lambda path: path.write_bytes(os.urandom(200)),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_hostile_43_a_damaged_record_is_set_aside_and_rebuilt(fresh_agent, damage):
    agent = fresh_agent()
    alice = agent.connect(ALICE)
    for name in ("damaged", "sound"):
        alice.call("netns.add", name=name)
    alice.call("link.add", netns="damaged", kind="bridge", ifname="br")
    before = alice.call("netns.list")
    record = agent.state / f"{[n['id'] for n in before if n['name'] == 'damaged'][0]}.json"
    agent.kill()
    DAMAGE[damage](record)
    agent.start()
    alice = agent.connect(ALICE)
    assert alice.call("netns.list") == before
    assert [l["ifname"] for l in alice.call("link.list", netns=["damaged"])] == ["lo", "br"]
    assert agent.used(ALICE)["namespaces"] == 2 and agent.used(ALICE)["links"] == 1
    assert record.exists(), "it is not rebuilt"
    set_aside = record.with_name(record.name + ".bad")
    if damage != "gone":
        assert set_aside.exists() and f"{set_aside}" in agent.log()
        set_aside.unlink()
    alice.call("netns.delete", name="damaged")


def test_hostile_43_half_a_write_is_no_record(fresh_agent):
    agent = fresh_agent()
    alice = agent.connect(ALICE)
    alice.call("netns.add", name="n")
    agent.kill()
    leftover = agent.state / "1000000.json.new"
    leftover.write_text('{"version"')
    agent.start()
    assert [n["name"] for n in agent.connect(ALICE).call("netns.list")] == ["n"]
    assert not leftover.exists()


def test_hostile_43_a_full_state_directory(fresh_agent):
    agent = fresh_agent()
    alice = agent.connect(ALICE)
    alice.call("netns.add", name="before")
    run("mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(agent.state))
    try:
        (agent.state / "filler").write_bytes(b"x" * 4096)
        refusal = alice.refused("netns.add", name="n")
        assert (refusal.reason, refusal.data["errno"]) == ("kernel", "ENOSPC")
        assert pins() == [pin("before")] and agent.used(ALICE)["namespaces"] == 1
        # What needs no record works on.
        alice.call("link.add", netns="before", kind="bridge", ifname="br")
    finally:
        run("umount", str(agent.state))
    alice.call("netns.add", name="n")


def test_hostile_44_two_hundred_namespaces_and_a_running_program(fresh_agent):
    agent = fresh_agent(policy=POLICY + "  namespaces: 300\n  links: 300\n")
    alice = agent.connect(ALICE)
    names = [f"n{number:03}" for number in range(200)]
    for id in [alice.send("netns.add", name=name) for name in names]:
        alice.result(id)
    # A program outlives the agent, not its client: this one is killed by neither.
    client = agent.connect(ALICE)
    pid = start(client, ["sleep", "600"], netns="n000")
    agent.process.kill()
    agent.process.wait()
    agent.launch()
    began = time.monotonic()
    agent.wait_until_serving()
    assert time.monotonic() - began < 10  # in a debug build on a busy machine; it is to be 2 s
    alice = agent.connect(ALICE)
    assert [n["name"] for n in alice.call("netns.list")] == names
    assert lives(pid) and alice.call("netns.get", name="n000")["pids"] == [pid]
    assert agent.used(ALICE)["programs"] == 1 and agent.used(ALICE)["namespaces"] == 200
    assert alice.refused("netns.delete", name="n000").reason == "busy"
    alice.call("netns.delete", name="n000", kill=True)
    eventually(lambda: agent.used(ALICE)["programs"] == 0)
    agent.descriptors = None  # noted for the first process
