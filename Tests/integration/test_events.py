# event.subscribe, and what the agent says of itself.

import pathlib

import pytest

from world import *


@pytest.fixture
def n(alice):
    alice.call("netns.add", name="n")
    alice.call("link.add", netns="n", kind="veth", ifname="v", up=True, peer={"ifname": "w", "up": True})
    return "n"


def hear(client, action, subject, wanted=lambda event: True):
    return client.notification(
        lambda m: m["method"] == "event" and (m["params"]["action"], m["params"].get("subject")) == (action, subject)
        and wanted(m["params"]))["params"]


def test_every_kind_of_change_is_heard_in_both_directions(agent, alice, n):
    ear = agent.connect(ALICE)
    ear.call("event.subscribe")
    alice.call("link.add", netns=n, kind="bridge", ifname="br")
    event = hear(ear, "added", "link", lambda e: e["link"]["ifname"] == "br")
    assert event["netns"] == n and event["link"]["linkinfo"]["info_kind"] == "bridge"
    for local in ("10.0.0.1/24", "2001:db8::1/64"):
        alice.call("addr.add", netns=n, dev="v", local=local)
        event = hear(ear, "added", "address", lambda e: e["address"]["local"] == local.split("/")[0])
        assert event["address"]["dev"] == "v", "links that were there before have names too"
    for dst, gateway in (("10.5.0.0/16", "10.0.0.2"), ("2001:db8:5::/48", "2001:db8::2")):
        alice.call("route.add", netns=n, dst=dst, gateway=gateway)
        assert hear(ear, "added", "route", lambda e: e["route"]["dst"] == dst)["route"]["gateway"] == gateway
        alice.call("route.delete", netns=n, dst=dst)
        hear(ear, "deleted", "route", lambda e: e["route"]["dst"] == dst)
    alice.call("rule.add", netns=n, priority=55, table=10)
    hear(ear, "added", "rule", lambda e: e["rule"]["priority"] == 55)
    alice.call("rule.delete", netns=n, priority=55, table=10)
    hear(ear, "deleted", "rule", lambda e: e["rule"]["priority"] == 55)
    alice.call("neigh.add", netns=n, dev="v", dst="10.0.0.9", lladdr="02:00:00:00:00:09")
    event = hear(ear, "added", "neighbour", lambda e: e["neighbour"]["dst"] == "10.0.0.9")
    assert event["neighbour"]["lladdr"] == "02:00:00:00:00:09"
    alice.call("addr.delete", netns=n, dev="v", local="10.0.0.1/24")
    hear(ear, "deleted", "address", lambda e: e["address"]["local"] == "10.0.0.1")
    alice.call("link.delete", netns=n, dev="br")
    hear(ear, "deleted", "link", lambda e: e["link"]["ifname"] == "br")
    alice.call("netns.add", name="later")
    hear(ear, "added", "netns", lambda e: e["netns"] == "later")
    alice.call("netns.delete", name="later")
    hear(ear, "deleted", "netns", lambda e: e["netns"] == "later")


def test_further_subjects_are_told_to_those_who_name_them(agent, alice, n):
    ear, plain = agent.connect(ALICE), agent.connect(ALICE)
    ear.call("event.subscribe", netns=[n], subjects=["nexthop", "netconf", "nsid", "port", "fdb"])
    plain.call("event.subscribe", netns=[n])
    alice.call("nexthop.add", netns=n, id=5, blackhole=True)
    assert hear(ear, "added", "nexthop")["nexthop"]["id"] == 5
    alice.call("link.add", netns=n, kind="bridge", ifname="br", up=True)
    assert hear(ear, "added", "netconf", lambda e: e["netconf"]["family"] == "inet")["netconf"]["forwarding"] is False
    alice.call("link.set", netns=n, dev="v", master="br")
    assert hear(ear, "added", "port")["port"]["master"] == "br"
    hear(ear, "added", "fdb", lambda e: e["fdb"].get("dev") == "v")
    alice.call("netns.add", name="third")
    alice.call("netns.set", netns=n, name="third", nsid=77)
    assert hear(ear, "added", "nsid")["nsid"] == 77
    alice.call("addr.add", netns=n, dev="br", local="10.0.0.1/24")
    told = set()
    while "address" not in told:
        told.add(plain.notification(lambda m: m["method"] == "event")["params"]["subject"])
    assert told <= {"netns", "link", "address", "route", "neighbour", "rule"}


def test_what_root_does_with_ip_is_heard_too(agent, alice, n):
    alice.call("event.subscribe", subjects=["link"])
    run("ip", "-n", pin(n), "link", "set", "v", "mtu", "1234")
    assert hear(alice, "added", "link", lambda e: e["link"]["mtu"] == 1234)["link"]["ifname"] == "v"


def test_subscriptions_are_narrowed_by_name_and_subject(agent, alice, n):
    alice.call("netns.add", name="other")
    ear = agent.connect(ALICE)
    ear.call("event.subscribe", netns=[n], subjects=["address"])
    alice.call("addr.add", netns="other", dev="lo", local="10.0.0.9/32")
    alice.call("link.add", netns=n, kind="bridge", ifname="br")
    alice.call("addr.add", netns=n, dev="br", local="10.0.0.1/24")
    first = ear.notification(lambda m: True)["params"]
    assert (first["netns"], first["subject"], first["address"]["local"]) == (n, "address", "10.0.0.1")
    assert alice.refused("event.subscribe", netns=["none"]).reason == "not-found"
    assert alice.refused("event.subscribe", subjects=["weather"]).reason == "invalid-params"


def test_requests_go_on_beside_events(agent, alice, n):
    alice.call("event.subscribe")
    for mtu in range(1000, 1050):
        alice.call("link.set", netns=n, dev="v", mtu=mtu)
    assert alice.call("link.list", netns=[n], dev="v")[0]["mtu"] == 1049
    hear(alice, "added", "link", lambda e: e["link"]["mtu"] == 1049)


def test_the_agent_describes_itself(agent, alice):
    info = alice.call("agent.info")
    assert (info["protocolVersion"], info["limits"]["lineBytes"], info["limits"]["depth"]) == (1, 1 << 20, 32)
    written = pathlib.Path(__file__).resolve().parents[2] / "protocol/openrpc.json"
    assert alice.call("rpc.discover") == json.loads(written.read_text())
    checks = {check["what"]: check for check in alice.call("agent.check")["checks"]}
    for what, check in checks.items():
        assert check["works"] or check.get("missing") or check.get("remedy"), what
    assert checks["ping without privileges"]["works"]
