"""The works, each done by every contestant in turn, with few and with many namespaces there already."""

from contestants import ALL, Floor, IPScript, Pipelined, PyRoute2, Socket
from table import Samples, duration, show
from world import agent, ask_all, settle

WORKS = {
    "make": "make a namespace",
    "wire": "make a namespace and wire it: veth to a bridge, address, default route, up",
    "delete": "delete a wired namespace",
    "address": "give an interface an address",
    "list": "list the links of a namespace",
}
# Few enough that a round is short beside what else the machine does; slow ways are given less.
PER_ROUND = {"floor": 40, "netnsd": 40, "netnsd, pipelined": 40}
PER_ROUND_OF_PROCESSES = 10


def measure(contestants, rounds, first):
    """Rounds of all works, the contestants taking turns in each; gives samples by work and contestant."""
    samples = {work: {one.name: Samples() for one in contestants} for work in WORKS}
    for turn in range(rounds):
        # Another order in each round: what one leaves behind meets each of the others.
        order = contestants[turn % len(contestants):] + contestants[:turn % len(contestants)]
        for work, makes in (("make", False), ("wire", True), ("address", None), ("list", None)):
            for one in order:
                count = PER_ROUND.get(one.name, PER_ROUND_OF_PROCESSES)
                start = first + turn * count
                settle()
                samples[work][one.name].add(getattr(one, work)(start, count))
                if makes is None:
                    continue
                settle()
                deleted = one.delete(start, count)
                if makes:
                    samples["delete"][one.name].add(deleted)
    return samples


def rows_of(samples):
    floor = samples["floor"].median
    for name, sample in samples.items():
        yield [name, duration(sample.median), f"{sample.median / floor:.2f}", f"±{sample.spread:.0%}"]


def measure_with(existing, links, rounds):
    """The works with `existing` namespaces of alice's there, and so many links in the one that is listed."""
    with agent():
        for first in range(0, existing, 500):
            ask_all("netns.add", [{"name": f"alice:there{number}"} for number in range(first, min(existing, first + 500))])
        contestants = [kind() for kind in ALL]
        for one in contestants:
            one.prepare(links)
        # Not measured: what each does for the first time.
        measure(contestants, 1, first=20_000)
        samples = measure(contestants, rounds, first=0)
        for one in contestants:
            one.clean()
    for work, what in WORKS.items():
        show(f"{what} ({existing} others there" + (f", {links} links)" if work == "list" else ")"),
             ["", "each", "of floor", "spread"], rows_of(samples[work]))
    return samples


def run(options, goals):
    counts = [10] if options.brief else [50, 1000, 5000]
    rounds = 2 if options.brief else options.rounds
    found = {count: measure_with(count, 10, rounds) for count in counts}
    first = found[counts[0]]
    few, many = counts[0], counts[-1]

    def ratio(work, one, other, count=few):
        return found[count][work][one.name].median / found[count][work][other.name].median

    goals.at_least("wired a second, pipelined, of the floor's", 0.9, ratio("wire", Floor, Pipelined))
    goals.at_least("wired a second, pipelined, times an ip script's", 5, ratio("wire", IPScript, Pipelined))
    goals.at_least("wired a second, pipelined, times pyroute2's", 10, ratio("wire", PyRoute2, Pipelined))
    for work in ("make", "address", "list", "delete"):
        for percent, limit in ((50, 60), (99, 300)):
            share = first[work]["netnsd"].percentile(percent) - first[work]["floor"].percentile(percent)
            goals.at_most(f"the agent's own share of {work}, p{percent}, µs", limit, share * 1e6, f"{share * 1e6:.0f}")
    made = first["make"]["netnsd"].percentile(50)
    goals.at_most("netns.add, one at a time, ms", 0.2, made * 1e3)
    for work in WORKS if many != few else ():
        growth = ratio(work, Socket, Floor, many) / ratio(work, Socket, Floor, few)
        goals.at_most(f"{work} at {many} against {few}, of the floor's", 1.2, growth)
    return {
        str(count): {work: {name: sample.as_json() for name, sample in of_work.items()}
                     for work, of_work in samples.items()}
        for count, samples in found.items()}
