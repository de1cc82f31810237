# netnsctl forward: ports brought into and out of namespaces.

import contextlib
import hashlib
import json
import os
import pathlib
import re
import socket
import struct
import subprocess
import threading
import time
import pytest

from packets_world import *


ECHO = """
import socket, sys, threading, hashlib
family = socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET
if sys.argv[1] == "udp":
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.bind((sys.argv[2], int(sys.argv[3])))
    print("ready", flush=True)
    while True:
        data, peer = s.recvfrom(65536)
        s.sendto(data.upper(), peer)
s = socket.socket(family)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((sys.argv[2], int(sys.argv[3])))
s.listen(512)
print("ready", flush=True)
def serve(c):
    # All of it first, then the answer: works only if the end of what is sent arrives while the other way is open.
    digest, count = hashlib.sha256(), 0
    while data := c.recv(65536):
        digest.update(data)
        count += len(data)
    c.sendall(f"{count} {digest.hexdigest()}".encode())
    c.sendall(b"x" * count)
    c.close()
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
"""


@contextlib.contextmanager
def echoing(transport, address, port, netns="server"):
    words = [PYTHON, "-c", ECHO, transport, address, str(port)]
    if netns:
        process = start(ALICE, "exec", netns, "--", *words)
    else:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"ready\n", process.stderr.read()
        yield
    finally:
        process.terminate()
        process.communicate(timeout=30)


@contextlib.contextmanager
def forwarding(*words, uid=ALICE):
    """netnsctl forward; gives the addresses of what it listens on, a list for each specification."""
    with running(uid, "forward", "--json", *words) as process:
        places = []
        for word in words:
            if word.startswith("-"):
                continue
            line = process.stdout.readline()
            assert line, process.stderr.read().decode()
            places.append([split_address(text) for text in json.loads(line)["listen"]])
        yield places, process


def split_address(text):
    host, port = text.rsplit(":", 1)
    return host.strip("[]"), int(port)


def exchange(address, data, timeout=60):
    """Sends, ends the sending, and reads to the end."""
    with socket.create_connection(address, timeout=timeout) as one:
        sending = threading.Thread(target=lambda: (one.sendall(data), one.shutdown(socket.SHUT_WR)))
        sending.start()
        answer = b""
        while more := one.recv(65536):
            answer += more
        sending.join()
    return answer


def right(answer, data):
    return answer == f"{len(data)} {hashlib.sha256(data).hexdigest()}".encode() + b"x" * len(data)


def test_forward_tcp_with_half_close_on_both_loopbacks(alice):
    with echoing("tcp", "127.0.0.1", 8000), forwarding("0:server:8000") as ([places], process):
        assert [host for host, _ in places] == ["127.0.0.1", "::1"] and len({port for _, port in places}) == 1
        for place in places:
            data = os.urandom(3_000_000)
            assert right(exchange(place, data), data)
        output, errors = finish(process)
    assert process.returncode == 0 and errors == b""


def test_forward_to_another_address_and_by_ipv6(alice):
    with echoing("tcp", "fd00::2", 8000, "client"), echoing("tcp", "10.0.0.2", 8001, "client"):
        with forwarding("127.0.0.1:0:server:[fd00::2]:8000", "0:server:10.0.0.2:8001") as (places, _):
            for place in [places[0][0], places[1][1]]:
                assert right(exchange(place, b"hello"), b"hello")


def test_two_hundred_connections_at_once(alice):
    with echoing("tcp", "127.0.0.1", 8000), forwarding("0:server:8000") as ([places], process):
        many = [socket.create_connection(places[0], timeout=60) for _ in range(200)]
        for number, one in enumerate(many):
            one.sendall(f"{number} ".encode() * 2000)
        for number, one in enumerate(many):
            one.shutdown(socket.SHUT_WR)
        for number, one in enumerate(many):
            answer = b""
            while more := one.recv(65536):
                answer += more
            assert right(answer, f"{number} ".encode() * 2000)
            one.close()
        eventually(lambda: len(os.listdir(f"/proc/{process.pid}/fd")) < 20, "descriptors stay open")


def test_a_rate_limit_slows_connections_and_loses_none(world):
    bob = Client(BOB)
    bob.call("netns.add", name="server")
    try:
        with contextlib.ExitStack() as stack:
            server = stack.enter_context(running(BOB, "exec", "server", "--", PYTHON, "-c", ECHO, "tcp", "127.0.0.1", "8000"))
            assert server.stdout.readline() == b"ready\n"
            [places], _ = stack.enter_context(forwarding("0:server:8000", uid=BOB))
            answers = []
            threads = [threading.Thread(target=lambda: answers.append(exchange(places[0], b"hello"))) for _ in range(150)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            assert len(answers) == 150 and all(right(answer, b"hello") for answer in answers)
        time.sleep(1)  # the rate
    finally:
        take_down(bob)


def test_a_slow_reader_does_not_cost_memory(alice):
    with echoing("tcp", "127.0.0.1", 8000), forwarding("0:server:8000") as ([places], process):
        with socket.create_connection(places[0], timeout=5) as one:
            data = b"y" * 20_000_000
            one.settimeout(60)
            one.sendall(data)
            one.shutdown(socket.SHUT_WR)
            # The server now writes 20 MB that nobody reads.
            assert one.recv(1, socket.MSG_PEEK)
            resident = lambda: int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())[1])
            assert resident() < 60_000, resident()
            answer = b""
            parts = []
            while more := one.recv(1 << 20):
                parts.append(more)
            assert right(answer.join(parts), data)


def test_nobody_listening_breaks_the_connection_off_and_says_so(alice):
    with forwarding("0:server:8000") as ([places], process):
        with socket.create_connection(places[0], timeout=30) as one:
            with pytest.raises(ConnectionResetError):
                one.recv(1)
        _, errors = finish(process)
    assert "server 127.0.0.1:8000: " in errors.decode() and "refused" in errors.decode()


def test_a_broken_connection_is_broken_on_the_other_side(alice):
    listener = alice.open(netns="server", kind="stream")
    listener.bind(("127.0.0.1", 8000))
    listener.listen()
    listener.settimeout(30)
    with forwarding("0:server:8000") as ([places], _):
        one = socket.create_connection(places[0], timeout=30)
        accepted, _ = listener.accept()
        accepted.settimeout(30)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()
        with pytest.raises(ConnectionResetError):
            accepted.recv(1)
        accepted.close()
    listener.close()


def test_forward_udp(alice):
    with echoing("udp", "127.0.0.1", 5300), echoing("udp", "fd00::1", 5301):
        with forwarding("0:server:5300/udp", "0:server:[fd00::1]:5301/udp") as (places, _):
            for place in [*places[0], *places[1]]:
                peers = [
                    socket.socket(socket.AF_INET6 if ":" in place[0] else socket.AF_INET, socket.SOCK_DGRAM)
                    for _ in range(5)]
                for number, peer in enumerate(peers):
                    peer.settimeout(30)
                    peer.sendto(f"hello {number}".encode(), place)
                for number, peer in enumerate(peers):
                    data, sender = peer.recvfrom(100)
                    assert (data, sender[:2]) == (f"HELLO {number}".encode(), place)
                    peer.close()


def test_forward_out_of_a_namespace(alice):
    with echoing("tcp", "127.0.0.1", 8000, None), echoing("udp", "127.0.0.1", 5300, None):
        words = ["--reverse", "client:0:8000", "--reverse", "client:10.0.0.2:0:localhost:8000", "--reverse",
                 "client:0:5300/udp"]
        with forwarding(*words) as (places, _):
            for netns, place in (("client", places[0][0]), ("client", places[0][1]), ("server", places[1][0])):
                family = "inet6" if ":" in place[0] else "inet"
                one = alice.open(netns=netns, kind="stream", family=family)
                one.settimeout(30)
                one.connect(place)
                one.sendall(b"hello")
                one.shutdown(socket.SHUT_WR)
                answer = b""
                while more := one.recv(65536):
                    answer += more
                assert right(answer, b"hello")
                one.close()
            one = alice.open(netns="client", kind="datagram")
            one.settimeout(30)
            one.sendto(b"hello", places[2][0])
            assert one.recv(100) == b"HELLO"
            one.close()


def test_forward_refuses(alice):
    def refused(*words, uid=ALICE):
        code, errors = control(uid, "forward", *words, ok=False)
        return code, errors

    assert refused("8080:nowhere:80")[0] == 1
    code, errors = refused("0:server:80", uid=BOB)
    assert code == 1 and 'no network namespace "server"' in errors
    for words in (["8080"], ["server:80"], ["8080:server:99999"], []):
        assert refused(*words)[0] == 2
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    code, errors = refused(f"{taken.getsockname()[1]}:server:80")
    assert code == 1 and "in use" in errors
    taken.close()


def test_forwarding_outlives_the_agents_connection(alice):
    with echoing("tcp", "127.0.0.1", 8000), forwarding("0:server:8000") as ([places], process):
        assert right(exchange(places[0], b"one"), b"one")
        cut_unix_sockets(process)
        assert right(exchange(places[0], b"two"), b"two")


def cut_unix_sockets(process):
    """Shuts the forwarder's connection to the agent down from outside (pidfd_getfd(2))."""
    pidfd = os.pidfd_open(process.pid)
    cut = 0
    for entry in os.listdir(f"/proc/{process.pid}/fd"):
        with contextlib.suppress(OSError):  # one that it has closed by now
            if os.readlink(f"/proc/{process.pid}/fd/{entry}").startswith("socket:"):
                one = socket.socket(fileno=libc.syscall(438, pidfd, int(entry), 0))
                if one.family == socket.AF_UNIX:
                    one.shutdown(socket.SHUT_RDWR)
                    cut += 1
                one.close()
    os.close(pidfd)
    assert cut == 1
