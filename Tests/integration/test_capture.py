# netnsctl capture: packets of a namespace, to a file or to look at.

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import time
import pytest

from packets_world import *


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
