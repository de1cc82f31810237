"""iperf3 through a veth of ours, one that root made with ip, and what people without either have."""

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager

from table import Samples, show
from world import agent, load, run as run_program, start

INSIDE = ["ip", "netns", "exec"]


def run(options, goals):
    if not shutil.which("iperf3"):
        raise SystemExit("network: there is no iperf3; install it")
    seconds, rounds = (1, 1) if options.brief else (3, options.rounds)
    with agent():
        ours()
        roots()
        ways = {"netnsd's veth": lambda: iperf("alice:a", "alice:b", "10.9.0.2", seconds),
                "ip's veth": lambda: iperf("root-a", "root-b", "10.9.0.2", seconds)}
        outside()
        for way in (pasta, slirp4netns):
            if not shutil.which(way.__name__):
                print(f"{way.__name__} is not installed and is left out")
            else:
                ways[way.__name__] = lambda way=way: way(seconds)
        samples = {name: Samples() for name in ways}
        for _ in range(rounds):
            for name, way in list(ways.items()):
                try:
                    # Seconds for each gigabit, so that less is better as everywhere.
                    samples[name].add([1 / (way() / 1e9)])
                except SystemExit as failure:
                    if name.endswith("veth"):
                        raise
                    print(f"{name} does not work here and is left out: {str(failure).strip().splitlines()[-1]}")
                    del ways[name], samples[name]
        run_program(["ip", "-batch", "-"], text_in="netns del root-a\nnetns del root-b\nnetns del root-c\n")
        load(['netns.delete {"name":"a"}', 'netns.delete {"name":"b"}'], 1)
    floor = samples["ip's veth"].median
    show("iperf3, one TCP stream", ["", "Gb/s", "of ip's veth", "spread"],
         [[name, f"{1 / one.median:.2f}", f"{floor / one.median:.2f}", f"±{one.spread:.0%}"] for name, one in samples.items()])
    goals.at_least("iperf3 through our veth, of root's", 0.98, floor / samples["netnsd's veth"].median)
    return {name: {"gigabits a second": 1 / one.median, "spread": one.spread} for name, one in samples.items()}


def ours():
    load(['netns.add {"name":"a"}', 'netns.add {"name":"b"}',
          'link.add {"netns":"a","kind":"veth","ifname":"eth0","up":true,"addresses":["10.9.0.1/24"],'
          '"peer":{"netns":"b","ifname":"eth0","up":true,"addresses":["10.9.0.2/24"]}}'], 1)


def roots():
    lines = ["netns add root-a", "netns add root-b", "link add eth0 netns root-a type veth peer name eth0 netns root-b"]
    run_program(["ip", "-batch", "-"], text_in="\n".join(lines) + "\n")
    for number, name in enumerate(("root-a", "root-b"), 1):
        run_program(["ip", "-n", name, "-batch", "-"],
                    text_in=f"link set lo up\nlink set eth0 up\naddr add 10.9.0.{number}/24 dev eth0\n")


def iperf(client, server, address, seconds):
    """Bits a second that arrived."""
    with serving(server):
        return ask([*INSIDE, client], address, seconds)


@contextmanager
def serving(namespace):
    """An iperf3 there for one test, once it listens."""
    process = start([*INSIDE, namespace, "iperf3", "--server", "--one-off"],
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not run_program([*INSIDE, namespace, "ss", "-Htln", "sport = 5201"]):
            time.sleep(0.01)
        yield
    finally:
        stop(process)


def ask(prefix, address, seconds, user=None):
    found = json.loads(run_program([*prefix, "iperf3", "--client", address, "--time", seconds, "--json"], user))
    return found["end"]["sum_received"]["bits_per_second"]


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.wait(30)


# What a user has without anybody's help: a namespace of their own and a process that carries packets for it. The server
# is where the sandbox's own network leads to, through a veth.
OUTSIDE = "10.9.1.2"


def outside():
    # On some machines the host's is root's alone. This one is seen in the sandbox only.
    run_program(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/dev/net"])
    run_program(["mknod", "-m", "666", "/dev/net/tun", "c", "10", "200"])
    run_program(["ip", "netns", "add", "root-c"])
    run_program(["ip", "-batch", "-"], text_in=(
        "link add way-out type veth peer name eth0 netns root-c\naddr add 10.9.1.1/24 dev way-out\nlink set way-out up\n"
        f"route add default via {OUTSIDE}\n"))
    run_program(["ip", "-n", "root-c", "-batch", "-"],
                text_in=f"link set lo up\nlink set eth0 up\naddr add {OUTSIDE}/24 dev eth0\n")


def pasta(seconds):
    with serving("root-c"):
        return ask(["timeout", seconds + 8, "pasta", "--config-net", "--ipv4-only", "--quiet", "--"], OUTSIDE, seconds, user="alice")


def slirp4netns(seconds):
    with serving("root-c"):
        holder = start(["unshare", "--user", "--map-root-user", "--net", "sleep", "infinity"], "alice")
        reading, writing = os.pipe()
        try:
            while os.readlink(f"/proc/{holder.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
                time.sleep(0.01)
            carrier = start(
                ["timeout", seconds + 30, "slirp4netns", "--configure", "--mtu=65520", f"--ready-fd={writing}", holder.pid, "tap0"], "alice",
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=[writing])
            os.close(writing)
            os.read(reading, 1)
            try:
                return ask(["timeout", seconds + 8, "nsenter", "--user", "--preserve-credentials", "--net", "--target", holder.pid], OUTSIDE,
                           seconds, user="alice")
            finally:
                stop(carrier)
        finally:
            os.close(reading)
            stop(holder)
