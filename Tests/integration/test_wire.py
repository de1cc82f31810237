# Lines that no client would send, descriptors that nobody asked for, clients that vanish or never read.

import ctypes
import json
import os
import select
import socket

import pytest

from people import Person
from wire import Closed
from world import *

LIMIT = 1 << 20


def line(method="agent.info", params="{}", id="1"):
    return f'{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}'.encode()


def fatal(client, data):
    """The one error that ends a connection."""
    client.socket.sendall(data)
    reply = json.loads(client.line())
    assert reply["id"] is None
    assert client.is_at_end(), "the connection stays open"
    return reply["error"]


def test_hostile_01_a_line_without_end(agent, alice, bob):
    before = agent.memory()
    chunk = b"x" * (1 << 16)
    sent = 0
    try:
        while sent < 64 * LIMIT:
            alice.socket.sendall(chunk)
            sent += len(chunk)
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert sent < 4 * LIMIT, "the agent goes on reading"
    error = json.loads(alice.line())["error"]
    assert error["data"]["reason"] == "parse-error" and str(LIMIT) in error["message"]
    assert alice.is_at_end()
    assert agent.memory() - before < 32 << 20
    assert bob.call("agent.info")["protocolVersion"] == 1


def test_hostile_01_the_longest_line_is_taken(agent, alice):
    short = line(params='{}')
    padding = b" " * (LIMIT - len(short))
    assert json.loads(alice.exchange(short + padding))["result"]["protocolVersion"] == 1
    assert fatal(alice, short + padding + b" \n")["data"]["reason"] == "parse-error"


def test_hostile_02_a_byte_now_and_then_does_not_put_the_deadline_off(agent, alice, bob):
    """30 s for the whole line: the one test that must wait out a time of the agent's."""
    alice.socket.sendall(b"{")
    deadline = time.monotonic() + 40
    while not alice.has_answer(1) and time.monotonic() < deadline:
        alice.socket.sendall(b" ")
    reply = json.loads(alice.line())
    assert reply["id"] is None and "30 s" in reply["error"]["message"]
    assert alice.is_at_end()
    assert bob.call("agent.info")


@pytest.mark.parametrize("text, place", [
    (b'{"jsonrpc":"2.0","id":1,"id":2,"method":"agent.info"}', "duplicate"),
    (b'{"jsonrpc":"2.0","id":1,"method":"netns.add","params":{"name":"a","name":"b"}}', "duplicate"),
    (b'{"jsonrpc":"2.0","id":1,"method":"agent.info",}', ""),
    (b'[1,2,]', ""),
    (b'\xef\xbb\xbf{"jsonrpc":"2.0","id":1,"method":"agent.info"}', ""),
    ('{"jsonrpc":"2.0","id":1,"method":"agent.info"}'.encode("utf-16"), ""),
    (b'{"jsonrpc":"2.0","id":1,"method":"netns.add","params":{"name":"\xff"}}', ""),
    (b'{"jsonrpc":"2.0","id":1,"method":"netns.add","params":{"name":"\xc0\xaf"}}', ""),
    (b'{"jsonrpc":"2.0","id":1,"method":"netns.add","params":{"name":"\xed\xa0\x80"}}', ""),
    (b'{"jsonrpc":"2.0","id":1,"method":"netns.add","params":{"name":"\\ud800"}}', ""),
    (b'{"jsonrpc":"2.0","id":1,"method":"netns.add","params":{"name":"a\\u0000b"}}', "NUL"),
    (b'{"jsonrpc":"2.0","id":1,"method":"netns.add","params":{"a\\u0000b":1}}', "NUL"),
    (b'{"jsonrpc":"2.0","id":1,"method":"netns.add","params":{"name":"a\x00b"}}', ""),
    (b'nonsense', ""), (b'', ""), (b'   ', ""), (b'{} {}', ""),
    (b'{"jsonrpc":"2.0","id":1,"method":"agent.info","params":{"x":NaN}}', ""),
])
def test_hostile_03_what_is_no_json_is_rejected_with_the_place(agent, alice, bob, text, place):
    error = fatal(alice, text + b"\n")
    assert error["code"] == -32700 and error["data"]["reason"] == "parse-error"
    assert "line 1, column" in error["message"] or place, error
    assert place.lower() in error["message"].lower(), error
    assert bob.call("agent.info") and pins() == []


@pytest.mark.parametrize("number", ["1.0", "1e2", "18446744073709551616", "9223372036854775808", "-1", "4294967296",
                                    "1.5", '"5"', "true", "[]", "1e400"])
def test_hostile_04_numbers_where_an_integer_is_wanted(agent, alice, number):
    params = f'{{"netns":"n","kind":"bridge","ifname":"b","txqlen":{number}}}'
    reply = json.loads(alice.exchange(line("link.add", params)))
    if reply["id"] is None:
        assert reply["error"]["data"]["reason"] == "parse-error"
        return
    error = reply["error"]
    assert error["data"]["reason"] == "invalid-params" and error["data"]["place"] == "params.txqlen", error


def test_hostile_04_the_range_is_named(agent, alice):
    refusal = alice.refused("link.add", netns="n", kind="bridge", ifname="b", mtu=1 << 40)
    assert "68" in refusal.message and "65535" in refusal.message


@pytest.mark.parametrize("depth", [33, 1000, 100_000])
@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_hostile_05_nesting(agent, alice, bob, depth, opening):
    assert fatal(alice, opening * depth + b"\n")["data"]["reason"] == "parse-error"
    assert bob.call("agent.info")


def test_hostile_06_unknown_methods_and_parameters(agent, alice):
    assert alice.refused("netns.explode", name="a").reason == "method-not-found"
    assert alice.refused("netns.addx", name="a").error["code"] == -32601
    refusal = alice.refused("netns.add", name="a", colour="red")
    assert (refusal.reason, refusal.data["place"]) == ("invalid-params", "params.colour")
    refusal = alice.refused("link.add", netns="n", kind="bridge", ifname="b", options={"no_such": 1})
    assert (refusal.reason, refusal.data["place"]) == ("invalid-params", "params.options.no_such")
    assert alice.refused("netns.add").data["place"] == "params.name"
    assert pins() == []


@pytest.mark.parametrize("text", [
    b'{"id":1,"method":"agent.info"}', b'{"jsonrpc":"1.0","id":1,"method":"agent.info"}', b'[]', b'1', b'"x"', b'null',
    b'{"jsonrpc":"2.0","method":"agent.info"}', b'{"jsonrpc":"2.0","id":null,"method":"agent.info"}',
    b'{"jsonrpc":"2.0","id":1.5,"method":"agent.info"}', b'{"jsonrpc":"2.0","id":1}',
    b'{"jsonrpc":"2.0","id":1,"method":"agent.info","extra":1}', b'[{"jsonrpc":"2.0","id":1,"method":"agent.info"}]'])
def test_hostile_06_json_that_is_no_request(agent, alice, text):
    assert json.loads(alice.exchange(text))["error"]["data"]["reason"] == "invalid-request"
    assert alice.call("agent.info"), "the connection goes on"


def test_hostile_07_ten_thousand_requests_and_no_reply_read(agent, alice, bob):
    before = agent.memory()
    request = line("quota.get") + b"\n"
    alice.socket.setblocking(False)
    sent = 0
    data = request * 10_000
    while sent < len(data):
        try:
            sent += alice.socket.send(data[sent:])
        except BlockingIOError:
            # Others are served, and the agent rests.
            assert bob.call("agent.info")
            if not eventually_writable(alice.socket):
                break
    assert sent < len(data), "the agent reads without bound"
    assert agent.memory() - before < 64 << 20
    spent = agent.processor_seconds()
    for _ in range(50):
        bob.call("agent.info")
    assert agent.processor_seconds() - spent < 2, "the loop spins"
    # Whoever reads at last gets every answer, in order.
    alice.socket.settimeout(20)
    whole = sent // len(request)
    for _ in range(whole):
        assert json.loads(alice.line())["id"] == 1


def eventually_writable(connected):
    """Whether the agent goes on reading within a second."""
    return bool(select.select([], [connected], [], 1)[1])


def test_pipelined_replies_come_in_order(agent, alice):
    ids = [alice.send("agent.info") for _ in range(500)]
    for id in ids:
        alice.result(id)


def test_hostile_08_the_client_vanishes_in_mid_request(agent):
    for turn in range(20):
        client = agent.connect(ALICE)
        client.send("netns.add", name="gone")
        client.send("link.add", netns="gone", kind="veth", ifname="v", peer={"ifname": "w"})
        client.send("netns.delete", name="gone")
        agent.close(client)
    agent.settle()
    # What was under way is finished; what was not begun is not.
    checker = agent.connect(ALICE)
    assert {n["name"] for n in checker.call("netns.list") if n["state"] == "live"} <= {"gone"}


def test_hostile_08_half_a_line_and_gone(agent):
    for part in (b"{", b'{"jsonrpc":"2.0","id":1,"method":"netns.add","params":{"name":"half"}}'):
        client = agent.connect(ALICE)
        client.socket.sendall(part)
        agent.close(client)
    agent.settle()
    assert pins() == []


def test_a_client_that_closes_its_writing_half_gets_its_answers(agent, alice):
    ids = [alice.send("agent.info") for _ in range(10)]
    alice.socket.shutdown(socket.SHUT_WR)
    for id in ids:
        alice.result(id)
    assert alice.is_at_end()


# Descriptors

def test_hostile_09_on_a_method_that_takes_none(agent, alice):
    with open("/dev/null") as null:
        assert alice.refused("agent.info", fds=[null.fileno()]).reason in ("invalid-request", "invalid-params")
        assert alice.refused("netns.add", fds=[null.fileno()] * 16, name="a").reason in (
            "invalid-request", "invalid-params")
    assert pins() == [] and alice.call("agent.info")


def test_hostile_09_too_many(agent, alice):
    with open("/dev/null") as null:
        alice.send("agent.info", fds=[null.fileno()] * 64)
        try:
            error = json.loads(alice.line())["error"]
            assert error["data"]["reason"] == "invalid-request"
        except (Closed, ConnectionResetError):
            pass
        assert alice.is_at_end()


def test_hostile_09_indices(agent, alice):
    alice.call("netns.add", name="n")
    with open("/proc/self/ns/net") as here, open("/dev/null") as null:
        bridge = {"kind": "bridge", "ifname": "b"}
        for index, fds in ((1, [here]), (-1, [here]), (16, [here]), (0, []), (0, [here, null])):
            refusal = alice.refused("link.add", fds=[f.fileno() for f in fds], netnsFileDescriptor=index, **bridge)
            assert refusal.reason in ("invalid-params", "invalid-request"), (index, refusal)
        exec = {"netns": "n", "argv": ["true"], "environment": [], "stdoutFileDescriptor": 1, "stderrFileDescriptor": 2,
                "workingDirectoryFileDescriptor": 3}
        refusal = alice.refused("netns.exec", fds=[null.fileno()] * 4, stdinFileDescriptor=1, **exec)
        assert refusal.reason in ("invalid-params", "invalid-request")
    assert pins() == [pin("n")]


def test_hostile_09_what_is_no_namespace(agent, alice, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    opened = [
        os.open("/proc/self/ns/net", os.O_PATH), os.open(fifo, os.O_RDONLY | os.O_NONBLOCK), os.open("/", os.O_RDONLY),
        os.open("/dev/null", os.O_RDWR), os.open("/proc/self/ns/mnt", os.O_RDONLY), os.open("/dev/zero", os.O_RDONLY),
        socket.socket().detach(), os.open("/proc/self/ns/user", os.O_RDONLY)]
    for descriptor in opened:
        refusal = alice.refused(
            "link.add", fds=[descriptor], netnsFileDescriptor=0, kind="bridge", ifname="b")
        assert refusal.reason == "invalid-params", refusal
        os.close(descriptor)
    assert pins() == []


def test_hostile_10_a_descriptor_whose_close_blocks(agent, alice, bob):
    """A TCP socket that lingers with unsent data holds close(2) up; the loop goes on."""
    listening = socket.create_server(("127.0.0.1", 0))
    sender = socket.create_connection(listening.getsockname())
    receiver, _ = listening.accept()
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\x05\0\0\0")
    sender.setblocking(False)
    try:
        while True:
            sender.send(b"x" * 65536)
    except BlockingIOError:
        pass
    alice.send("agent.info", fds=[sender.fileno()])
    sender.close()  # the agent's is the last one now
    alice.reply()
    began = time.monotonic()
    for _ in range(20):
        bob.call("agent.info")
    assert time.monotonic() - began < 3, "the loop waits for close(2)"
    receiver.close()
    listening.close()


# Who asks

@pytest.mark.parametrize("claim", ["uid", "gid", "pid", "user", "owner", "groups", "credentials"])
def test_hostile_11_nothing_in_a_message_says_who_asks(agent, alice, claim):
    for method, params in (("netns.add", {"name": "a"}), ("netns.list", {}), ("agent.info", {})):
        refusal = alice.refused(method, **params, **{claim: 0})
        assert (refusal.reason, refusal.data["place"]) == ("invalid-params", f"params.{claim}")
    assert pins() == []


def test_hostile_11_the_kernel_says_it(agent, alice, bob, root):
    assert alice.call("agent.info")["user"] == ALICE
    assert alice.call("agent.info")["uid"] == agent.people[ALICE].uid
    assert bob.call("agent.info")["user"] == BOB
    assert root.call("agent.info")["uid"] == 0


def test_hostile_13_a_user_namespace_of_ones_own_changes_nothing(agent, alice):
    def enter():
        if ctypes.CDLL(None, use_errno=True).unshare(0x10000000):  # CLONE_NEWUSER
            raise OSError(ctypes.get_errno(), "unshare")

    alice.call("netns.add", name="mine")
    inside = Person(ALICE, first=enter)
    try:
        client = agent.connect(inside)
    except RuntimeError as problem:
        pytest.skip(f"this host has no user namespaces for users: {problem}")
    assert client.call("agent.info")["uid"] == agent.people[ALICE].uid
    assert [n["name"] for n in client.call("netns.list")] == ["mine"]
    assert client.refused("netns.add", name="mine").reason == "already-exists"
    inside.end()


# Subscribers

def test_hostile_48_a_subscriber_that_never_reads(agent, alice):
    lazy = agent.connect(ALICE)
    lazy.call("event.subscribe")
    alice.call("netns.add", name="n")
    alice.call("link.add", netns="n", kind="veth", ifname="v", peer={"ifname": "w"})
    before = agent.memory()

    def churn():
        for mtu in range(1000, 1040):
            alice.call("link.set", netns="n", dev="v", mtu=mtu)
        return "does not read" in agent.log()

    eventually(churn, seconds=60, message="the subscriber is never cut off")
    assert agent.memory() - before < 64 << 20
    # It is disconnected though it never reads, so that it holds nothing.
    agent.clients.remove(lazy)
    eventually(lambda: agent.connections_held() == 1, seconds=20, message="it stays connected")
    # What it was sent ends with a mark, if it was sent whole.
    text = b""
    while more := lazy.socket.recv(1 << 16):
        text += more
    assert b'"method":"event"' in text
    lazy.close()
