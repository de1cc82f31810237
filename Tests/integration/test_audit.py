# The audit trail: each request that changes something is one line, in its file and for whoever asked it, and nobody's
# flood hides or escapes anything.

import os
import pathlib
import signal
import socket

import pytest

from world import *

# Audit.swift
BURST, REMEMBERED = 1000, 500


def lines(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]


@pytest.fixture
def audited(fresh_agent, tmp_path):
    """An agent that writes its audit lines into a file."""
    agent = fresh_agent(options=["--audit", str(tmp_path / "audit")])
    agent.audit = tmp_path / "audit"
    return agent


def test_each_request_that_changes_something_is_a_line(audited):
    alice = audited.connect(ALICE)
    alice.call("netns.add", name="server")
    alice.call("link.add", netns="server", kind="veth", ifname="v", peer={"netns": "server", "ifname": "w"})
    alice.call("addr.add", netns="server", dev="v", local="10.0.0.1/24")
    alice.call("sysctl.set", netns="server", values=[{"key": "net.ipv4.ip_forward", "value": "1"}])
    alice.call("netns.list")
    alice.call("addr.list")
    alice.refused("addr.add", netns="server", dev="v", local="nonsense")
    alice.refused("netns.delete", name="none")
    with open("/proc/self/ns/net") as here:  # from the host: default, made on first need
        alice.call("link.add", fds=[here.fileno()], netnsFileDescriptor=0, kind="bridge", ifname="br")
    assert [(e["method"], e["netns"], e.get("subject"), e["outcome"]) for e in lines(audited.audit)] == [
        ("netns.add", [pin("server")], None, "ok"),
        ("link.add", [pin("server")], "v veth server/w", "ok"),
        ("addr.add", [pin("server")], "v 10.0.0.1/24", "ok"),
        ("sysctl.set", [pin("server")], "net.ipv4.ip_forward=1", "ok"),
        ("addr.add", [pin("server")], "v nonsense", "invalid-params"),
        ("netns.delete", [pin("none")], None, "not-found"),
        ("link.add", [pin("default")], "br bridge", "ok"),
    ]
    uid = audited.people[ALICE].uid
    for entry in lines(audited.audit):
        assert (entry["uid"], entry["user"]) == (uid, ALICE)
        assert 0 < entry["microseconds"] < 60e6 and abs(entry["time"] / 1e6 - time.time()) < 600
    assert os.stat(audited.audit).st_mode & 0o7 == 0, "not for everybody to read"
    assert alice.call("log.list") == lines(audited.audit)


def test_one_sees_ones_own_and_root_sees_all(audited):
    alice, bob, root = (audited.connect(name) for name in (ALICE, BOB, "root"))
    alice.call("netns.add", name="a")
    bob.call("netns.add", name="b")
    bob.refused("netns.delete", name=pin("a"))
    root.call("netns.delete", name=pin("a"))
    made = [pin("a")], [pin("b", BOB)]
    assert [e["netns"] for e in alice.call("log.list")] == [made[0]]
    assert [(e["netns"], e["outcome"]) for e in bob.call("log.list")] == [(made[1], "ok"), (made[0], "not-found")]
    assert [e["user"] for e in root.call("log.list")] == [ALICE, BOB, BOB, "root"]
    assert root.call("log.list", user=BOB) == bob.call("log.list", user=BOB)
    assert root.call("log.list", user=str(audited.people[BOB].uid)) == bob.call("log.list")
    for other in (BOB, "root", "nobody-at-all", "0"):
        assert alice.refused("log.list", user=other).reason == "permission-denied"
    assert [e["netns"] for e in bob.call("log.list", lines=1)] == [made[0]]
    assert root.call("log.list", since=int(time.time()) + 1000) == []
    assert len(root.call("log.list", since=0)) == len(root.call("log.list", since=-(2**63))) == 4
    assert root.call("log.list", since=2**63 - 1) == []


def test_followed_they_come_as_they_are_made(audited):
    alice, watcher, bob, root = (audited.connect(name) for name in (ALICE, ALICE, BOB, "root"))
    assert watcher.call("log.list", follow=True) == [] == root.call("log.list", follow=True, user=BOB)
    bob.call("netns.add", name="b")
    alice.call("netns.add", name="a")
    watcher.call("agent.info")
    root.call("agent.info")
    assert [m["params"]["netns"] for m in watcher.notifications if m["method"] == "log"] == [[pin("a")]]
    assert [m["params"]["netns"] for m in root.notifications if m["method"] == "log"] == [[pin("b", BOB)]]


def test_hostile_50_a_flood_is_bounded_and_hides_nobody(audited):
    alice, bob = audited.connect(ALICE), audited.connect(BOB)
    bob.call("netns.add", name="quiet")
    flood = BURST + 500
    ids = []
    for number in range(flood):
        ids.append(alice.send("netns.delete", name="x" * 64 + str(number)))
        if len(ids) == 32:
            for _ in range(len(ids)):
                alice.reply()
            ids = []
    for _ in ids:
        alice.reply()
    bob.call("netns.delete", name="quiet")
    written = lines(audited.audit)
    mine = [e for e in written if e["user"] == ALICE]
    # As many as may come at once, and the few that came back meanwhile.
    assert BURST <= len(mine) < flood
    assert [e["method"] for e in written if e["user"] == BOB] == ["netns.add", "netns.delete"]
    remembered = alice.call("log.list")
    assert len(remembered) == REMEMBERED and [e["method"] for e in bob.call("log.list")] == ["netns.add", "netns.delete"]

    def told():
        return sum(e.get("dropped", 0) for e in lines(audited.audit))

    eventually(told, seconds=30, message="nobody says how many were left out")
    audited.stop()
    done = [e for e in lines(audited.audit) if e["user"] == ALICE]
    assert told() + sum("method" in e for e in done) == flood, "each is written or counted"
    audited.start()


def test_hostile_50_what_a_request_says_is_escaped_and_cut(audited):
    alice = audited.connect(ALICE)
    alice.refused("netns.delete", name="a\x1b[31m\nMESSAGE=forged\u202e")
    alice.refused("addr.add", netns="n", dev="d\x9b", local="x" * 100_000)
    alice.refused("netns.exec", netns="n", argv=["\x07"] * 5000)
    text = audited.audit.read_text()
    assert len(text.splitlines()) == 3 and len(text) < 5000
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or c == "\u202e" for c in text.replace("\n", ""))
    assert lines(audited.audit)[0]["netns"] == [f"{ALICE}:a\\u{{1b}}[31m\\u{{a}}MESSAGE=forged\\u{{202e}}"]


def test_the_file_is_opened_anew_and_bounded(audited):
    alice = audited.connect(ALICE)
    alice.refused("netns.delete", name="first")
    moved = audited.audit.with_name("moved")
    audited.audit.rename(moved)
    alice.refused("netns.delete", name="second")
    audited.process.send_signal(signal.SIGHUP)
    eventually(audited.audit.exists, message="SIGHUP does not open it")
    alice.refused("netns.delete", name="third")
    assert [e["netns"][0].split(":")[1] for e in lines(moved)] == ["first", "second"]
    # Full: 16 MiB. It is a sparse file here, the agent counts what it finds when it opens it.
    os.truncate(audited.audit, (16 << 20) - 10)
    audited.process.send_signal(signal.SIGHUP)
    eventually(lambda: audited.log().count("read again") == 2)
    alice.refused("netns.delete", name="fourth")
    assert os.stat(f"{audited.audit}.1").st_size == (16 << 20) - 10
    assert [e["netns"] for e in lines(audited.audit)] == [[pin("fourth")]]


def test_a_full_disk_stops_nobodys_work(fresh_agent, tmp_path):
    run("mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(tmp_path))
    try:
        agent = fresh_agent(options=["--audit", str(tmp_path / "audit")])
        alice = agent.connect(ALICE)
        for number in range(40):
            alice.refused("netns.delete", name=f"n{number}")
        alice.call("netns.add", name="n")
        assert agent.log().count("audit lines cannot be written") == 1
        assert len(alice.call("log.list")) == 41
        agent.take_down()
        agent.stop()
    finally:
        run("umount", str(tmp_path))


@pytest.mark.parametrize("kind", ["missing/audit", "directory", "fifo", "link"])
def test_what_is_no_file_is_not_written_to(fresh_agent, tmp_path, kind):
    path = tmp_path / kind
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to("/etc/passwd")
    agent = fresh_agent()
    agent.stop()
    agent.options = ["--audit", str(path)]
    agent.launch()
    assert agent.process.wait(10) == 1 and str(path) in agent.log().splitlines()[-1]


def test_the_journal_has_fields(fresh_agent):
    """A service whose output goes to the journal sends its lines there itself."""
    path = pathlib.Path("/run/systemd/journal/socket")
    path.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(str(path))
        journal.settimeout(20)
        try:
            agent = fresh_agent(environment={"JOURNAL_STREAM": "1:2"})
            agent.connect(ALICE).refused("addr.add", netns="n\nPRIORITY=0", dev="v", local="10.0.0.1/24")
            fields = [line.split("=", 1) for line in journal.recv(65536).decode().splitlines()]
        finally:
            path.unlink()
    found = dict(fields)
    assert len(found) == len(fields) and "audit" not in agent.log()
    assert found["PRIORITY"] == "5" and found["SYSLOG_IDENTIFIER"] == "netnsd"
    assert found["NETNSD_UID"] == str(agent.people[ALICE].uid) and found["NETNSD_USER"] == ALICE
    assert found["NETNSD_METHOD"] == "addr.add" and found["NETNSD_SUBJECT"] == "v 10.0.0.1/24"
    assert found["NETNSD_OUTCOME"] == "invalid-params" and "\\u{a}PRIORITY=0" in found["NETNSD_NETNS"]
    assert found["MESSAGE"].startswith("audit: ")


def test_without_a_journal_the_log_has_them(fresh_agent):
    agent = fresh_agent()
    agent.connect(ALICE).refused("netns.delete", name="none")
    found = [line for line in agent.log().splitlines() if "method=netns.delete" in line]
    assert len(found) == 1 and found[0].startswith("notice: audit") and "outcome=not-found" in found[0]


def test_a_restart_keeps_what_was_remembered(fresh_agent):
    agent = fresh_agent()
    alice = agent.connect(ALICE)
    alice.call("netns.add", name="n")
    before = alice.call("log.list")
    agent.stop()
    agent.start()
    assert agent.connect(ALICE).call("log.list") == before
    assert agent.connect(BOB).call("log.list") == []


def test_netnsctl_log(audited):
    alice = audited.connect(ALICE)
    alice.call("netns.add", name="n")
    alice.refused("netns.delete", name="m")

    def netnsctl(*words):
        return run(str(BINARIES / "netnsctl"), *words, "--socket", audited.socket)

    table = netnsctl("log").splitlines()
    assert table[0].split() == ["TIME", "USER", "METHOD", "NAMESPACE", "OUTCOME", "MS"]
    assert [row.split()[2:6] for row in table[1:]] == [
        [ALICE, "netns.add", pin("n"), "ok"], [ALICE, "netns.delete", pin("m"), "not-found"]]
    assert json.loads(netnsctl("log", "--json", "--user", ALICE, "-n", "1")) == alice.call("log.list")[1:]
    assert netnsctl("log", "--user", BOB) == netnsctl("log", "--since", "0s", "--user", BOB) == ""
    watching = subprocess.Popen(
        [BINARIES / "netnsctl", "log", "-f", "--json", "--socket", audited.socket], stdout=subprocess.PIPE, text=True)
    try:
        assert [json.loads(watching.stdout.readline())["method"] for _ in range(2)] == ["netns.add", "netns.delete"]
        alice.refused("netns.delete", name="later")
        assert json.loads(watching.stdout.readline())["netns"] == [pin("later")]
    finally:
        watching.kill()
        watching.wait()
