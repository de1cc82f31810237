# Sockets that the agent passes, and what netnsctl does with them: capture and forward.
#
# The file has its own world: a network and a mount namespace, a /run, accounts, an agent. Nothing of it is the host's,
# and the process is back where it was when the last test is over.

import contextlib
import ctypes
import hashlib
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest

BINARIES = pathlib.Path(
    os.environ.get("NETNSD_BIN") or pathlib.Path(__file__).resolve().parents[2] / ".build/debug").resolve()
HOME = pathlib.Path("/run/packets")
SOCKET = f"{HOME}/socket"
ALICE, BOB = 59801, 59802
POLICY = """\
version: 1
defaults:
  requests-per-second: unlimited
  connections: 128
users:
  slow-bob: {requests-per-second: 50}
"""
# One that every user may run.
PYTHON = "/usr/bin/python3"
CLONE_NEWNS, CLONE_NEWNET = 0x20000, 0x40000000  # unshare(2)
libc = ctypes.CDLL(None, use_errno=True)


def run(*words, **options):
    done = subprocess.run(words, capture_output=True, timeout=60, **options)
    assert done.returncode == 0, f"{words}: {done.stderr.decode()}"
    return done.stdout


def eventually(what, message, seconds=20):
    deadline = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < deadline, message
        time.sleep(0.01)
    return value


class Client:
    """A connection to the agent, made by a user: the kernel takes the identity at connect(2)."""

    def __init__(self, uid):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with identity(uid):
            self.socket.connect(SOCKET)
        self.socket.settimeout(30)
        self.bytes = b""
        self.descriptors = []

    def line(self, method, **params):
        """The line that answers, as it is."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        fds = params.pop("fds", [])
        socket.send_fds(self.socket, [json.dumps(request).encode() + b"\n"], fds)
        while b"\n" not in self.bytes:
            more, self.descriptors, _, _ = socket.recv_fds(self.socket, 65536, 16)
            assert more, "the agent closed the connection"
            self.bytes += more
        line, self.bytes = self.bytes.split(b"\n", 1)
        return line

    def call(self, method, **params):
        answer = json.loads(self.line(method, **params))
        assert "result" in answer, answer
        return answer["result"]

    def reason(self, method, **params):
        return json.loads(self.line(method, **params))["error"]["data"]["reason"]

    def open(self, **params):
        assert self.call("socket.open", **params) == {"socketFileDescriptor": 0}
        [descriptor] = self.descriptors
        return socket.socket(fileno=descriptor)

    def used(self, resource="namespaces"):
        found = self.call("quota.get")["resources"]
        return next(entry["used"] for entry in found if entry["resource"] == resource)

    def close(self):
        self.socket.close()


@contextlib.contextmanager
def identity(uid):
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(uid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def start(uid, *words, **options):
    """netnsctl, as a user with no capability."""
    command = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--inh-caps=-all"] if uid else []
    environment = {"PATH": f"{HOME}/bin:/usr/bin:/bin:/usr/sbin:/sbin", "NETNSD_SOCKET": SOCKET, "TERM": "dumb", "TZ": "UTC"}
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([*command, f"{HOME}/bin/netnsctl", *words], env=environment, cwd="/", **options)


def control(uid, *words, ok=True):
    process = start(uid, *words)
    output, errors = process.communicate(timeout=60)
    assert not ok or process.returncode == 0, errors.decode()
    return output.decode() if ok else (process.returncode, errors.decode())


@pytest.fixture(scope="module")
def world():
    was = [os.open(f"/proc/self/ns/{kind}", os.O_RDONLY) for kind in ("mnt", "net")]
    directory = os.getcwd()
    assert libc.unshare(CLONE_NEWNS | CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
    agent = None
    try:
        run("mount", "--make-rprivate", "/")
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
        run("ip", "link", "set", "lo", "up")
        (HOME / "bin").mkdir(parents=True)
        run("mount", "--bind", str(BINARIES), str(HOME / "bin"))
        for file, line in (("passwd", "{0}:x:{1}:{1}::/:/bin/sh\n"), ("group", "{0}:x:{1}:\n")):
            text = pathlib.Path(f"/etc/{file}").read_text()
            people = {"packets-alice": ALICE, "packets-bob": BOB}
            (HOME / file).write_text(text + "".join(line.format(*person) for person in people.items()))
            run("mount", "--bind", str(HOME / file), f"/etc/{file}")
        (HOME / "policy.yaml").write_text(POLICY.replace("slow-bob", "packets-bob"))
        with open(HOME / "log", "w") as log:
            agent = subprocess.Popen(
                [f"{HOME}/bin/netnsd", "--socket", SOCKET, "--config", f"{HOME}/policy.yaml", "--state-directory",
                 f"{HOME}/state"], stderr=log, stdin=subprocess.DEVNULL, cwd="/")
        eventually(lambda: agent.poll() is not None or os.path.exists(SOCKET), "the agent does not serve")
        assert agent.poll() is None, (HOME / "log").read_text()
        (HOME / "tmp").mkdir()
        (HOME / "tmp").chmod(0o1777)
        yield agent
    finally:
        if agent:
            agent.terminate()
            agent.wait(20)
        for descriptor, kind in zip(was, (CLONE_NEWNS, CLONE_NEWNET)):
            assert libc.setns(descriptor, kind) == 0
            os.close(descriptor)
        os.chdir(directory)


@pytest.fixture
def alice(world):
    """alice's connection, and two namespaces with a cable: client 10.0.0.2 and server 10.0.0.1."""
    client = Client(ALICE)
    for name in ("server", "client"):
        client.call("netns.add", name=name)
        # No duplicate address detection: an address is good at once.
        client.call("sysctl.set", netns=name, values=[
            {"key": f"net.ipv6.conf.{which}.accept_dad", "value": "0"} for which in ("all", "default")])
    client.call(
        "link.add", netns="server", kind="veth", ifname="eth0", up=True, addresses=["10.0.0.1/24", "fd00::1/64"],
        peer={"netns": "client", "ifname": "eth0", "up": True, "addresses": ["10.0.0.2/24", "fd00::2/64"]})
    yield client
    take_down(client)


def take_down(client):
    for namespace in client.call("netns.list"):
        if namespace["state"] == "live":
            client.call("netns.delete", name=namespace["name"], kill=True)
    eventually(lambda: client.used() == 0, "namespaces are still charged")
    held = [os.readlink(f"/proc/{agent_pid()}/fd/{fd}") for fd in os.listdir(f"/proc/{agent_pid()}/fd")]
    assert not [link for link in held if link.startswith("net:")], held
    client.close()


def agent_pid():
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            if words[0].decode() == f"{HOME}/bin/netnsd":
                return process.name


@contextlib.contextmanager
def running(uid, *words, **options):
    process = start(uid, *words, **options)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)


def ping(uid=ALICE, count=2, to="10.0.0.1"):
    control(uid, "exec", "client", "--", "ping", "-n", "-c", str(count), "-i", "0.2", "-W", "10", to)


# MARK: socket.open


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
    lambda s: s.bind(("10.0.0.1", 80)),
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


# MARK: capture


def blocks(data):
    """The blocks of a pcapng section, checked: type and body."""
    found, offset = [], 0
    while offset < len(data):
        kind, length = struct.unpack_from("<II", data, offset)
        assert length % 4 == 0 and length >= 12 and offset + length <= len(data), (offset, kind, length)
        assert struct.unpack_from("<I", data, offset + length - 4)[0] == length
        found.append((kind, data[offset + 8:offset + length - 4]))
        offset += length
    assert found[0][0] == 0x0A0D0D0A and found[0][1][:8] == bytes.fromhex("4d3c2b1a01000000")
    return found


def read_back(data, *options):
    """What tcpdump makes of it."""
    done = subprocess.run(["tcpdump", "-n", "-t", *options, "-r", "-"], input=data, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


needs_tcpdump = pytest.mark.skipif(not shutil.which("tcpdump"), reason="tcpdump is not installed")


def capturing(*words, **options):
    """netnsctl capture, once it captures."""
    return running(ALICE, "capture", *words, **options)


def wait_for_packet_socket(netns, process=None):
    """Until a packet socket in the namespace receives (proc(5): a line in its /proc/net/packet, with a protocol), or
    the process has got enough already: the kernel itself sends now and then."""
    def found():
        if process and process.poll() is not None:
            return True
        text = control(ALICE, "exec", netns, "--", "cat", "/proc/net/packet")
        return any(line.split()[3] == "0003" for line in text.splitlines()[1:])
    eventually(found, "nothing captures")


def finish(process, number=signal.SIGINT):
    process.send_signal(number)
    return process.communicate(timeout=30)


@needs_tcpdump
def test_capture_sees_a_ping_both_ways(alice):
    with capturing("server/eth0") as process:
        wait_for_packet_socket("server")
        ping()
        output, errors = finish(process)
    assert process.returncode == 0
    text = read_back(output)
    assert "IP 10.0.0.2 > 10.0.0.1: ICMP echo request" in text
    assert "IP 10.0.0.1 > 10.0.0.2: ICMP echo reply" in text
    found = blocks(output)
    kinds = [kind for kind, _ in found]
    assert kinds[:2] == [0x0A0D0D0A, 1] and kinds[-1] == 5 and set(kinds[2:-1]) == {6}
    assert b"eth0" in found[1][1]
    # epb_flags: both directions are there.
    ways = {struct.unpack("<I", body[-8:-4])[0] & 3 for kind, body in found if kind == 6}
    assert ways == {1, 2}
    # Times: within a minute of now, in nanoseconds.
    high, low = struct.unpack_from("<II", found[2][1], 4)
    assert abs((high << 32 | low) / 1e9 - time.time()) < 60
    captured = sum(kind == 6 for kind in kinds)
    assert f"{captured} packets captured, 0 dropped" in errors.decode()


@needs_tcpdump
def test_capture_of_all_links_to_a_file(alice):
    path = f"{HOME}/tmp/all.pcapng"
    with capturing("client", "-w", path) as process:
        wait_for_packet_socket("client")
        ping()
        ping(to="127.0.0.1")
        output, _ = finish(process, signal.SIGTERM)
    assert (process.returncode, output) == (0, b"")
    data = pathlib.Path(path).read_bytes()
    assert os.stat(path).st_uid == ALICE
    names = {name for kind, body in blocks(data) if kind == 1 for name in (b"eth0", b"lo") if name in body}
    assert names == {b"eth0", b"lo"}
    text = read_back(data)
    assert "10.0.0.2 > 10.0.0.1: ICMP echo request" in text
    # Each packet of the loopback once.
    assert len(re.findall(r"127.0.0.1 > 127.0.0.1: ICMP echo request.*seq 1,", text)) == 1


@needs_tcpdump
def test_capture_with_a_filter_a_count_and_a_length(alice):
    with capturing("server/eth0", "-c", "2", "-s", "60", "icmp[0]", "==", "8") as process:
        wait_for_packet_socket("server")
        ping(count=3)
        output, errors = process.communicate(timeout=30)
    assert process.returncode == 0 and "2 packets captured" in errors.decode()
    packets = [body for kind, body in blocks(output) if kind == 6]
    assert [struct.unpack_from("<II", body, 12) for body in packets] == [(60, 98)] * 2
    text = read_back(output)
    assert text.count("echo request") == 2 and "reply" not in text


def test_capture_in_lines_and_in_json(alice):
    with capturing("server/eth0", "--lines", "-c", "2", "-w", f"{HOME}/tmp/both.pcapng") as process:
        wait_for_packet_socket("server", process)
        ping()
        lines = process.communicate(timeout=30)[0].decode().splitlines()
    assert len(lines) == 2 and re.match(r"\d\d:\d\d:\d\d\.\d{6} eth0 (in |out) ", lines[0]), lines
    assert sum(kind == 6 for kind, _ in blocks(pathlib.Path(f"{HOME}/tmp/both.pcapng").read_bytes())) == 2
    with capturing("server", "--json") as process:
        wait_for_packet_socket("server")
        ping()
        ping(to="fd00::1")
        output = finish(process)[0]
    found = [json.loads(line) for line in output.splitlines()]
    request = next(one for one in found if one["protocol"] == "ICMP" and one["info"].startswith("echo request"))
    assert (request["src"], request["dst"], request["direction"], request["ifname"], request["length"]) == (
        "10.0.0.2", "10.0.0.1", "in", "eth0", 98)
    assert any(one["protocol"] == "ICMPv6" and one["dst"] == "fd00::1" for one in found)


def test_capture_on_a_terminal_prints_lines(alice):
    near, far = os.openpty()
    with capturing("server/eth0", "-c", "1", stdout=far) as process:
        wait_for_packet_socket("server", process)
        ping()
        process.wait(30)
    os.close(far)
    assert b" eth0 " in os.read(near, 4096)
    os.close(near)


def test_capture_refuses(alice):
    def refused(*words):
        code, errors = control(ALICE, "capture", *words, ok=False)
        assert code != 0 and errors.startswith("netnsctl: "), (code, errors)
        return errors

    assert 'no network namespace "nowhere"' in refused("nowhere")
    assert "eth7" in refused("server/eth7")
    assert "syntax error" in refused("server/eth0", "no", "such", "filter") or not shutil.which("tcpdump")
    code, errors = control(BOB, "capture", "server/eth0", ok=False)
    assert code == 1 and 'no network namespace "server"' in errors


def test_capture_says_what_is_missing_to_compile_a_filter(alice):
    # A mount namespace where no program is installed.
    script = f"""
        mount -t tmpfs tmpfs /usr/local && mount -t tmpfs tmpfs /usr/sbin && mount -t tmpfs tmpfs /usr/bin
        exec {HOME}/bin/netnsctl capture packets-alice:server icmp"""
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script],
        env={"NETNSD_SOCKET": SOCKET, "PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "apt install tcpdump" in done.stderr, done


def test_capture_ends_when_its_link_or_its_reader_is_gone(alice):
    with capturing("server/eth0", "-w", f"{HOME}/tmp/gone.pcapng") as process:
        wait_for_packet_socket("server")
        alice.call("link.delete", netns="server", dev="eth0")
        errors = process.communicate(timeout=30)[1].decode()
    assert process.returncode == 0 and "eth0 is gone" in errors
    with capturing("server/lo") as process:
        wait_for_packet_socket("server")
        process.stdout.close()
        process.wait(30)


@needs_tcpdump
def test_a_vlan_tag_is_put_back(alice):
    with capturing("server/eth0", "-c", "1", "-w", f"{HOME}/tmp/tag.pcapng", "ether", "proto", "0x88b5") as process:
        wait_for_packet_socket("server")
        sender = alice.open(netns="client", kind="packet", dev="eth0")
        index = next(link["ifindex"] for link in alice.call("link.list", netns=["client"]) if link["ifname"] == "eth0")
        frame = bytes.fromhex("ffffffffffff020000000009" "81002064" "88b5") + b"hello" * 10
        address = struct.pack("=HHiHBB8s", socket.AF_PACKET, 0x88B5, index, 0, 0, 6, b"\xff" * 6)
        libc.sendto(sender.fileno(), frame, len(frame), 0, address, len(address))
        process.communicate(timeout=30)
        sender.close()
    packet = next(body for kind, body in blocks(pathlib.Path(f"{HOME}/tmp/tag.pcapng").read_bytes()) if kind == 6)
    assert struct.unpack_from("<II", packet, 12) == (len(frame), len(frame))
    assert packet[20:20 + len(frame)] == frame


# MARK: forward

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
