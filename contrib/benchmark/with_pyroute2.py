"""Does with pyroute2 what it is told on standard input, `WORK PREFIX FIRST COUNT`, and answers with seconds for each."""

import json
import sys
import time

from pyroute2 import NetNS, netns


def make(prefix, number):
    netns.create(f"{prefix}{number}")
    with NetNS(f"{prefix}{number}") as inside:
        inside.link("set", index=1, state="up")


def wire(prefix, number):
    name = f"{prefix}{number}"
    netns.create(name)
    with NetNS(name) as inside:
        inside.link("set", index=1, state="up")
        hub.link("add", ifname=f"v{number}", kind="veth", peer={"ifname": "eth0", "net_ns_fd": name})
        end = hub.link_lookup(ifname=f"v{number}")[0]
        hub.link("set", index=end, master=bridge, state="up")
        near = inside.link_lookup(ifname="eth0")[0]
        inside.link("set", index=near, state="up")
        inside.addr("add", index=near, address=f"10.{number // 256 % 256}.{number % 256}.2", prefixlen=8)
        inside.route("add", dst="default", gateway="10.0.0.1")


def delete(prefix, number):
    netns.remove(f"{prefix}{number}")


def address(prefix, number):
    with NetNS(f"{prefix}box") as inside:
        inside.addr("add", index=1, address=f"10.202.{number // 256 % 256}.{number % 256}", prefixlen=32)


def list_links(prefix, number):
    with NetNS(f"{prefix}box") as inside:
        list(inside.get_links())


works = {"make": make, "wire": wire, "delete": delete, "address": address, "list": list_links}
hub = bridge = None
for line in sys.stdin:
    work, prefix, first, count = line.split()
    if hub is None:
        hub = NetNS(f"{prefix}hub")
        bridge = hub.link_lookup(ifname="br0")[0]
    took = []
    for number in range(int(first), int(first) + int(count)):
        began = time.monotonic()
        works[work](prefix, number)
        took.append(time.monotonic() - began)
    print(json.dumps(took), flush=True)
if hub is not None:
    hub.close()
