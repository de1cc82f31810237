"""Whole processes, from fork to exit: netnsctl against ip, as people and scripts start them."""

from table import Samples, duration, show
from world import BIN, agent, ask_all, load, run as run_program, seconds, settle


def each(count, arguments, user=None):
    return seconds(run_program([BIN / "each", count, *arguments], user))


def run(options, goals):
    rounds, count, existing = (2, 5, 50) if options.brief else (options.rounds, 20, 1000)
    cases = {
        "ip netns add": (None, ["ip", "netns", "add", "root-@"]),
        "netnsctl add": ("alice", ["netnsctl", "add", "made-@"]),
        "ip netns exec X true": (None, ["ip", "netns", "exec", "root", "true"]),
        "netnsctl exec X -- true": ("alice", ["netnsctl", "exec", "box", "--", "true"]),
        "ip netns list": (None, ["ip", "netns", "list"]),
        "netnsctl list -q": ("alice", ["netnsctl", "list", "-q"]),
        "completion of all names": ("alice", ["netnsctl", "--complete", "bash", "netnsctl", "delete", ""]),
        "completion of one name": ("alice", ["netnsctl", "--complete", "bash", "netnsctl", "delete", "there99"]),
        "true": (None, ["true"]),
    }
    samples = {name: Samples() for name in cases}
    with agent():
        ask_all("netns.add", [{"name": f"alice:there{number}"} for number in range(existing)])
        load(['netns.add {"name":"box"}'], 1)
        run_program(["ip", "netns", "add", "root"])
        for turn in range(rounds + 1):
            for name, (user, arguments) in cases.items():
                settle()
                took = each(count, arguments, user)
                if turn > 0:  # the first is not measured
                    samples[name].add(took)
            run_program(["ip", "-batch", "-"], text_in="".join(f"netns del root-{n}\n" for n in range(count)))
            load(['netns.delete {"name":"made-@"}'], count)
        run_program(["ip", "netns", "del", "root"])
    nothing = samples["true"].median
    show(f"Commands, from fork to exit ({existing} namespaces there)", ["", "each", "of true", "spread"],
         [[name, duration(sample.median), f"{sample.median / nothing:.1f}", f"±{sample.spread:.0%}"]
          for name, sample in samples.items()])
    goals.at_most("netnsctl add against ip netns add", 1.0, samples["netnsctl add"].median / samples["ip netns add"].median)
    goals.at_most("netnsctl exec against ip netns exec", 1.5,
                  samples["netnsctl exec X -- true"].median / samples["ip netns exec X true"].median)
    goals.at_most(f"completion at {existing} namespaces, ms", 5, samples["completion of all names"].median * 1e3)
    return {name: sample.as_json() for name, sample in samples.items()}
