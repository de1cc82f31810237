"""The ways of doing the same work: the C floor, ip, pyroute2, and netnsd through its socket and its command.

A contestant has a method for each work it can do: make, wire, delete (numbers FIRST to FIRST+COUNT), address and list
(COUNT times, in a namespace that is there). Each gives seconds an operation: of each one, or one average of all.
Each makes its own namespaces, told apart by a prefix, and a hub with a bridge for them to be wired to.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from world import BIN, load, run, seconds, start


class Floor:
    """The system calls alone (floor.c)."""

    name = "floor"
    prefix = "floor-"

    def prepare(self, links):
        script = [f"netns add {self.prefix}hub", f"netns add {self.prefix}box"]
        run(["ip", "-batch", "-"], text_in="\n".join(script) + "\n")
        run(["ip", "-n", f"{self.prefix}hub", "-batch", "-"], text_in=HUB)
        run(["ip", "-n", f"{self.prefix}box", "-batch", "-"], text_in=box(links))

    def make(self, first, count):
        return seconds(run([BIN / "floor", "make", self.prefix, first, count]))

    def wire(self, first, count):
        return seconds(run([BIN / "floor", "wire", self.prefix, first, count]))

    def delete(self, first, count):
        return seconds(run([BIN / "floor", "delete", self.prefix, first, count]))

    def address(self, first, count):
        return seconds(run([BIN / "floor", "address", f"{self.prefix}box", first, count]))

    def list(self, first, count):
        return seconds(run([BIN / "floor", "list", f"{self.prefix}box", first, count]))

    def clean(self):
        run(["ip", "-batch", "-"], text_in=f"netns del {self.prefix}hub\nnetns del {self.prefix}box\n")


# A bridge with an address, which is the others' gateway.
HUB = "link set lo up\nlink add br0 type bridge\nlink set br0 up\naddr add 10.0.0.1/8 dev br0\n"


def box(links):
    """A namespace with so many links, lo among them."""
    lines = ["link set lo up"]
    for pair in range((links - 1) // 2):
        lines.append(f"link add a{pair} type veth peer name b{pair}")
    return "\n".join(lines) + "\n"


def timed(arguments, count, **options):
    """One average of what a program did `count` times."""
    began = time.monotonic()
    run(arguments, **options)
    return [(time.monotonic() - began) / count]


class IPScript(Floor):
    """A shell script with a command of ip's for each step, as people write them."""

    name = "ip script"
    prefix = "script-"

    def script(self, lines, first, count):
        body = "\n".join(lines).replace("PREFIX", self.prefix)
        return timed(["sh", "-ec", f"n={first}\nwhile [ $n -lt {first + count} ]; do\n{body}\nn=$((n + 1))\ndone"], count)

    MAKE = ["ip netns add PREFIX$n", "ip -n PREFIX$n link set lo up"]

    def make(self, first, count):
        return self.script(self.MAKE, first, count)

    def wire(self, first, count):
        return self.script(self.MAKE + [
            "ip -n PREFIXhub link add v$n type veth peer name eth0 netns PREFIX$n",
            "ip -n PREFIXhub link set v$n master br0 up",
            "ip -n PREFIX$n link set eth0 up",
            "ip -n PREFIX$n addr add 10.$((n / 256 % 256)).$((n % 256)).2/8 dev eth0",
            "ip -n PREFIX$n route add default via 10.0.0.1",
        ], first, count)

    def delete(self, first, count):
        return self.script(["ip netns del PREFIX$n"], first, count)

    def address(self, first, count):
        return self.script(["ip -n PREFIXbox addr add 10.200.$((n / 256 % 256)).$((n % 256))/32 dev lo"], first, count)

    def list(self, first, count):
        return self.script(["ip -n PREFIXbox -json link show >/dev/null"], first, count)


class IPBatch(Floor):
    """`ip -batch`: one process for what can be said to it; each namespace needs one of its own for the rest."""

    name = "ip -batch"
    prefix = "batch-"

    def make(self, first, count):
        names = [f"{self.prefix}{number}" for number in range(first, first + count)]
        began = time.monotonic()
        run(["ip", "-batch", "-"], text_in="".join(f"netns add {name}\n" for name in names))
        for name in names:
            run(["ip", "-n", name, "link", "set", "lo", "up"])
        return [(time.monotonic() - began) / count]

    def wire(self, first, count):
        names = [(number, f"{self.prefix}{number}") for number in range(first, first + count)]
        began = time.monotonic()
        run(["ip", "-batch", "-"], text_in="".join(f"netns add {name}\n" for _, name in names))
        run(["ip", "-n", f"{self.prefix}hub", "-batch", "-"], text_in="".join(
            f"link add v{number} type veth peer name eth0 netns {name}\nlink set v{number} master br0 up\n"
            for number, name in names))
        for number, name in names:
            run(["ip", "-n", name, "-batch", "-"], text_in=(
                f"link set lo up\nlink set eth0 up\naddr add 10.{number // 256 % 256}.{number % 256}.2/8 dev eth0\n"
                "route add default via 10.0.0.1\n"))
        return [(time.monotonic() - began) / count]

    def delete(self, first, count):
        return timed(["ip", "-batch", "-"], count, text_in="".join(
            f"netns del {self.prefix}{number}\n" for number in range(first, first + count)))

    def address(self, first, count):
        return timed(["ip", "-n", f"{self.prefix}box", "-batch", "-"], count, text_in="".join(
            f"addr add 10.201.{number // 256 % 256}.{number % 256}/32 dev lo\n" for number in range(first, first + count)))

    def list(self, first, count):
        return timed(["ip", "-n", f"{self.prefix}box", "-json", "-batch", "-"], count, text_in="link show\n" * count)


class PyRoute2(Floor):
    """pyroute2 in a process that stays (with_pyroute2.py); its start is not measured."""

    name = "pyroute2"
    prefix = "py-"

    def prepare(self, links):
        super().prepare(links)
        self.process = start(
            [sys.executable, Path(__file__).parent / "with_pyroute2.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, work, first, count):
        self.process.stdin.write(f"{work} {self.prefix} {first} {count}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit("with_pyroute2.py has ended")
        return json.loads(answer)

    def make(self, first, count):
        return self.ask("make", first, count)

    def wire(self, first, count):
        return self.ask("wire", first, count)

    def delete(self, first, count):
        return self.ask("delete", first, count)

    def address(self, first, count):
        return self.ask("address", first, count)

    def list(self, first, count):
        return self.ask("list", first, count)

    def clean(self):
        self.process.stdin.close()
        self.process.wait()
        super().clean()


class Socket:
    """netnsd through its socket, one request at a time."""

    name = "netnsd"
    prefix = "s"
    depth = 1

    def prepare(self, links):
        hub, name = self.prefix + "hub", self.prefix + "box"
        pairs = [f'link.add {{"netns":"{name}","kind":"veth","ifname":"a{pair}","peer":{{"ifname":"b{pair}"}}}}'
                 for pair in range((links - 1) // 2)]
        load([
            f'netns.add {{"name":"{hub}"}}', f'netns.add {{"name":"{name}"}}',
            f'link.add {{"netns":"{hub}","kind":"bridge","ifname":"br0","up":true,"addresses":["10.0.0.1/8"]}}',
            *pairs], 1)

    def ask(self, requests, first, count):
        found = load([request.replace("PREFIX", self.prefix) for request in requests], count, depth=self.depth, first=first)
        if self.depth > 1:
            return [found["seconds"] / count]  # latencies of what waits in line say nothing
        return [one / 1e9 for one in found["nanoseconds"]]

    WIRE = [
        'netns.add {"name":"PREFIX@"}',
        'link.add {"netns":"PREFIXhub","kind":"veth","ifname":"PREFIX@","up":true,"master":"br0",'
        '"peer":{"netns":"PREFIX@","ifname":"eth0","up":true,"addresses":["10.#.2/8"]}}',
        'route.add {"netns":"PREFIX@","dst":"default","gateway":"10.0.0.1"}',
    ]

    def make(self, first, count):
        return self.ask(self.WIRE[:1], first, count)

    def wire(self, first, count):
        return self.ask(self.WIRE, first, count)

    def delete(self, first, count):
        return self.ask(['netns.delete {"name":"PREFIX@"}'], first, count)

    def address(self, first, count):
        return self.ask(['addr.add {"netns":"PREFIXbox","dev":"lo","local":"10.#.2/32"}'], first, count)

    def list(self, first, count):
        return self.ask(['link.list {"netns":["PREFIXbox"]}'], first, count)

    def clean(self):
        load([f'netns.delete {{"name":"{self.prefix}hub"}}', f'netns.delete {{"name":"{self.prefix}box"}}'], 1)


class Pipelined(Socket):
    """netnsd through its socket, 32 operations under way on one connection."""

    name = "netnsd, pipelined"
    prefix = "p"
    depth = 32


class Netnsctl(Socket):
    """A process of netnsctl for each step, as alice."""

    name = "netnsctl"
    prefix = "c"

    def script(self, lines, first, count):
        body = "\n".join(lines).replace("PREFIX", self.prefix)
        return timed(["sh", "-ec", f"n={first}\nwhile [ $n -lt {first + count} ]; do\n{body}\nn=$((n + 1))\ndone"], count,
                     user="alice")

    MAKE = "netnsctl add PREFIX$n >/dev/null"

    def make(self, first, count):
        return self.script([self.MAKE], first, count)

    def wire(self, first, count):
        return self.script([
            self.MAKE,
            "netnsctl connect PREFIX$n/eth0 PREFIXhub/PREFIX$n --address 10.$((n / 256 % 256)).$((n % 256)).2/8"
            " --peer-master br0 >/dev/null",
            "netnsctl route add PREFIX$n default via 10.0.0.1",
        ], first, count)

    def delete(self, first, count):
        return self.script(["netnsctl delete PREFIX$n"], first, count)

    def address(self, first, count):
        return self.script(["netnsctl addr add PREFIXbox/lo 10.201.$((n / 256 % 256)).$((n % 256))/32"], first, count)

    def list(self, first, count):
        return self.script(["netnsctl link list PREFIXbox --json >/dev/null"], first, count)


ALL = [Floor, IPScript, IPBatch, PyRoute2, Socket, Pipelined, Netnsctl]
