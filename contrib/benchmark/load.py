"""Many clients, and a user's latency beside another who floods the agent."""

import signal
import subprocess
import time

from contestants import Socket
from table import Samples, duration, percentile, show
from world import BIN, SOCKET, agent, load, run as run_program, seconds, settle, start

# What alice asks for, one at a time: the kernel's part of it is small, so the wait shows.
ADDRESS = ['addr.add {"netns":"sbox","dev":"lo","local":"10.#.2/32"}', 'addr.delete {"netns":"sbox","dev":"lo","local":"10.#.2/32"}']
CHURN = ['netns.add {"name":"churn#"}', 'netns.delete {"name":"churn#"}']


def run(options, goals):
    return {
        "clients": clients(options),
        "floods": floods(options, goals),
        "idle and slow": idle_and_slow(options),
    }


def clients(options):
    """Throughput and latency with 1, 16 and 256 connections of one user, each with one request under way."""
    found = {}
    with agent():
        prepare()
        for count in (1, 16, 256):
            total = max(count, 100 if options.brief else 10_000)
            for name, requests in (("agent.info", ["agent.info {}"]), ("addr.add and addr.delete", ADDRESS)):
                result = load(requests, total, clients=count)
                each = [one / 1e9 for one in result["nanoseconds"]]
                found[f"{name}, {count}"] = {
                    "a second": result["operations"] * len(requests) / result["seconds"],
                    **{f"p{percent:g}": percentile(each, percent) for percent in (50, 99, 99.9)}}
        finish()
    show("Clients, each with one operation under way", ["", "requests/s", "p50", "p99", "p99.9"],
         [[name, f"{row['a second']:.0f}", *(duration(row[key]) for key in ("p50", "p99", "p99.9"))]
          for name, row in found.items()])
    return found


def prepare():
    Socket().prepare(10)


def finish():
    Socket().clean()


def flood(kind, count=1):
    return [BIN / "flood", SOCKET, kind, count]


def forever(requests, clients, depth):
    return [BIN / "load", SOCKET, clients, depth, 0, 0, *requests]


# By name: what bob runs, as many processes as are listed.
FLOODS = {
    "nobody": [],
    "requests": [forever(["agent.info {}"], 16, 64)],
    "lists": [forever(['link.list {}'], 16, 16)],
    "namespaces made and deleted": [forever(CHURN, 1, 16)],
    "connections": [flood("connections")],
    "unread replies": [flood("unread", 16)],
    "subscribers": [flood("subscribers", 16)],
    "big lines": [flood("big", 4)],
    "slow bytes": [flood("slow", 100)],
}


def policy(bob):
    """alice without limits; bob by `bob`."""
    keys = ("namespaces", "links", "addresses", "routes", "programs", "connections", "requests-per-second")
    unlimited = "{%s}" % ", ".join(f"{key}: unlimited" for key in keys)
    return f"version: 1\nusers:\n  alice: {unlimited}\n" + (f"  bob: {unlimited}\n" if bob == "without limits" else "")


def floods(options, goals):
    """Alice's latency beside each flood of bob's, by the built-in limits and without any; and the kernel's own, where a
    program of root's does to it what bob's requests come to."""
    count = 50 if options.brief else 2000
    rounds = 1 if options.brief else 3
    found = {}
    for limits in ("built-in limits", "without limits"):
        samples = {name: Samples() for name in FLOODS}
        memory = {}
        with agent(policy=policy(limits)) as running:
            prepare()
            for _ in range(rounds):
                for name, commands in FLOODS.items():
                    resident = running.resident_bytes()
                    others = begin(commands, "bob")
                    each = [one / 1e9 for one in load(ADDRESS, count)["nanoseconds"]]
                    memory[name] = max(memory.get(name, 0), running.resident_bytes() - resident)
                    end(others)
                    samples[name].add(each)
            finish()
        found[limits] = rows(samples, memory, f"alice beside bob, {limits}")
    found["the kernel alone"] = kernel_alone(count, rounds)
    kernel = found["the kernel alone"]
    allowed = kernel["namespaces made and deleted"]["p99"] / kernel["nobody"]["p99"]
    for limits in ("built-in limits", "without limits"):
        of = found[limits]
        for name in FLOODS:
            if name == "nobody":
                continue
            ratio = of[name]["p99"] / of["nobody"]["p99"]
            if name == "namespaces made and deleted":
                ratio /= max(1, allowed)
            goals.at_most(f"alice's p99 beside bob's {name}, {limits}, times hers alone", 3, ratio)
    return found


def begin(commands, user):
    processes = [start(command, user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for command in commands]
    if processes:
        time.sleep(0.3)  # the flood is to be at its height; nothing is decided by this time
    return processes


def end(processes):
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        process.wait(60)
    settle()


def rows(samples, memory, title):
    alone = samples["nobody"]
    show(title, ["", "p50", "p99", "p99 of hers alone", "memory grew by"],
         [[name, duration(one.percentile(50)), duration(one.percentile(99)),
           f"{one.percentile(99) / alone.percentile(99):.2f}", f"{memory[name] / 1e6:.1f} MB" if name in memory else ""]
          for name, one in samples.items()])
    return {name: {"p50": one.percentile(50), "p99": one.percentile(99), "grew": memory.get(name)}
            for name, one in samples.items()}


def kernel_alone(count, rounds):
    samples = {"nobody": Samples(), "namespaces made and deleted": Samples()}
    run_program(["ip", "netns", "add", "kernel-box"])
    churn = f"while :; do {BIN}/floor make churn- 0 16; {BIN}/floor delete churn- 0 16; done"
    for _ in range(rounds):
        for name, commands in (("nobody", []), ("namespaces made and deleted", [["sh", "-c", churn]])):
            others = begin(commands, None)
            run_program(["ip", "-n", "kernel-box", "addr", "flush", "dev", "lo"])
            samples[name].add(seconds(run_program([BIN / "floor", "address", "kernel-box", 0, count])))
            end(others)
            for left in range(16):
                run_program(["ip", "netns", "del", f"churn-{left}"], allow_failure=True)
    run_program(["ip", "netns", "del", "kernel-box"])
    return rows(samples, {}, "The same in the kernel alone: an address in a namespace, beside another program of root's")


def idle_and_slow(options):
    """Memory with 1,000 connections that say nothing and 100 that send a byte a second."""
    idle, slow = (50, 10) if options.brief else (1000, 100)
    found = {}
    with agent() as running:
        prepare()
        found["none"] = measure(running)
        others = begin([flood("idle", idle), flood("slow", slow)], "bob")
        while running.descriptor_count() < idle + slow:
            time.sleep(0.01)
        found[f"{idle} idle and {slow} slow"] = measure(running)
        end(others)
        finish()
    show("Connections that do nothing", ["", "resident", "p50 of an address", "p99"],
         [[name, f"{row['resident'] / 1e6:.1f} MB", duration(row["p50"]), duration(row["p99"])]
          for name, row in found.items()])
    return found


def measure(running):
    each = [one / 1e9 for one in load(ADDRESS, 500)["nanoseconds"]]
    return {"resident": running.resident_bytes(), "p50": percentile(each, 50), "p99": percentile(each, 99)}
