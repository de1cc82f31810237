# netnsd --check-state: what is written down, what is pinned and what the kernel has, compared and mended.

import os
import subprocess

import pytest

from test_programs import start
from test_restart import DAMAGE
from world import *


def check(agent, *words):
    """Exit status and what is wrong by its kind and subject."""
    done = subprocess.run(
        [BINARIES / "netnsd", "--check-state", "--json", "--state-directory", agent.state, *words],
        capture_output=True, text=True, timeout=20)
    if done.stderr:
        return done.returncode, done.stderr
    found = json.loads(done.stdout)["disagreements"]
    return done.returncode, sorted((f["kind"], f["subject"].rsplit("/", 1)[-1], f.get("mended")) for f in found)


@pytest.fixture
def stopped(fresh_agent):
    """An agent that made `one`, `two` and `three` for alice, and was killed."""
    agent = fresh_agent()
    alice = agent.connect(ALICE)
    agent.ids = {name: alice.call("netns.add", name=name)["id"] for name in ("one", "two", "three")}
    agent.kill()
    yield agent
    if not agent.is_running:
        agent.start()


def record(agent, name):
    return agent.state / f"{agent.ids[name]}.json"


def rewrite(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_where_all_agrees_nothing_is_said(stopped):
    before = [path.read_bytes() for path in sorted(stopped.state.glob("*.json"))]
    assert check(stopped) == (0, []) == check(stopped, "--repair")
    assert [path.read_bytes() for path in sorted(stopped.state.glob("*.json"))] == before
    stopped.start()
    assert check(stopped) == (0, []), "while an agent runs"


def test_no_state_at_all_agrees_and_is_not_made(fresh_agent, tmp_path):
    agent = fresh_agent()
    agent.stop()
    agent.state = tmp_path / "none"
    assert check(agent) == (0, []) and not agent.state.exists()
    agent.start()


@pytest.mark.parametrize("damage", DAMAGE)
def test_hostile_43_damaged_records(stopped, damage):
    path = record(stopped, "one")
    DAMAGE[damage](path)
    wrong = [("record-gone", pin("one"))]
    if damage != "gone":
        wrong.append(("unreadable-record", path.name))
    assert check(stopped) == (1, [(*w, None) for w in wrong])
    assert check(stopped, "--repair") == (0, [(*w, True) for w in wrong])
    assert check(stopped) == (0, []) and (damage == "gone" or path.with_name(path.name + ".bad").exists())
    stopped.start()
    assert {n["name"] for n in stopped.connect(ALICE).call("netns.list")} == {"one", "two", "three"}
    path.with_name(path.name + ".bad").unlink(missing_ok=True)


def test_hostile_45_pins_taken_away(stopped):
    run("ip", "netns", "delete", pin("one"))
    run("umount", str(PINS / pin("two")))
    with open(PINS / pin("three")):
        run("umount", "--lazy", str(PINS / pin("three")))
        eventually(lambda: len(given_ids()) == 1)
        wrong = [("namespace-gone", pin("one")), ("namespace-gone", pin("two")), ("pin-gone", pin("three"))]
        assert check(stopped) == (1, [(*w, None) for w in wrong])
        assert pins() == [pin("three"), pin("two")], "looking changes nothing"
        assert check(stopped, "--repair") == (0, [(*w, True) for w in wrong])
        assert pins() == [] and check(stopped) == (0, [])
        assert stopped.records() == [record(stopped, "three").name]
        stopped.start()
        assert stopped.used(ALICE)["namespaces"] == 1
        record(stopped, "three").unlink()
        stopped.kill()
        # Nobody knows of it any more: that can only be said.
        assert check(stopped, "--repair") == (1, [("uncounted", f"nsid {stopped.ids['three']}", None)])
    eventually(lambda: check(stopped) == (0, []))


def test_what_an_agent_did_not_finish(stopped):
    rewrite(record(stopped, "one"), state="creating")
    rewrite(record(stopped, "two"), state="deleting")
    rewrite(record(stopped, "three"), boot="another")
    (stopped.state / "1000009.json.new").write_text("{")
    run("ip", "netns", "add", "held")  # root's own is not looked at
    wrong = [
        ("earlier-boot", record(stopped, "three").name), ("record-gone", pin("three")), ("unfinished-add", pin("one")),
        ("unfinished-delete", pin("two")), ("unfinished-write", "1000009.json.new")]
    assert check(stopped) == (1, [(*w, None) for w in wrong])
    status, found = check(stopped, "--repair")
    assert (status, found) == (0, [(*w, True) for w in wrong])
    assert pins() == sorted(["held", pin("three")])
    run("ip", "netns", "delete", "held")
    eventually(lambda: check(stopped, "--repair")[1] == [])


def test_a_record_of_another_namespace_than_the_pin(stopped):
    written = json.loads(record(stopped, "one").read_text())
    rewrite(record(stopped, "one"), identity={**written["identity"], "inode": 1})
    assert check(stopped, "--repair") == (0, [("wrong-identity", pin("one"), True)])
    assert json.loads(record(stopped, "one").read_text()) == written


def test_a_pin_whose_account_nobody_has(stopped):
    run("ip", "netns", "exec", pin("one"), "true")
    path = PINS / "netnsd-nobody-has-this:one"
    path.write_text("")
    run("mount", "--bind", str(PINS / pin("one")), str(path))
    run("umount", str(PINS / pin("one")))
    (PINS / pin("one")).unlink()
    record(stopped, "one").unlink()
    try:
        assert check(stopped, "--repair") == (1, [("owner-unknown", path.name, None)])
        assert path.exists()
    finally:
        run("ip", "netns", "delete", path.name)


def test_records_of_programs_and_files_for_them(fresh_agent):
    agent = fresh_agent()
    alice = agent.connect(ALICE)
    alice.call("netns.add", name="n")
    pid = start(alice, ["sleep", "600"], netns="n")
    programs = agent.state / "programs"
    written = json.loads((programs / f"{pid}.json").read_text())
    (programs / "1.json").write_text(json.dumps({**written, "startTime": written["startTime"] + 1}))
    (programs / "2.json").write_text("{")
    files = agent.state / "files"
    files.mkdir(exist_ok=True)
    (files / "1999999.hosts").write_text("")
    agent.process.kill()  # its client stays, or the program would be hung up
    agent.process.wait()
    wrong = [("leftover-file", "1999999.hosts", True), ("program-gone", "1.json", True), ("program-gone", "2.json", True)]
    assert check(agent, "--repair") == (0, wrong)
    assert [path.name for path in programs.iterdir()] == [f"{pid}.json"] and list(files.iterdir()) == []
    agent.start()
    agent.descriptors = None  # noted for the first process
    agent.connect(ALICE).call("netns.delete", name="n", kill=True)


def test_mending_is_refused_while_an_agent_runs(fresh_agent):
    agent = fresh_agent()
    status, said = check(agent, "--repair")
    assert status == 1 and said.count("\n") == 1
    assert said.startswith(f"netnsd: an agent uses {agent.state}") and "stop it first" in said


def test_as_text(stopped):
    record(stopped, "one").unlink()
    words = [BINARIES / "netnsd", "--check-state", "--state-directory", stopped.state]
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"{pin('one')}: it has no record (to mend it: it is written down as live and {ALICE}'s)\n"
    done = subprocess.run([*words, "--repair"], capture_output=True, text=True)
    assert (done.returncode, done.stdout.count("(mended: ")) == (0, 1)


def test_what_is_not_understood(tmp_path):
    for words in (["--repair"], ["--json"]):
        done = subprocess.run([BINARIES / "netnsd", *words], capture_output=True, text=True)
        assert done.returncode == 2 and "--check-state" in done.stderr


# A state directory that cannot be written to

def over(agent, *options):
    """A tmpfs in place of the state directory, with what was in it."""
    kept = {path.name: path.read_bytes() for path in agent.state.iterdir() if path.is_file()}
    run("mount", "-t", "tmpfs", *options, "tmpfs", str(agent.state))
    (agent.state / "programs").mkdir()
    for name, data in kept.items():
        (agent.state / name).write_bytes(data)


@pytest.mark.parametrize("fault", ["full", "read-only"])
def test_hostile_43_an_agent_starts_on_a_state_directory_it_cannot_write(stopped, fault):
    over(stopped, "-o", "size=32k")
    try:
        record(stopped, "one").write_text("{")
        if fault == "full":
            with open(stopped.state / "filler", "wb", buffering=0) as filler:
                with pytest.raises(OSError):
                    while True:
                        filler.write(b"x" * 4096)
        else:
            run("mount", "-o", "remount,ro", str(stopped.state))
        status, found = check(stopped, "--repair")
        assert status == 1 and ("record-gone", pin("one"), False) in found
        stopped.start()
        assert "could not be mended" in stopped.log()
        alice = stopped.connect(ALICE)
        assert [n["name"] for n in alice.call("netns.list")] == ["one", "three", "two"]
        alice.call("link.add", netns="one", kind="bridge", ifname="br")
        refusal = alice.refused("netns.add", name="n")
        assert (refusal.reason, refusal.data["errno"]) == ("kernel", {"full": "ENOSPC", "read-only": "EROFS"}[fault])
        assert pin("n") not in pins() and stopped.used(ALICE)["namespaces"] == 3
        if fault == "read-only":
            run("mount", "-o", "remount,rw", str(stopped.state))
        (stopped.state / "filler").unlink(missing_ok=True)
        for name in ("one", "two", "three"):
            alice.call("netns.delete", name=name)
        eventually(lambda: given_ids() == [])
        stopped.stop()
    finally:
        run("umount", str(stopped.state))
        for path in stopped.state.glob("*.json*"):
            path.unlink()
