# addr.*, route.*, rule.*, neigh.*, sysctl.*: for IPv4 and IPv6 alike, compared with what `ip` shows root.

import json

import pytest

from world import *

FAMILIES = {
    "inet": {"a": "10.0.0.1", "b": "10.0.0.2", "c": "10.0.0.3", "length": 24, "net": "10.9.0.0/16", "far": "10.9.1.1",
             "most": 32, "other": "192.0.2.0/24", "flag": "-4"},
    "inet6": {"a": "2001:db8::1", "b": "2001:db8::2", "c": "2001:db8::3", "length": 64, "net": "2001:db8:9::/48",
              "far": "2001:db8:9::1", "most": 128, "other": "2001:db8:ff::/64", "flag": "-6"},
}


@pytest.fixture
def n(alice):
    """A namespace with a veth pair, both ends up."""
    alice.call("netns.add", name="n")
    alice.call("link.add", netns="n", kind="veth", ifname="v", up=True, peer={"ifname": "w", "up": True})
    return "n"


@pytest.fixture(params=FAMILIES)
def f(request):
    return {"family": request.param, **FAMILIES[request.param]}


def addresses(family, dev="v"):
    return [a for a in ip("n", "addr", "show", dev)[0]["addr_info"]
            if a["family"] == family and a["scope"] != "link"]


def same(ours, theirs):
    """Equal where keys coincide."""
    assert len(ours) == len(theirs), (ours, theirs)
    for mine, other in zip(ours, theirs):
        shared = set(mine) & set(other)
        assert shared and {k: mine[k] for k in shared} == {k: other[k] for k in shared}


def test_addresses_come_and_go(agent, alice, n, f):
    local = f"{f['a']}/{f['length']}"
    alice.call("addr.add", netns=n, dev="v", local=local)
    shown = addresses(f["family"])
    assert (shown[0]["local"], shown[0]["prefixlen"]) == (f["a"], f["length"])
    ours = alice.call("addr.list", netns=[n], dev="v", family=f["family"])[0]
    ours["addr_info"] = [a for a in ours["addr_info"] if a["scope"] != "link"]
    shown = addresses(f["family"])
    for entry in ours["addr_info"] + shown:
        for passing in ("tentative", "dadfailed"):
            entry.pop(passing, None)
    same(ours["addr_info"], shown)
    assert alice.refused("addr.add", netns=n, dev="v", local=local).reason == "already-exists"
    alice.call("addr.replace", netns=n, dev="v", local=local, valid_life_time=1000, preferred_life_time=500)
    assert 0 < addresses(f["family"])[0]["valid_life_time"] <= 1000
    alice.call("addr.replace", netns=n, dev="v", local=f"{f['b']}/{f['length']}")
    assert {a["local"] for a in addresses(f["family"])} == {f["a"], f["b"]}
    second = f"{f['b']}/{f['length']}"
    alice.call("addr.delete", netns=n, dev="v", local=second)
    assert {a["local"] for a in addresses(f["family"])} == {f["a"]}
    assert alice.refused("addr.delete", netns=n, dev="v", local=second).reason == "not-found"
    alice.call("addr.add", netns=n, dev="w", local=second)
    assert alice.call("addr.flush", netns=n, dev="w", local=f["b"]) == {"removed": 1}
    alice.call("addr.add", netns=n, dev="v", local=second)
    assert alice.call("addr.flush", netns=n, dev="v", family=f["family"], scope="global") == {"removed": 2}
    assert addresses(f["family"]) == []
    assert alice.refused("addr.add", netns=n, dev="none", local=local).reason == "not-found"


def test_what_an_address_can_have(agent, alice, n):
    alice.call("addr.add", netns=n, dev="v", local="10.0.0.1/24", broadcast="10.0.0.255", label="v:1", scope="link",
               metric=50, noprefixroute=True)
    shown = ip(n, "addr", "show", "v")[0]["addr_info"][0]
    assert (shown["broadcast"], shown["label"], shown["scope"], shown["metric"], shown["noprefixroute"]) == (
        "10.0.0.255", "v:1", "link", 50, True)
    alice.call("addr.add", netns=n, dev="w", local="10.1.0.1/32", peer="10.1.0.2")
    shown = ip(n, "addr", "show", "w")[0]["addr_info"][0]
    assert (shown["local"], shown["address"], shown["prefixlen"]) == ("10.1.0.1", "10.1.0.2", 32)
    alice.call("addr.add", netns=n, dev="w", local="2001:db8::5/64", nodad=True)
    shown = [a for a in ip(n, "addr", "show", "w")[0]["addr_info"] if a["local"] == "2001:db8::5"][0]
    assert "tentative" not in shown
    ours = [a for l in alice.call("addr.list", netns=[n], dev="w") for a in l["addr_info"]
            if a["local"] in ("10.1.0.1", "2001:db8::5")]
    same(sorted(ours, key=lambda a: a["local"]),
         sorted((a for a in ip(n, "addr", "show", "w")[0]["addr_info"] if a["scope"] != "link"),
                key=lambda a: a["local"]))


@pytest.mark.parametrize("change, place", [
    ({"local": "10.0.0.1/33"}, "params.local"), ({"local": "10.0.0.1/-1"}, "params.local"),
    ({"local": "10.0.0.256/24"}, "params.local"), ({"local": "10.0.0/24"}, "params.local"),
    ({"local": "2001:db8::1/129"}, "params.local"), ({"local": "::g/64"}, "params.local"),
    ({"local": "10.0.0.1/24", "broadcast": "2001:db8::1"}, "params.broadcast"),
    ({"local": "2001:db8::1/64", "peer": "10.0.0.1"}, "params.peer"),
    ({"local": "2001:db8::1/64", "label": "v:1"}, "params.label"),
    ({"local": "10.0.0.1/24", "label": "v" * 16}, "params.label"),
    ({"local": "10.0.0.1/24", "metric": 1 << 32}, "params.metric"),
    ({"local": "10.0.0.1/24", "valid_life_time": 0}, "params.valid_life_time"),
    ({"local": "10.0.0.1/24", "valid_life_time": 10, "preferred_life_time": 11}, "params.preferred_life_time"),
])
def test_hostile_22_address_limits_are_ours_to_say(agent, alice, n, change, place):
    refusal = alice.refused("addr.add", netns=n, dev="v", **change)
    assert (refusal.reason, refusal.data["place"]) == ("invalid-params", place)


def routes(f, *words):
    """Without the kernel's own for the links' networks."""
    return [r for r in ip("n", f["flag"], "-d", "route", "show", *words) if r.get("protocol") != "kernel"]


def ours(alice, f, **filter):
    return [r for r in alice.call("route.list", netns=["n"], family=f["family"], **filter)
            if r["protocol"] != "kernel"]


def test_routes_come_and_go(agent, alice, n, f):
    alice.call("addr.add", netns=n, dev="v", local=f"{f['a']}/{f['length']}", **(
        {"nodad": True} if f["family"] == "inet6" else {}))
    alice.call("route.add", netns=n, dst=f["net"], gateway=f["b"], metric=7)
    same(ours(alice, f), routes(f))
    assert routes(f)[0]["gateway"] == f["b"]
    assert alice.refused("route.add", netns=n, dst=f["net"], gateway=f["b"], metric=7).reason == "already-exists"
    got = alice.call("route.get", netns=n, dst=f["far"])
    theirs = ip(n, "route", "get", f["far"])[0]
    assert (got["gateway"], got["dev"]) == (theirs["gateway"], theirs["dev"]) == (f["b"], "v")
    alice.call("route.replace", netns=n, dst=f["net"], gateway=f["c"], metric=7)
    assert [r["gateway"] for r in routes(f)] == [f["c"]]
    alice.call("route.add", netns=n, dst="default", family=f["family"], gateway=f["b"])
    assert {r["dst"] for r in routes(f)} == {"default", f["net"]}
    alice.call("route.delete", netns=n, dst=f["net"], metric=7)
    assert {r["dst"] for r in routes(f)} == {"default"}
    assert alice.refused("route.delete", netns=n, dst=f["net"]).reason == "not-found"
    for kind in ("unreachable", "blackhole", "prohibit"):
        alice.call("route.add", netns=n, dst=f["other"], type=kind, table=100)
        shown = routes(f, "table", "100")
        assert shown[0]["type"] == kind
        mine = ours(alice, f, table=100)
        assert (mine[0]["type"], mine[0]["table"]) == (kind, "100")
        assert alice.call("route.flush", netns=n, family=f["family"], table=100) == {"removed": 1}
    assert routes(f, "table", "all", "type", "unicast")


def test_multipath_routes(agent, alice, n, f):
    alice.call("addr.add", netns=n, dev="v", local=f"{f['a']}/{f['length']}", **(
        {"nodad": True} if f["family"] == "inet6" else {}))
    alice.call("route.add", netns=n, dst=f["net"], nexthops=[
        {"gateway": f["b"], "dev": "v", "weight": 3}, {"gateway": f["c"], "dev": "v"}])
    hops = sorted((h["gateway"], h["weight"]) for h in routes(f)[0]["nexthops"])
    assert hops == [(f["b"], 3), (f["c"], 1)]
    mine = sorted((h["gateway"], h["weight"]) for h in ours(alice, f)[0]["nexthops"])
    assert mine == hops


def test_onlink_and_an_ipv6_gateway_for_ipv4(agent, alice, n):
    alice.call("addr.add", netns=n, dev="v", local="10.0.0.1/24")
    alice.call("addr.add", netns=n, dev="v", local="2001:db8::1/64", nodad=True)
    assert alice.refused("route.add", netns=n, dst="10.8.0.0/16", gateway="192.0.2.1", dev="v").reason in (
        "kernel", "not-found")
    alice.call("route.add", netns=n, dst="10.8.0.0/16", gateway="192.0.2.1", dev="v", onlink=True, prefsrc="10.0.0.1",
               mtu=1300)
    shown = ip(n, "route", "show", "10.8.0.0/16")[0]
    assert "onlink" in shown["flags"] and shown["prefsrc"] == "10.0.0.1" and shown["metrics"] == [{"mtu": 1300}]
    alice.call("route.add", netns=n, dst="10.7.0.0/16", gateway="2001:db8::2", dev="v")
    shown = ip(n, "route", "show", "10.7.0.0/16")[0]
    assert shown["via"] == {"family": "inet6", "host": "2001:db8::2"}
    mine = [r for r in alice.call("route.list", netns=[n], dst="10.7.0.0/16")][0]
    assert mine["via"] == shown["via"]


def test_nobody_calls_a_route_the_kernels(agent, alice, n):
    assert alice.refused("route.add", netns=n, dst="10.8.0.0/16", dev="v", protocol="kernel").reason == "invalid-params"
    assert agent.used(ALICE)["routes"] == 0


@pytest.mark.parametrize("change, place", [
    ({"dst": "10.0.0.0/33", "dev": "v"}, "params.dst"), ({"dst": "nonsense", "dev": "v"}, "params.dst"),
    ({"dst": "10.8.0.0/16", "metric": -1}, "params.metric"),
    ({"dst": "10.8.0.0/16", "metric": 1 << 32}, "params.metric"),
    ({"dst": "10.8.0.0/16", "table": 0}, "params.table"), ({"dst": "10.8.0.0/16", "table": 1 << 32}, "params.table"),
    ({"dst": "10.8.0.0/16", "mtu": 10}, "params.mtu"),
    ({"dst": "2001:db8::/32", "gateway": "10.0.0.1"}, "params.gateway"),
    ({"dst": "10.8.0.0/16", "nexthops": []}, "params.nexthops"),
    ({"dst": "10.8.0.0/16", "nexthops": [{"dev": "v"}], "dev": "v"}, "params.nexthops"),
    ({"dst": "10.8.0.0/16", "nexthops": [{"dev": "v", "weight": 257}]}, "params.nexthops[0].weight"),
    ({"dst": "10.8.0.0/16", "nexthops": [{"dev": "v"}] * 65}, "params.nexthops"),
])
def test_hostile_22_route_limits_are_ours_to_say(agent, alice, n, change, place):
    refusal = alice.refused("route.add", netns=n, **change)
    assert refusal.reason == "invalid-params" and refusal.data["place"].startswith(place), refusal


def test_rules_come_and_go(agent, alice, n, f):
    before = ip(n, f["flag"], "rule")
    alice.call("rule.add", netns=n, family=f["family"], priority=100, src=f["net"], table=100)
    alice.call("rule.add", netns=n, family=f["family"], priority=101, fwmark=5, fwmask=255, table="main")
    alice.call("rule.add", netns=n, family=f["family"], priority=102, iif="v", action="blackhole")
    shown = ip(n, f["flag"], "rule")
    assert {r["priority"] for r in shown} == {r["priority"] for r in before} | {100, 101, 102}
    mine = alice.call("rule.list", netns=[n], family=f["family"])
    by_priority = {r["priority"]: r for r in mine}
    for theirs in shown:
        own = by_priority[theirs["priority"]]
        shared = set(own) & set(theirs)
        assert {k: own[k] for k in shared} == {k: theirs[k] for k in shared}
    alice.call("rule.delete", netns=n, family=f["family"], priority=100, src=f["net"], table=100)
    assert alice.refused(
        "rule.delete", netns=n, family=f["family"], priority=100, src=f["net"], table=100).reason == "not-found"
    assert alice.call("rule.flush", netns=n, family=f["family"], priority=101) == {"removed": 1}
    alice.call("rule.delete", netns=n, family=f["family"], priority=102, iif="v", action="blackhole")
    assert ip(n, f["flag"], "rule") == before


def test_neighbours_come_and_go(agent, alice, n, f):
    mac = "02:00:00:00:00:07"
    alice.call("neigh.add", netns=n, dst=f["b"], dev="v", lladdr=mac)
    shown = [e for e in ip(n, f["flag"], "neigh") if e["dst"] == f["b"]]
    assert (shown[0]["lladdr"], shown[0]["state"]) == (mac, ["PERMANENT"])
    same([e for e in alice.call("neigh.list", netns=[n], family=f["family"], state="PERMANENT")], shown)
    assert alice.refused("neigh.add", netns=n, dst=f["b"], dev="v", lladdr=mac).reason == "already-exists"
    alice.call("neigh.replace", netns=n, dst=f["b"], dev="v", lladdr="02:00:00:00:00:08")
    assert [e["lladdr"] for e in ip(n, f["flag"], "neigh") if e["dst"] == f["b"]] == ["02:00:00:00:00:08"]
    alice.call("neigh.add", netns=n, dst=f["c"], dev="v", proxy=True)
    assert [e["dst"] for e in ip(n, f["flag"], "neigh", "show", "proxy")] == [f["c"]]
    alice.call("neigh.delete", netns=n, dst=f["c"], dev="v", proxy=True)
    alice.call("neigh.delete", netns=n, dst=f["b"], dev="v")
    assert alice.refused("neigh.delete", netns=n, dst=f["far"], dev="v").reason == "not-found"
    alice.call("neigh.add", netns=n, dst=f["b"], dev="v", lladdr=mac)
    assert alice.call("neigh.flush", netns=n, dev="v", family=f["family"], state="PERMANENT") == {"removed": 1}


def test_neighbours_are_looked_up_and_changed(agent, alice, n, f):
    spec = {"netns": n, "dst": f["b"], "dev": "v"}
    assert alice.refused("neigh.get", **spec).reason == "not-found"
    assert alice.refused("neigh.change", lladdr="02:00:00:00:00:07", **spec).reason == "not-found"
    alice.call("neigh.add", lladdr="02:00:00:00:00:07", **spec)
    alice.call("neigh.change", lladdr="02:00:00:00:00:08", **spec)
    assert alice.call("neigh.get", **spec) == {
        "dst": f["b"], "dev": "v", "lladdr": "02:00:00:00:00:08", "state": ["PERMANENT"]}
    inside = alice.call("neigh.list", netns=[n], network=f"{f['a']}/{f['length']}", statistics=True)
    assert [e["dst"] for e in inside] == [f["b"]] and "probes" in inside[0]
    assert alice.call("neigh.list", netns=[n], network=f["net"]) == []


def test_nexthops_come_and_go(agent, alice, n, f):
    alice.call("addr.add", netns=n, dev="v", local=f"{f['a']}/{f['length']}", nodad=True)
    alice.call("nexthop.add", netns=n, id=5, gateway=f["b"], dev="v")
    assert alice.refused("nexthop.add", netns=n, id=5, gateway=f["b"], dev="v").reason == "already-exists"
    alice.call("nexthop.add", netns=n, id=6, group=[{"id": 5, "weight": 3}])
    alice.call("route.add", netns=n, dst=f["net"], nhid=5)
    same(alice.call("nexthop.list", netns=[n]), ip(n, "nexthop"))
    assert [r["nhid"] for r in ip(n, f["flag"], "route", "show", f["net"])] == [5]
    alice.call("nexthop.replace", netns=n, id=5, gateway=f["c"], dev="v")
    assert ip(n, f["flag"], "route", "show", f["net"])[0]["gateway"] == f["c"]
    assert alice.refused("nexthop.add", netns=n, id=7, gateway=f["b"], dev="v", protocol="kernel").reason == "invalid-params"
    assert alice.refused("nexthop.add", netns=n, id=0, blackhole=True).reason == "invalid-params"
    assert alice.refused("route.add", netns=n, dst=f["other"], nhid=5, dev="v").reason == "invalid-params"
    alice.call("nexthop.delete", netns=n, id=6)
    assert alice.refused("nexthop.delete", netns=n, id=6).reason == "not-found"
    assert alice.call("nexthop.flush", netns=n, dev="v") == {"removed": 1}
    assert ip(n, f["flag"], "route", "show", f["net"]) == []


def used(client, resource):
    return next(e["used"] for e in client.call("quota.get")["resources"] if e["resource"] == resource)


def test_nexthops_count_as_routes(agent, alice, n):
    before = used(alice, "routes")
    for number in range(1, 4):
        alice.call("nexthop.add", netns=n, id=number, blackhole=True)
    assert used(alice, "routes") == before + 3


def test_routes_stand_before_and_behind_others(agent, alice, n):
    alice.call("addr.add", netns=n, dev="v", local="10.0.0.1/24")
    for method, gateway in (("add", "10.0.0.2"), ("append", "10.0.0.3"), ("prepend", "10.0.0.4")):
        alice.call(f"route.{method}", netns=n, dst="10.9.0.0/16", gateway=gateway)
    assert [r["gateway"] for r in ip(n, "route", "show", "10.9.0.0/16")] == ["10.0.0.4", "10.0.0.2", "10.0.0.3"]
    alice.call("route.change", netns=n, dst="10.9.0.0/16", gateway="10.0.0.5", tos=0)
    assert ip(n, "route", "show", "10.9.0.0/16")[0]["gateway"] == "10.0.0.5"
    assert alice.refused("route.change", netns=n, dst="10.8.0.0/16", gateway="10.0.0.5").reason == "not-found"
    alice.call("route.add", netns=n, dst="10.8.0.0/16", gateway="10.0.0.2",
               metrics={"mtu": 1400, "rtt": 100, "locked": ["mtu"]})
    assert ip(n, "route", "show", "10.8.0.0/16")[0]["metrics"] == [{"mtu": 1400, "rtt": 100}]
    assert alice.call("route.flush", netns=n, root="10.8.0.0/15") == {"removed": 4}


def test_groups_are_joined_and_left(agent, alice, n):
    group = {"netns": n, "dev": "v", "address": "33:33:00:00:00:77"}
    alice.call("maddr.add", **group)
    shown = {e.get("link"): e for e in ip(n, "maddress", "show", "dev", "v")[0]["maddr"]}
    assert shown["33:33:00:00:00:77"]["features"] == "static"
    ours = alice.call("maddr.list", netns=[n], dev="v", family="link")[0]["maddr"]
    assert [e["link"] for e in ours if e["static"]] == ["33:33:00:00:00:77"]
    before = used(alice, "addresses")
    alice.call("maddr.delete", **group)
    assert used(alice, "addresses") == before - 1, "it counts as an address"
    assert alice.refused("maddr.delete", **group).reason == "not-found"
    assert alice.refused("maddr.add", **{**group, "dev": "none"}).reason == "not-found"
    assert alice.refused("maddr.add", **{**group, "address": "33:33"}).reason == "invalid-params"


def test_others_namespaces_stay_closed(agent, alice, bob, n):
    for method, params in (
            ("nexthop.add", {"id": 1, "blackhole": True}), ("nexthop.flush", {}), ("nexthop.delete", {"id": 1}),
            ("maddr.add", {"dev": "v", "address": "33:33:00:00:00:77"}), ("route.append", {"dst": "10.0.0.0/8", "dev": "v"}),
            ("neigh.get", {"dst": "10.0.0.2", "dev": "v"}), ("netns.set", {"name": n})):
        assert bob.refused(method, netns=n, **params).reason == "not-found", method
    bob.call("netns.add", name="mine")
    assert bob.refused("netns.set", netns="mine", name=n).reason == "not-found"
    assert bob.refused("nexthop.list", netns=[n]).reason == bob.refused("maddr.list", netns=[n]).reason == "not-found"


# sysctl

def test_sysctl_is_read_and_written(agent, alice, n):
    def value(key, name=n):
        return run("ip", "netns", "exec", pin(name), "sysctl", "-n", key).strip()

    assert alice.call("sysctl.set", netns=n, values=[{"key": "net.ipv4.ip_forward", "value": "1"}]) == [
        {"key": "net.ipv4.ip_forward", "value": "1"}]
    assert value("net.ipv4.ip_forward") == "1"
    got = alice.call("sysctl.get", netns=n, keys=["net/ipv6/conf/v/forwarding"])
    assert got[0]["key"] == "net.ipv6.conf.v.forwarding"
    # A name with a dot, in either spelling.
    alice.call("link.set", netns=n, dev="w", name="eth0.100")
    for number, key in enumerate((
            "net.ipv4.conf.eth0.100.rp_filter", "net/ipv4/conf/eth0.100/rp_filter",
            "net.ipv4.conf.eth0/100.rp_filter")):
        alice.call("sysctl.set", netns=n, values=[{"key": key, "value": str(number % 3)}])
        assert value("net/ipv4/conf/eth0.100/rp_filter") == str(number % 3)
    # One that fails takes the others back.
    refusal = alice.refused("sysctl.set", netns=n, values=[
        {"key": "net.ipv4.ip_forward", "value": "0"}, {"key": "net.ipv4.conf.none.forwarding", "value": "1"}])
    assert refusal.reason == "not-found" and value("net.ipv4.ip_forward") == "1"
    refusal = alice.refused("sysctl.set", netns=n, values=[
        {"key": "net.ipv4.ip_forward", "value": "0"}, {"key": "net.ipv4.ip_default_ttl", "value": "nonsense"}])
    assert refusal.reason == "invalid-params" and value("net.ipv4.ip_forward") == "1"


def test_sysctl_lists_what_the_kernel_has_and_policy_allows(agent, alice, n):
    def keys(**params):
        return alice.call("sysctl.list", netns=n, **params)

    real = run("ip", "netns", "exec", pin(n), "sysctl", "net.ipv4.conf.v").splitlines()
    listed = keys(under="net/ipv4/conf/v", values=True)
    assert [f"{each['key']} = {each['value']}" for each in listed["keys"]] == real and listed["levels"] == []
    assert keys(under="net.ipv4.ip_forward", values=True)["keys"] == [{"key": "net.ipv4.ip_forward", "value": "0"}]
    shallow = keys(under="net.ipv4", shallow=True)
    assert "net.ipv4.conf" in shallow["levels"] and "net.ipv4.route" not in shallow["levels"]
    assert {"key": "net.ipv4.ip_forward"} in shallow["keys"] and {"key": "net.ipv4.ip_early_demux"} not in shallow["keys"]
    assert set(keys(under="net", shallow=True)["levels"]) == {"net.ipv4", "net.ipv6"}
    assert len(keys()["keys"]) > len(real)
    for level in ("net.core", "net.ipv4.route", "net.core.somaxconn"):
        refusal = alice.refused("sysctl.list", netns=n, under=level)
        assert refusal.reason == "permission-denied" and "rule" in refusal.data
    assert alice.refused("sysctl.list", netns=n, under="net.ipv4.conf.none").reason == "not-found"
    for level in ("net/../kernel", "kernel", "net/ipv4/..", "net.", "", "net.ipv4.conf.*/../../.."):
        assert alice.refused("sysctl.list", netns=n, under=level).reason in (
            "invalid-params", "not-found", "permission-denied"), level


def test_hostile_19_sysctl_does_not_list_links_with_names_that_no_key_has(agent, alice, n):
    run("ip", "-n", pin(n), "link", "set", "w", "name", "w\x01")
    run("ip", "-n", pin(n), "link", "set", "v", "name", "v\u00e9")
    listed = alice.call("sysctl.list", netns=n, under="net.ipv4.conf")["keys"]
    assert listed and all(each["key"].isascii() and each["key"].isprintable() for each in listed)
    levels = alice.call("sysctl.list", netns=n, under="net.ipv4.conf", shallow=True)["levels"]
    assert sorted(levels) == ["net.ipv4.conf.all", "net.ipv4.conf.default", "net.ipv4.conf.lo"]


def test_forwarding_entries_are_those_of_bridge(agent, alice, n):
    alice.call("link.add", netns=n, kind="bridge", ifname="br0", up=True)
    alice.call("link.set", netns=n, dev="v", master="br0")
    keys = ("mac", "ifname", "vlan", "flags", "master", "state")

    def common(entries):
        # What is learned comes by itself, perhaps between two looks.
        lasting = [entry for entry in entries if entry["state"]]
        return sorted(tuple(str(entry.get(key)) for key in keys) for entry in lasting)

    real = json.loads(run("ip", "netns", "exec", pin(n), "bridge", "-j", "fdb", "show"))
    assert common(alice.call("fdb.list", netns=[n])) == common(real) and real
    real = json.loads(run("ip", "netns", "exec", pin(n), "bridge", "-j", "fdb", "show", "dev", "v"))
    # bridge(8) does not say again what it was asked for.
    assert common(alice.call("fdb.list", netns=[n], dev="v")) == common([{**entry, "ifname": "v"} for entry in real])
    ports = alice.call("fdb.list", netns=[n], br="br0")
    assert {entry["master"] for entry in ports} == {"br0"} and "v" in {entry["ifname"] for entry in ports}
    assert alice.refused("fdb.list", netns=[n], dev="none").reason == "not-found"


@pytest.mark.parametrize("key", [
    "net/../kernel/core_pattern", "kernel.core_pattern", "net/ipv4/../../kernel/core_pattern", "/net/ipv4/ip_forward",
    "net//ipv4", "net.", "net", "", "net/ipv4/conf/../ip_forward", "net/ipv4/conf/./forwarding",
    "../net/ipv4/ip_forward", "net.ipv4.conf.*"])
def test_hostile_20_sysctl_keys_that_are_none(agent, alice, n, key):
    assert alice.refused("sysctl.get", netns=n, keys=[key]).reason in (
        "invalid-params", "permission-denied", "not-found"), key
    core = run("sysctl", "-n", "kernel.core_pattern")
    alice.refused("sysctl.set", netns=n, values=[{"key": key, "value": "pwned"}])
    assert run("sysctl", "-n", "kernel.core_pattern") == core


def test_hostile_20_sysctl_outside_the_policy(agent, alice, n, root):
    for key in ("net.core.somaxconn", "net.netfilter.nf_conntrack_max", "net.ipv4.tcpx", "net.ipv4.route.flush"):
        refusal = alice.refused("sysctl.get", netns=n, keys=[key])
        assert refusal.reason == "permission-denied" and "rule" in refusal.data
    # A directory is no key; the whole machine's are not written from a namespace.
    assert alice.refused("sysctl.get", netns=n, keys=["net.ipv4.conf.all"]).reason == "not-found"
