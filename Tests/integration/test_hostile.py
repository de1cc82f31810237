# Hostile cases beyond the list: the wire, descriptors, names, programs. The attacker is alice; bob has things of his own,
# which are looked at before and after.

import ctypes
import os
import socket

import pytest

from people import Person
from test_programs import execute, lives, start
from wire import Closed, Refused
from world import *

NEWUSER, NEWNET = 0x10000000, 0x40000000


@pytest.fixture(scope="module")
def module_agent(people):
    with Agent(people, policy=POLICY + "  delegate: true\n") as agent:
        yield agent


@pytest.fixture(autouse=True)
def bobs(agent, bob):
    """Bob's namespace, and that nothing of it has changed in the end."""
    bob.call("netns.add", name="bobs")
    bob.call("link.add", netns="bobs", kind="veth", ifname="v", up=True, addresses=["10.9.0.1/24"],
             peer={"ifname": "w", "up": True})
    bob.call("route.add", netns="bobs", dst="10.8.0.0/16", gateway="10.9.0.2")

    def seen():
        # The kernel's own addresses and routes come a while after a link is up.
        netns = {"netns": ["bobs"]}
        return [bob.call("netns.list"), bob.call("link.list", **netns),
                [(l["ifname"], a) for l in bob.call("addr.list", **netns) for a in l["addr_info"]
                 if a["local"].startswith("10.")],
                [r for r in bob.call("route.list", **netns) if r["dst"].startswith("10.")]]

    eventually(lambda: all(l["operstate"] == "UP" for l in seen()[1] if l["ifname"] in "vw"))

    def used():
        return {resource: use for resource, use in agent.used(BOB).items() if resource != "connections"}

    before = seen(), used()
    yield
    assert (seen(), used()) == before


@pytest.fixture
def n(alice):
    alice.call("netns.add", name="n")
    return "n"


# The wire

@pytest.mark.hostile
def test_a_huge_wrong_value_is_not_sent_back(agent, alice):
    """A reply is no amplifier."""
    for params in ({"name": "x" * 900_000}, {"x" * 900_000: 1}, {"name": ["x" * 900_000]}):
        assert len(json.dumps(alice.refused("netns.add", **params).reply)) < 8192
    assert len(json.dumps(alice.refused("x" * 900_000).reply)) < 8192


@pytest.mark.hostile
def test_control_characters_come_back_escaped(agent, alice):
    for text in ("a\nb", "a\x1b[2Jb", "a\u2028b", "a\x7fb", "\u202eab"):
        raw = alice.exchange(json.dumps(
            {"jsonrpc": "2.0", "id": text, "method": "netns.add", "params": {"name": text}}).encode())
        assert not any(byte < 32 for byte in raw) and json.loads(raw)["id"] == text
        assert json.loads(raw)["error"]["data"]["reason"] == "invalid-params"


@pytest.mark.hostile
def test_the_same_id_twice_is_answered_twice(agent, alice):
    lines = b"".join(b'{"jsonrpc":"2.0","id":7,"method":"netns.add","params":{"name":"%s"}}\n' % name
                     for name in (b"one", b"one", b"two"))
    alice.socket.sendall(lines)
    replies = [json.loads(alice.line()) for _ in range(3)]
    assert [reply["id"] for reply in replies] == [7, 7, 7]
    assert ["error" in reply for reply in replies] == [False, True, False]


@pytest.mark.hostile
def test_who_does_not_hear_the_answer_ends_nobody(agent, alice, bob):
    """SIGPIPE is not for the agent."""
    for _ in range(50):
        client = agent.connect(ALICE)
        client.socket.shutdown(socket.SHUT_RD)
        client.send("agent.info")
        agent.close(client)
    assert agent.is_running and bob.call("agent.info")


@pytest.mark.hostile
def test_a_thousand_connections_that_say_nothing_and_go(agent, alice, bob):
    for _ in range(20):
        agent.close(*[agent.connect(ALICE) for _ in range(50)])
    assert bob.call("agent.info")
    eventually(lambda: agent.connections_held() == 2)


@pytest.mark.hostile
def test_a_byte_out_of_band_does_not_stall(agent, alice):
    try:
        alice.socket.send(b"!", socket.MSG_OOB)
    except OSError:
        pytest.skip("this kernel has no out-of-band data on Unix sockets")
    alice.socket.sendall(b"\n")
    try:
        alice.call("agent.info")
    except (Closed, ConnectionResetError, BrokenPipeError, AssertionError):
        pass  # it was taken as a byte of the line: that ends the connection and no other
    assert agent.connect(ALICE).call("agent.info")


@pytest.mark.hostile
def test_subscribing_again_and_again_is_one_subscription(agent, alice, bob, n):
    subscriber = agent.connect(ALICE)
    for _ in range(100):
        try:
            subscriber.call("event.subscribe")
        except Refused:
            pass
    alice.call("link.set", netns=n, dev="lo", mtu=1400)
    subscriber.notification(lambda message: message["params"].get("subject") == "link")
    subscriber.call("agent.info")
    assert len(subscriber.notifications) < 10


# Descriptors

@pytest.mark.hostile
def test_the_connection_sent_over_itself(agent, alice):
    """A descriptor that keeps itself alive: the kernel's collector finds it (unix(7)) once the agent lets go."""
    for _ in range(20):
        client = agent.connect(ALICE)
        client.refused("agent.info", fds=[client.socket.fileno()] * 3)
        agent.close(client)
    eventually(lambda: agent.connections_held() == 2)


@pytest.mark.hostile
def test_strange_descriptors_are_no_namespaces(agent, alice):
    left, right = socket.socketpair()
    epoll_number = __import__("select").epoll()
    opened = [
        left.fileno(), epoll_number.fileno(), os.pidfd_open(os.getpid()), os.pidfd_open(agent.process.pid),
        os.memfd_create("x"), os.eventfd(0), alice.socket.fileno(), os.open("/proc/self/ns/pid", os.O_RDONLY),
        os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY), os.open("/proc/self/ns/net", os.O_PATH)]
    for descriptor in opened:
        assert alice.refused("link.list", fds=[descriptor], netnsFileDescriptor=0).reason == "invalid-params"
    for descriptor in opened[2:6] + opened[7:]:
        os.close(descriptor)
    left.close()
    right.close()
    epoll_number.close()


@pytest.mark.hostile
def test_descriptors_with_a_line_that_never_ends(agent, alice):
    with open("/dev/null") as null:
        for _ in range(30):
            client = agent.connect(ALICE)
            socket.send_fds(client.socket, [b'{"jsonrpc":"2.0",'], [null.fileno()] * 8)
            agent.close(client)
    eventually(lambda: agent.connections_held() == 2)


@pytest.mark.hostile
def test_a_namespace_that_is_not_the_agents_is_no_place(agent, alice):
    """One of the caller's own making, in a user namespace of theirs."""
    def enter():
        if ctypes.CDLL(None, use_errno=True).unshare(NEWUSER | NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")

    try:
        inside = Person(ALICE, first=enter)
        agent.connect(inside)
    except RuntimeError as problem:
        pytest.skip(f"this host has no user namespaces for users: {problem}")
    with open(f"/proc/{inside.pid}/ns/net") as place:
        refusal = alice.refused("link.add", fds=[place.fileno()], netnsFileDescriptor=0, kind="bridge", ifname="b")
    assert refusal.reason == "not-found" and pins() == [pin("bobs", BOB)]
    inside.end()


@pytest.mark.hostile
def test_a_descriptor_of_anothers_namespace_opens_nothing(agent, alice):
    stranger = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo in; exec sleep 60"], stdout=subprocess.PIPE)
    stranger.stdout.readline()
    with open(PINS / pin("bobs", BOB)) as place, open(f"/proc/{stranger.pid}/ns/net") as other, stranger.stdout:
        for method, params in (("link.add", {"kind": "bridge", "ifname": "b"}), ("link.set", {"dev": "v", "up": False}),
                               ("link.delete", {"dev": "v"}), ("addr.list", {})):
            refusals = [alice.refused(method, fds=[f.fileno()], netnsFileDescriptor=0, **params) for f in (place, other)]
            assert refusals[0].reason == "not-found" and refusals[0].error == refusals[1].error
        stranger.kill()
        stranger.wait()


# Names

@pytest.mark.hostile
@pytest.mark.parametrize("name", [
    "netnsd-bob:bobs", "{bob}:bobs", "0{bob}:bobs", "+{bob}:bobs", "-0:bobs", "root:bobs", "0:bobs", "00:bobs",
    "NETNSD-BOB:bobs", "netnsd-bob:bobs:", ":bobs", "netnsd-bob:", "netnsd-bob::bobs", "netnsd-bob: bobs",
    "netnsd-bob:bobs\u0300", "n\u0435tnsd-bob:bobs", "../run/netns/netnsd-bob:bobs", "4294967295:bobs", "4294967296:bobs"])
def test_no_spelling_reaches_anothers(agent, alice, name):
    name = name.format(bob=agent.people[BOB].uid)
    for method, params in (("netns.get", {"name": name}), ("netns.delete", {"name": name, "kill": True}),
                           ("netns.add", {"name": name}), ("link.list", {"netns": [name]}),
                           ("link.add", {"netns": name, "kind": "bridge", "ifname": "b"})):
        assert alice.refused(method, **params).reason in ("not-found", "invalid-params")
    assert pins() == [pin("bobs", BOB)]


@pytest.mark.hostile
@pytest.mark.parametrize("value", ["a\nnameserver 192.0.2.66", "a b", "-", "x" * 5000, "a\u2028b", "a\rb"])
def test_no_line_is_smuggled_into_resolv_conf(agent, alice, n, value):
    for params in ({"nameservers": [value]}, {"search": [value]}):
        assert alice.refused("dns.set", netns=n, **params).reason == "invalid-params"


@pytest.mark.hostile
@pytest.mark.parametrize("value", ["1\n0", "", "x", "1" * 70_000, "9" * 40, "1;reboot", "$(id)"])
def test_sysctl_values_that_are_none(agent, alice, n, value):
    refusal = alice.refused("sysctl.set", netns=n, values={"net.ipv4.conf.all.forwarding": value})
    assert refusal.reason in ("invalid-params", "kernel")
    assert alice.call("sysctl.get", netns=n, keys=["net.ipv4.conf.all.forwarding"])


@pytest.mark.hostile
def test_the_agents_own_group_is_nobodys(agent, alice, n):
    """Links in it are deleted when an agent starts."""
    own = str(0x6E65746E)
    assert alice.refused("link.add", netns=n, kind="bridge", ifname="b", group=own).reason == "invalid-params"
    assert alice.refused("link.set", netns=n, dev="lo", group=own).reason == "invalid-params"
    alice.call("link.add", netns=n, kind="bridge", ifname="b", group="7")
    assert {l["ifname"]: l["group"] for l in alice.call("link.list", netns=[n])} == {"lo": "default", "b": "7"}


@pytest.mark.hostile
def test_lo_cannot_be_taken_away(agent, alice, n):
    alice.call("netns.add", name="m")
    assert alice.refused("link.delete", netns=n, dev="lo").reason in ("kernel", "unsupported", "invalid-params")
    assert alice.refused("link.set", netns=n, dev="lo", moveTo="m").reason in ("kernel", "unsupported", "already-exists")
    assert [l["ifname"] for l in alice.call("link.list", netns=[n])] == ["lo"]


# Programs

@pytest.mark.hostile
@pytest.mark.parametrize("script", [
    "ip link add x type dummy", "ip link set lo down", "ip addr add 10.0.0.9/8 dev lo", "ip route add blackhole 10.0.0.0/8",
    "nft add table inet x", "sysctl -w net.ipv4.ip_forward=1", "mount -t tmpfs x /mnt", "chroot / true",
    "nsenter --net=/proc/1/ns/net true", "nsenter -t {agent} -n true", "kill -0 {agent}", "kill -9 {spawner}",
    "cat /proc/{agent}/environ", "ls /proc/{agent}/fd", "cat /proc/{agent}/mem", "ls {state}", "rm {socket}",
    "touch {directory}/x", "hostname x", "ip netns add x", "ip netns delete netnsd-bob:bobs",
    "umount /run/netns/netnsd-bob:bobs", "cat /run/netns/netnsd-bob:bobs", "mount --bind /bin/sh /run/netns/netnsd-alice:n"])
def test_what_a_program_cannot_do(agent, alice, n, script):
    before = ip(n, "addr")
    script = script.format(
        agent=agent.process.pid, state=agent.state, socket=agent.socket, directory=agent.directory,
        spawner=pathlib.Path(f"/proc/{agent.process.pid}/task/{agent.process.pid}/children").read_text().split()[0])
    words = script.split()[0]
    if subprocess.run(["sh", "-c", f"command -v {words}"], capture_output=True).returncode:
        pytest.skip(f"there is no {words}")
    assert execute(alice, ["sh", "-c", script])[1]["exitCode"] not in (0, 127)
    assert ip(n, "addr") == before and os.path.exists(agent.socket)


@pytest.mark.hostile
def test_a_program_that_flees_its_session_is_found(agent, alice, n):
    """Twice forked, a session of its own, nobody's child."""
    output, _ = execute(alice, ["sh", "-c", "setsid sh -c 'sleep 600 >/dev/null 2>&1 & echo $!' | cat"])
    pid = int(output)
    assert lives(pid)
    refusal = alice.refused("netns.delete", name=n)
    assert refusal.reason == "busy" and pid in refusal.data["pids"]
    alice.call("netns.delete", name=n, kill=True)
    eventually(lambda: not lives(pid))


@pytest.mark.hostile
def test_a_program_that_forks_faster_than_it_is_killed(agent, alice, n):
    start(alice, ["sh", "-c", "trap '' HUP TERM; while :; do sh -c 'sleep 0.02' & wait; done"])
    for _ in range(20):
        try:
            alice.call("netns.delete", name=n, kill=True)
            break
        except Refused as refusal:
            assert refusal.reason == "busy"
    assert pins() == [pin("bobs", BOB)]


@pytest.mark.hostile
def test_nobody_signals_what_is_not_a_program_of_theirs(agent, alice, bob, n):
    bobs_program = start(bob, ["sleep", "600"], netns="bobs")
    for pid in (bobs_program, agent.process.pid, os.getpid(), 1, 0, -1, 2**31 - 1):
        for method, params in (("program.kill", {"pid": pid, "signal": 9}), ("program.attach", {"pid": pid})):
            assert alice.refused(method, **params).reason in ("not-found", "invalid-params")
    assert lives(bobs_program) and agent.is_running
    bob.call("program.kill", pid=bobs_program, signal=9)
    eventually(lambda: agent.used(BOB)["programs"] == 0)


@pytest.mark.hostile
def test_arguments_that_no_program_can_have(agent, alice, n):
    null = os.open("/dev/null", os.O_RDWR)
    place = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    common = {"netns": n, "stdinFileDescriptor": 0, "stdoutFileDescriptor": 1, "stderrFileDescriptor": 2,
              "workingDirectoryFileDescriptor": 3}
    for argv, environment in (([], []), (["true"], ["no equals sign"]), (["a" * 200_000], []), (["true"] * 300_000, [])):
        try:
            alice.call("netns.exec", fds=[null, null, null, place], argv=argv, environment=environment, **common)
            pytest.fail(f"{argv[:3]} was taken")
        except Refused as refusal:
            assert refusal.reason in ("invalid-params", "kernel"), refusal
        except (Closed, ConnectionResetError, BrokenPipeError):
            alice = agent.connect(ALICE)  # a line too long ends the connection
    assert agent.used(ALICE)["programs"] == 0
    os.close(null)
    os.close(place)


@pytest.mark.hostile
def test_a_directory_that_the_caller_may_not_enter(agent, alice, n, tmp_path):
    """Opened by root and passed on: the program is the caller's, and so is the permission."""
    tmp_path.chmod(0o700)
    try:
        _, ended = execute(alice, ["pwd"], directory=str(tmp_path))
        assert ended["exitCode"] != 0
    except Refused as refusal:
        assert refusal.reason == "kernel" and refusal.data["errno"] == "EACCES"
