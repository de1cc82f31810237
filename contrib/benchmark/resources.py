"""What the agent holds and uses: memory, descriptors, bytes allocated and instructions for a request, a restart's time."""

import mmap
import re
import shutil
from pathlib import Path

from contestants import Socket
from table import duration, show
from world import BIN, SANDBOX, Agent, agent, ask_all, end_everything, load, run as run_program, settle


def run(options, goals):
    return {"at rest": at_rest(options, goals), "per request": per_request(options)}


def at_rest(options, goals):
    """An agent with nothing to do, the same with many namespaces, and the next one that takes them up."""
    many = 100 if options.brief else 5000
    running = Agent()
    try:
        rest = running.resident_bytes(), running.anonymous_bytes(), running.descriptor_count()
        for first in range(0, many, 500):
            ask_all("netns.add", [{"name": f"alice:there{number}"} for number in range(first, min(many, first + 500))])
        full = running.resident_bytes(), running.anonymous_bytes(), running.descriptor_count()
    finally:
        running.stop()
    running = Agent()
    try:
        restart = running.seconds_to_ready
        end_everything()
    finally:
        running.stop()
    each = (full[1] - rest[1]) / many
    descriptors = (full[2] - rest[2]) / many
    show(f"The agent at rest and with {many} namespaces", ["", "at rest", f"with {many}", "each"], [
        ["resident", megabytes(rest[0]), megabytes(full[0]), f"{(full[0] - rest[0]) / many:.0f} B"],
        ["of that anonymous", megabytes(rest[1]), megabytes(full[1]), f"{each:.0f} B"],
        ["descriptors", rest[2], full[2], f"{descriptors:.2f}"],
        ["start until ready", "", duration(restart), duration(restart / many)],
    ])
    goals.at_most("the agent at rest, MB", 10, rest[0] / 1e6)
    goals.at_most("memory a namespace, bytes", 2048, each, f"{each:.0f}")
    goals.at_most("descriptors a namespace", 2, descriptors)
    goals.at_most(f"restart with {many} namespaces, s", 2, restart)
    return {"resident": rest[0], "anonymous": rest[1], "descriptors": rest[2], "namespaces": many,
            "resident with them": full[0], "anonymous with them": full[1], "descriptors with them": full[2],
            "restart": restart}


def megabytes(count):
    return f"{count / 1e6:.1f} MB"


REQUESTS = {
    "agent.info": ["agent.info {}"],
    "addr.add": ['addr.add {"netns":"sbox","dev":"lo","local":"10.#.2/32"}'],
    "link.list": ['link.list {"netns":["sbox"]}'],
    "make, wire, delete": Socket.WIRE + ['netns.delete {"name":"PREFIX@"}'],
}


def per_request(options):
    """By counting allocator (allocations.c) and by callgrind: a long run less a short one, so that starting is not in it."""
    count = 20 if options.brief else 200
    rows = {name: {} for name in REQUESTS}
    counter = SANDBOX / "allocations"
    counter.write_bytes(bytes(16))
    environment = {"LD_PRELOAD": str(BIN / "allocations.so"), "ALLOCATIONS": str(counter)}
    with agent(environment=environment):
        one = Socket()
        one.prepare(10)
        for name, requests in REQUESTS.items():
            ask(requests, 20_000, 20)
            before = allocated(counter)
            ask(requests, 0, count)
            after = allocated(counter)
            rows[name]["bytes"] = (after[0] - before[0]) / count
            rows[name]["allocations"] = (after[1] - before[1]) / count
        one.clean()
    try:
        for name, requests in REQUESTS.items():
            short, long = instructions(requests, 10), instructions(requests, 10 + count // 2)
            rows[name]["instructions"] = (long - short) / (count // 2)
    except SystemExit:
        print("\nInstructions are not counted: this valgrind cannot run the agent (before 3.22 it knows no openat2).")
    show("A request in the agent", ["", "allocated", "allocations", "instructions"],
         [[name, f"{row['bytes']:.0f} B", f"{row['allocations']:.0f}", f"{row['instructions']:.0f}" if "instructions" in row else "—"]
          for name, row in rows.items()])
    return rows


def ask(requests, first, count):
    settle()
    load([request.replace("PREFIX", Socket.prefix) for request in requests], count, first=first)


def allocated(counter):
    """Bytes and calls, as the allocator has counted them so far."""
    with counter.open("rb") as file, mmap.mmap(file.fileno(), 16, prot=mmap.PROT_READ) as page:
        return int.from_bytes(page[:8], "little"), int.from_bytes(page[8:16], "little")


def instructions(requests, count):
    """All an agent's instructions, from its start to its end, with so many operations."""
    out = SANDBOX / "callgrind.out"
    # Without its debugging information, which valgrind does not understand.
    stripped = SANDBOX / "stripped"
    stripped.mkdir(exist_ok=True)
    run_program(["strip", "-o", stripped / "netnsd", BIN / "netnsd"])
    shutil.copy(BIN / "netnsd-spawn", stripped)
    command = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}", stripped / "netnsd"]
    with agent(command=command):
        one = Socket()
        one.prepare(10)
        ask(requests, 0, count)
        one.clean()
    totals = re.findall(r"^(?:summary|totals):\s+(\d+)", Path(out).read_text(), re.MULTILINE)
    return int(totals[-1])
