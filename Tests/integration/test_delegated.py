# Delegated namespaces: made where policy allows it, entered by the client itself, with every capability over them.

import fcntl
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import threading

import pytest

from delegated_world import *


def test_only_where_policy_allows_it(agent, shell, alice, bob):
    refusal = bob.refused("netns.add", name="fw", delegate=True)
    assert refusal.reason == "permission-denied" and refusal.data["rule"] == "the built-in defaults"
    assert pins() == [] and given_ids() == []
    made = alice.call("netns.add", name="fw", delegate=True)
    assert made["delegated"] and pins() == [pin("fw")]
    assert not alice.call("netns.add", name="plain")["delegated"]
    assert {n["name"]: n["delegated"] for n in alice.call("netns.list")} == {"fw": True, "plain": False}
    assert "delegated" in shell("list").stdout


def test_root_needs_none_and_makes_none_for_others(agent, root, alice):
    assert root.refused("netns.add", name="fw", delegate=True).reason == "invalid-params"
    assert root.refused("netns.add", name=f"{ALICE}:fw", delegate=True).reason in ("permission-denied", "not-found")
    alice.call("netns.add", name="fw", delegate=True)
    assert root.refused("netns.enter", netns=f"{ALICE}:fw").reason == "permission-denied"
    root.call("netns.delete", name=f"{ALICE}:fw")


def test_the_quota_of_namespaces_holds(fresh_agent):
    agent = fresh_agent(policy=POLICY.replace("namespaces: 8", "namespaces: 2"))
    alice = agent.connect(ALICE)
    ids = [alice.send("netns.add", name=f"n{number}", delegate=True) for number in range(6)]
    outcomes = [alice.reply() for _ in ids]
    assert sum("result" in outcome for outcome in outcomes) == 2
    assert {o["error"]["data"]["reason"] for o in outcomes if "error" in o} == {"quota-exceeded"}


# What it is

def test_one_user_namespace_that_the_user_owns_and_that_maps_nobody_else(agent, alice, shell, people):
    for name in ("fw", "server"):
        alice.call("netns.add", name=name, delegate=True)
    first, second = user_namespace("fw"), user_namespace("server")
    owner = bytearray(4)
    fcntl.ioctl(first, NS_GET_OWNER_UID, owner)
    assert int.from_bytes(owner, "little") == people[ALICE].uid
    assert os.fstat(first).st_ino == os.fstat(second).st_ino != os.stat("/proc/self/ns/user").st_ino
    os.close(first), os.close(second)
    uid, gid = people[ALICE].uid, people[ALICE].gid
    lines = inside(shell, "cat /proc/self/uid_map /proc/self/setgroups /proc/self/gid_map").stdout.split("\n")
    assert lines[0].split() == [str(uid), str(uid), "1"] and lines[1] == "deny"
    assert sorted(tuple(map(int, l.split())) for l in lines[2:] if l) == sorted(
        (g, g, 1) for g in {gid, *people[ALICE].groups})


def test_many_at_once_share_the_user_namespace(agent, alice):
    others = [agent.connect(ALICE) for _ in range(4)]
    ids = [(client, client.send("netns.add", name=f"n{n}", delegate=True)) for n, client in enumerate(others)]
    for client, id in ids:
        client.result(id)
    inodes = set()
    for number in range(4):
        descriptor = user_namespace(f"n{number}")
        inodes.add(os.fstat(descriptor).st_ino)
        os.close(descriptor)
    assert len(inodes) == 1


def test_a_restarted_agent_knows_it_with_and_without_a_record(agent, alice, shell):
    alice.call("netns.add", name="fw", delegate=True)
    for lose in (False, True):
        agent.kill()
        if lose:
            for record in agent.state.glob("*.json"):
                record.unlink()
        agent.start()
        assert [n["delegated"] for n in agent.connect(ALICE).call("netns.list")] == [True]
        assert inside(shell, "nft list ruleset").stdout == ""
    # What is added now belongs with it.
    agent.connect(ALICE).call("netns.add", name="new", delegate=True)
    a, b = user_namespace("fw"), user_namespace("new")
    assert os.fstat(a).st_ino == os.fstat(b).st_ino
    os.close(a), os.close(b)


def test_killed_at_any_moment_nothing_is_lost_and_nothing_left(fresh_agent):
    agent = fresh_agent(policy=POLICY, warm=False)
    dice = random.Random(42)
    for turn in range(25):
        client = agent.connect(ALICE)
        there = {n["name"] for n in client.call("netns.list") if n["state"] == "live"}
        threading.Timer(dice.uniform(0, 0.06), agent.process.kill).start()
        name = None
        try:
            while True:
                name = f"n{dice.randrange(4)}"
                if name in there:
                    client.call("netns.delete", name=name)
                    there.discard(name)
                else:
                    client.call("netns.add", name=name, delegate=True)
                    there.add(name)
        except (Closed, ConnectionResetError, BrokenPipeError):
            pass
        spawners = set(processes("netnsd-spawn"))
        agent.stop(signal.SIGKILL)
        agent.start()
        eventually(lambda: not spawners & set(processes("netnsd-spawn")), message="a maker is left")
        listed = agent.connect(ALICE).call("netns.list")
        now = {n["name"] for n in listed if n["state"] == "live"}
        assert now - {name} == there - {name}, f"turn {turn}"
        assert all(n["delegated"] for n in listed)
        assert pins() == sorted(pin(n) for n in now)
        eventually(lambda: len(given_ids()) == len(now), message="a namespace is left that nobody knows of")
        descriptors = [user_namespace(n) for n in now]
        assert len({os.fstat(d).st_ino for d in descriptors}) <= 1, "all share one user namespace"
        for descriptor in descriptors:
            os.close(descriptor)


def processes(name):
    """The pids of this test's agents' processes of a name: those in its mount namespace."""
    found, home = [], os.stat("/proc/self/ns/mnt").st_ino
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            is_ours = os.stat(f"/proc/{entry}/ns/mnt").st_ino == home
            if is_ours and pathlib.Path(f"/proc/{entry}/comm").read_text().strip() == name:
                found.append(int(entry))
        except OSError:
            continue
    return found


# What one is in it

def test_the_program_is_the_user_with_every_capability_there(agent, alice, shell, people):
    alice.call("netns.add", name="fw", delegate=True)
    assert inside(shell, "id").stdout == subprocess.run(
        ["id", ALICE], capture_output=True, text=True).stdout
    status = dict(line.split(":\t", 1) for line in inside(shell, "cat /proc/self/status").stdout.splitlines())
    assert {status[f"Cap{name}"] for name in ("Inh", "Prm", "Eff", "Amb")} == {ALL}
    assert status["Uid"].split() == [str(people[ALICE].uid)] * 4 and status["NoNewPrivs"] == "0"
    assert inside(shell, "ls /sys/class/net").stdout.split() == ["lo"]
    assert inside(shell, "echo $NETNSD_NAMESPACE").stdout == "fw\n"
    assert inside(shell, "ls /proc/self/fd | wc -l").stdout == "4\n", "0, 1, 2 and the directory that is read"


def test_the_exit_status_is_the_programs(agent, alice, shell):
    alice.call("netns.add", name="fw", delegate=True)
    assert inside(shell, "exit 42", ok=False).returncode == 42
    assert inside(shell, "kill -USR1 $$", ok=False).returncode == -signal.SIGUSR1
    missing = shell("exec", "fw", "--", "no-such-program", ok=False)
    assert missing.returncode == 127 and "no-such-program" in missing.stderr
    assert shell("exec", "fw", "--", "/etc/passwd", ok=False).returncode == 126


def test_the_client_is_replaced_by_the_program(agent, alice, people):
    alice.call("netns.add", name="fw", delegate=True)
    process = subprocess.Popen(**command(agent, people[ALICE], ["exec", "fw", "--", "sleep", "60"]))
    name = pathlib.Path(f"/proc/{process.pid}/comm")
    eventually(lambda: name.read_text() == "sleep\n")
    refusal = alice.refused("netns.delete", name="fw")
    assert refusal.reason == "busy" and refusal.data["pids"] == [process.pid]
    alice.call("netns.delete", name="fw", kill=True)
    assert process.wait(20) == -signal.SIGKILL


def test_ip_finds_the_other_delegated_namespaces_by_name(agent, alice, shell):
    for name in ("fw", "server"):
        alice.call("netns.add", name=name, delegate=True)
    alice.call("netns.add", name="managed")
    listed = inside(shell, "ip netns").stdout
    assert sorted(line.split()[0] for line in listed.splitlines()) == ["fw", "server"]
    inside(shell, "ip -n server address add 10.9.9.9/24 dev lo")
    assert "10.9.9.9" in json.dumps(ip("server", "address"))
    assert "10.9.9.9/24" in inside(shell, "ip netns exec server ip -br address").stdout
    # The client does the same from there.
    there = inside(shell, f"{agent.directory}/netnsctl exec server -- ip -br address").stdout
    assert "10.9.9.9/24" in there
    # One made by hand lasts as long as the program.
    assert "mine" in inside(shell, "ip netns add mine && ip netns").stdout
    assert pins() == sorted([pin("fw"), pin("server"), pin("managed")])


def test_names_are_resolved_as_dns_set_says(agent, alice, shell):
    alice.call("netns.add", name="fw", delegate=True)
    alice.call(
        "dns.set", netns="fw", servers=["10.1.2.3"], search=["lab"],
        hosts=[{"name": "server.lab", "address": "10.0.0.9"}])
    assert inside(shell, "cat /etc/resolv.conf").stdout == "nameserver 10.1.2.3\nsearch lab\n"
    assert "10.0.0.9" in inside(shell, "getent hosts server.lab").stdout
    assert "10.1.2.3" not in pathlib.Path("/etc/resolv.conf").read_text()


def test_the_agents_methods_work_in_it(agent, alice, shell):
    alice.call("netns.add", name="fw", delegate=True)
    alice.call("netns.add", name="plain")
    alice.call(
        "link.add", netns="fw", ifname="a", kind="veth", up=True, addresses=["10.0.0.1/24"],
        peer={"netns": "plain", "ifname": "b", "up": True, "addresses": ["10.0.0.2/24"]})
    alice.call("sysctl.set", netns="fw", values=[{"key": "net.ipv4.ip_forward", "value": "1"}])
    assert inside(shell, "cat /proc/sys/net/ipv4/ip_forward").stdout == "1\n"
    eventually(lambda: inside(shell, "ping -c 1 -W 1 10.0.0.2", ok=False).returncode == 0)
    # Links made by hand cannot be prevented; they are counted when the agent looks.
    before = agent.used(ALICE)["links"]
    inside(shell, "ip link add x type veth peer name y")
    assert agent.used(ALICE)["links"] == before + 2


# The firewall lab

def test_a_firewall(agent, alice, shell, people):
    """client — firewall — server: the firewall's user drops port 81 with nft and passes port 80."""
    alice.call("netns.add", name="client")
    for name in ("fw", "server"):
        alice.call("netns.add", name=name, delegate=True)
    for name, net in (("client", 1), ("server", 2)):
        alice.call(
            "link.add", netns=name, ifname="eth0", kind="veth", up=True, addresses=[f"10.0.{net}.2/24"],
            peer={"netns": "fw", "ifname": name, "up": True, "addresses": [f"10.0.{net}.1/24"]})
        alice.call("route.add", netns=name, dst="default", gateway=f"10.0.{net}.1")
    inside(shell, """
        echo 1 > /proc/sys/net/ipv4/ip_forward
        nft -f - <<'EOF'
        table inet lab {
            chain forward {
                type filter hook forward priority filter; policy accept;
                tcp dport 81 counter drop
                tcp dport 80 counter accept
            }
        }
EOF
        """)
    serve = "import http.server as h; h.HTTPServer(('', {0}), h.SimpleHTTPRequestHandler).serve_forever()"
    running = []

    def start(name, *words):
        process = subprocess.Popen(**command(agent, people[ALICE], ["exec", name, "--", *words]))
        running.append(process)
        return process

    try:
        for port in (80, 81):  # below 1024: the capability to bind is the namespace's
            start("server", "/usr/bin/python3", "-c", serve.format(port))
        eventually(lambda: inside(shell, "ip netns exec server ss -Hltn | wc -l").stdout == "2\n")
        capture = start("fw", "tcpdump", "-n", "-l", "-c", "3", "-i", "client", "tcp port 80")
        # tcpdump says so once it listens.
        while "listening on" not in (line := capture.stderr.readline().decode()):
            assert line, "tcpdump ended"

        def fetch(port):
            code = (
                "import urllib.request as u; "
                f"print(u.urlopen('http://10.0.2.2:{port}/etc/hostname', timeout=3).status)")
            return shell("exec", "client", "--", "/usr/bin/python3", "-c", code, ok=False)

        assert fetch(80).stdout == "200\n"
        assert "timed out" in fetch(81).stderr
        packets = capture.communicate(timeout=20)[0].decode()
        assert "10.0.1.2" in packets and "10.0.2.2.80" in packets and "Flags [S]" in packets
        rules = inside(shell, "nft list ruleset").stdout
        for port in (80, 81):
            assert re.search(rf"dport {port} counter packets [1-9]", rules)
    finally:
        for process in running:
            process.kill()
            process.communicate()
    # And the managed client has no such power.
    assert inside(shell, "nft list ruleset", name="client", ok=False).returncode != 0


# What it must not give
