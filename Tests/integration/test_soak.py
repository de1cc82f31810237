# A long time of mixed operations by two users: afterwards the agent holds what it held before, and no more memory.
#
# NETNSD_SOAK is how many operations there are, 20000 if it is not set.

import os
import random

from test_programs import execute
from wire import Refused
from world import *

OPERATIONS = int(os.environ.get("NETNSD_SOAK", 20_000))
PIPELINED = 50
EXPECTED = {"already-exists", "not-found", "quota-exceeded", "kernel", "busy", "invalid-params"}


class Soaker:
    """One user's random requests about a few names, so that they meet. Every refusal is one that names must bring."""

    def __init__(self, agent, user, seed):
        self.client, self.dice = agent.connect(user), random.Random(seed)
        self.done = 0

    def name(self):
        return f"s{self.dice.randrange(4)}"

    def link(self):
        return f"l{self.dice.randrange(4)}"

    def request(self):
        where, dice = {"netns": self.name()}, self.dice
        return dice.choice([
            lambda: ("netns.add", {"name": self.name()}), lambda: ("netns.add", {"name": self.name()}),
            lambda: ("netns.delete", {"name": self.name()}), lambda: ("netns.list", {}),
            lambda: ("link.add", {**where, "kind": "bridge", "ifname": self.link()}),
            lambda: ("link.add", {**where, "kind": "veth", "ifname": self.link(), "up": True, "peer": {
                "netns": self.name(), "ifname": self.link(), "addresses": [f"10.0.{dice.randrange(9)}.1/24"]}}),
            lambda: ("link.set", {**where, "dev": self.link(), "up": True}),
            lambda: ("link.set", {**where, "dev": self.link(), "moveTo": self.name()}),
            lambda: ("link.delete", {**where, "dev": self.link()}), lambda: ("link.list", {}),
            lambda: ("addr.add", {**where, "dev": self.link(), "local": f"10.1.{dice.randrange(9)}.1/24"}),
            lambda: ("addr.list", {}), lambda: ("route.list", {}), lambda: ("quota.get", {}),
            lambda: ("route.add", {**where, "dst": f"10.2.{dice.randrange(9)}.0/24", "dev": self.link()}),
            lambda: ("rule.add", {**where, "priority": dice.randrange(1, 9), "table": 10}),
            lambda: ("sysctl.set", {**where, "values": {"net.ipv4.ip_forward": dice.choice("01")}}),
            lambda: ("sysctl.get", {**where, "keys": ["net.ipv4.ip_forward"]}),
            lambda: ("netns.explode", {}),
        ])()

    def go_on(self):
        ids = [self.client.send(method, **params) for method, params in (self.request() for _ in range(PIPELINED))]
        for id in ids:
            try:
                self.client.result(id)
            except Refused as refusal:
                assert refusal.reason in EXPECTED | {"method-not-found"}, refusal
        self.done += len(ids)


def test_soak(fresh_agent):
    agent = fresh_agent()
    memory = None
    done = 0
    while done < OPERATIONS:
        soakers = [Soaker(agent, user, done + number) for number, user in enumerate((ALICE, BOB))]
        for _ in range(20):
            for soaker in soakers:
                soaker.go_on()
        # Programs cost a process each: a few.
        for user, soaker in zip((ALICE, BOB), soakers):
            soaker.client.call("netns.add", name="p")
            assert execute(soaker.client, ["true"], netns="p")[1]["exitCode"] == 0
        done += sum(soaker.done for soaker in soakers) + 4
        agent.take_down()
        agent.check_nothing_is_left()
        # The allocator has what it needs after a while; from then on it may need no more.
        if memory is None and done >= min(OPERATIONS // 2, 50_000):
            memory = agent.memory()
    assert memory is None or agent.memory() < memory + (8 << 20), (memory, agent.memory())
    print(f"{done} operations; {agent.memory() >> 10} KiB, of which {memory} bytes half way")
