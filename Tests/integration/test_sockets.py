# socket.open: sockets of a namespace that the agent passes.

import contextlib
import json
import os
import select
import socket
import struct
import subprocess

from packets_world import *


def test_a_socket_is_in_the_namespace_and_is_the_callers(alice):
    listener = alice.open(netns="server", kind="stream")
    assert os.fstat(listener.fileno()).st_uid == ALICE
    with identity(ALICE):
        listener.bind(("10.0.0.1", 8000))
        listener.listen()
        other = alice.open(netns="client", kind="stream", family="inet")
        other.settimeout(20)
        other.connect(("10.0.0.1", 8000))
        accepted, address = listener.accept()
    assert address[0] == "10.0.0.2"
    other.sendall(b"through the cable")
    assert accepted.recv(100) == b"through the cable"
    datagram = alice.open(netns="server", kind="datagram", family="inet6")
    datagram.bind(("fd00::1", 0))
    for one in (listener, other, accepted, datagram):
        one.close()


def test_no_capability_comes_with_a_socket(alice):
    # An exec of a program without capabilities: this process is root and could do it all.
    one = alice.open(netns="server", kind="stream")
    packets = alice.open(netns="server", kind="packet")
    script = f"""
import socket
for what in (
    lambda s: s.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 1),
    lambda s: s.setsockopt(socket.SOL_SOCKET, 33, 1 << 20),  # SO_RCVBUFFORCE
    lambda s: s.setsockopt(socket.IPPROTO_IP, 19, 1),  # IP_TRANSPARENT
    lambda s: __import__("fcntl").ioctl(s, 0x8914, b"eth0".ljust(16, b"\\0") + bytes(24)),  # SIOCSIFFLAGS
):
    for fd in ({one.fileno()}, {packets.fileno()}):
        s = socket.socket(fileno=fd)
        try:
            what(s)
            print("was allowed:", fd, what)
        except (PermissionError, OSError, TypeError) as error:
            pass
        s.detach()
"""
    done = subprocess.run(
        ["setpriv", f"--reuid={ALICE}", f"--regid={ALICE}", "--clear-groups", "--inh-caps=-all", PYTHON, "-c", script],
        pass_fds=[one.fileno(), packets.fileno()], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, ""), done
    one.close()
    packets.close()


def test_the_low_ports_of_a_namespace_are_its_owners(alice):
    one = alice.open(netns="server", kind="stream")
    one.bind(("127.0.0.1", 80))
    one.close()


def test_anothers_namespace_is_as_a_missing_one(alice):
    bob = Client(BOB)
    for kind in ("packet", "stream", "datagram"):
        foreign = bob.line("socket.open", netns="server", kind=kind)
        missing = bob.line("socket.open", netns="servex", kind=kind)
        assert foreign.replace(b"server", b"servex") == missing
        assert json.loads(missing)["error"]["data"]["reason"] == "not-found"
        named = bob.line("socket.open", netns="packets-alice:server", kind=kind)
        assert named.replace(b"server", b"servex") == bob.line("socket.open", netns="packets-alice:servex", kind=kind)
    # By a descriptor neither, which names it all the same.
    with open("/run/netns/packets-alice:server") as pin:
        assert bob.reason("socket.open", netnsFileDescriptor=0, kind="packet", fds=[pin.fileno()]) == "not-found"
    assert bob.descriptors == []
    bob.close()


def test_the_hosts_network_is_opened_for_nobody(alice):
    root = Client(0)
    with open("/proc/self/ns/net") as host:
        for kind in ("packet", "stream", "datagram"):
            assert root.reason("socket.open", kind=kind) == "invalid-params"
            assert root.reason("socket.open", kind=kind, netnsFileDescriptor=0, fds=[host.fileno()]) == "invalid-params"
            # Others mean their default by it, which is not the host.
            passed = alice.open(kind=kind, netnsFileDescriptor=0, fds=[host.fileno()])
            if kind != "packet":
                assert cookie(passed) not in (0, cookie(socket.socket()))
            passed.close()
    root.call("netns.add", name="roots")
    root.open(netns="roots", kind="packet").close()
    root.open(netns="packets-alice:server", kind="stream").close()
    root.call("netns.delete", name="roots")
    root.close()


def cookie(one):
    """SO_NETNS_COOKIE, a number for each network namespace."""
    return struct.unpack("Q", one.getsockopt(socket.SOL_SOCKET, 71, 8))[0]


def test_what_does_not_fit_is_refused(alice):
    assert alice.reason("socket.open", netns="server") == "invalid-params"
    assert alice.reason("socket.open", netns="server", kind="raw") == "invalid-params"
    assert alice.reason("socket.open", netns="server", kind="packet", family="inet") == "invalid-params"
    assert alice.reason("socket.open", netns="server", kind="stream", dev="eth0") == "invalid-params"
    assert alice.reason("socket.open", netns="server", kind="packet", dev="eth9") == "not-found"


def test_a_packet_socket_hears_nothing_before_it_is_bound_to_a_protocol(alice):
    one = alice.open(netns="server", kind="packet", dev="eth0")
    assert one.getsockname()[:2] == ("eth0", 0) or one.getsockname()[1] == 0
    ping(count=1)
    assert select.select([one], [], [], 0)[0] == []
    one.close()


def test_a_deleted_namespace_counts_until_its_last_socket_is_closed(alice):
    before = alice.used()
    one = alice.open(netns="server", kind="packet")
    other = alice.open(netns="server", kind="stream")
    alice.call("netns.delete", name="server")
    assert alice.reason("socket.open", netns="server", kind="packet") == "not-found"
    one.close()
    assert [entry["state"] for entry in alice.call("netns.list") if entry["name"] == "server"] == ["deleted"]
    assert alice.used() == before
    other.close()
    eventually(lambda: alice.used() == before - 1, "the namespace is still charged")


def test_a_client_that_does_not_read_makes_the_agent_hold_few_sockets(alice):
    greedy = Client(ALICE)
    request = b'{"jsonrpc":"2.0","id":1,"method":"socket.open","params":{"netns":"server","kind":"stream"}}\n'
    greedy.socket.settimeout(3)
    with contextlib.suppress(TimeoutError):
        for _ in range(40):
            greedy.socket.sendall(request * 500)
    assert len(os.listdir(f"/proc/{agent_pid()}/fd")) < 150
    assert alice.call("netns.get", name="server")["name"] == "server"
    greedy.close()
