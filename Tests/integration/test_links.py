# link.*: every kind this kernel has, veth pairs with their ends anywhere, changes, lists; all or nothing.

import pytest

from world import *

# What each kind needs to be made; `lower` is a link below.
KINDS = {
    "veth": {}, "bridge": {}, "dummy": {}, "ifb": {},
    "vlan": {"link": "lower", "options": {"id": 5}},
    "vxlan": {"options": {"id": 7, "port": 4789}},
    "macvlan": {"link": "lower", "options": {"mode": "bridge"}},
    "ipvlan": {"link": "lower", "options": {"mode": "l2"}},
    "vrf": {"options": {"table": 10}},
    "gre": {"options": {"remote": "192.0.2.2", "local": "192.0.2.1"}},
    "gretap": {"options": {"remote": "192.0.2.2"}},
    "ip6gre": {"options": {"remote": "2001:db8::2"}},
    "ip6gretap": {"options": {"remote": "2001:db8::2"}},
    "ipip": {"options": {"remote": "192.0.2.2", "local": "192.0.2.1"}},
    "sit": {"options": {"remote": "192.0.2.2"}},
    "ip6tnl": {"options": {"remote": "2001:db8::2"}},
    "geneve": {"options": {"id": 9, "remote": "192.0.2.2"}},
    "bond": {"options": {"mode": "active-backup", "miimon": 100}},
}


@pytest.fixture
def n(alice):
    alice.call("netns.add", name="n")
    return "n"


def compare(ours, theirs, *ignored):
    """Our object against `ip -j`'s, where keys coincide; some keys must."""
    shared = set(ours) & set(theirs) - set(ignored)
    assert {k: ours[k] for k in shared} == {k: theirs[k] for k in shared}
    return shared


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_made_shown_as_ip_shows_it_and_deleted(agent, alice, n, kind):
    alice.call("link.add", netns=n, kind="veth", ifname="lower", peer={"ifname": "other"})
    checks = {c["what"]: c for c in alice.call("agent.check")["checks"]}
    params = {"netns": n, "kind": kind, "ifname": "x0", **KINDS[kind]}
    check = checks[f"link kind {kind}"]
    if not check["works"]:
        refusal = alice.refused("link.add", **params)
        assert refusal.reason == "unsupported"
        assert refusal.data["missing"] == check["missing"] and check["missing"].startswith("CONFIG_")
        assert len(ip(n, "link")) == 3
        return
    made = alice.call("link.add", **params)[0]
    assert made["ifname"] == "x0"
    theirs = ip(n, "-d", "link", "show", "x0")[0]
    ours = alice.call("link.list", netns=[n], dev="x0")[0]
    shared = compare(ours, theirs, "linkinfo")
    assert {"ifindex", "ifname", "flags", "mtu", "operstate", "link_type", "address"} <= shared
    assert ours["linkinfo"]["info_kind"] == theirs["linkinfo"]["info_kind"] == kind
    for key, value in ours["linkinfo"].get("info_data", {}).items():
        # group_fwd_mask: `ip` has it as text, we as the number it is.
        if key in theirs["linkinfo"].get("info_data", {}) and key != "group_fwd_mask":
            assert value == theirs["linkinfo"]["info_data"][key], key
    for key, value in KINDS[kind].get("options", {}).items():
        assert ours["linkinfo"]["info_data"][key] == value
    alice.call("link.delete", netns=n, dev="x0")
    assert "x0" not in [l["ifname"] for l in ip(n, "link")]


def test_a_list_says_what_ip_says_for_all_links(agent, alice, n):
    alice.call("link.add", netns=n, kind="bridge", ifname="br", options={"stp_state": 1, "priority": 4096})
    alice.call("link.add", netns=n, kind="veth", ifname="a", master="br", up=True, peer={"ifname": "b", "up": True})
    ours = {l["ifname"]: l for l in alice.call("link.list", netns=[n], statistics=True)}
    for theirs in ip(n, "-d", "-s", "link"):
        mine = ours.pop(theirs["ifname"])
        compare(mine, theirs, "linkinfo", "stats64")
        assert set(mine["stats64"]) == {"rx", "tx"}
    assert ours == {}


def test_veth_with_its_ends_anywhere(agent, alice):
    for name in ("one", "two", "three"):
        alice.call("netns.add", name=name)
    # The other end elsewhere, both named, up, with MTU, MAC and addresses.
    near, far = alice.call(
        "link.add", netns="one", kind="veth", ifname="v1", up=True, mtu=1400, address="02:00:00:00:00:01",
        addresses=["10.0.0.1/24", "2001:db8::1/64"],
        peer={"netns": "two", "ifname": "v2", "up": True, "mtu": 1300, "address": "02:00:00:00:00:02",
              "addresses": ["10.0.0.2/24", "2001:db8::2/64"]})
    assert (near["netns"], near["ifname"], far["netns"], far["ifname"]) == ("one", "v1", "two", "v2")
    mine = ip("one", "addr", "show", "v1")[0]
    theirs = ip("two", "addr", "show", "v2")[0]
    assert (mine["mtu"], mine["address"], theirs["mtu"], theirs["address"]) == (
        1400, "02:00:00:00:00:01", 1300, "02:00:00:00:00:02")
    assert {"10.0.0.1", "2001:db8::1"} <= {a["local"] for a in mine["addr_info"]}
    assert {"10.0.0.2", "2001:db8::2"} <= {a["local"] for a in theirs["addr_info"]}
    assert "UP" in mine["flags"] and "UP" in theirs["flags"]
    listed = {l["netns"] + "/" + l["ifname"]: l.get("peer") for l in alice.call("link.list", kind="veth")}
    assert listed == {"one/v1": "two/v2", "two/v2": "one/v1"}
    # Both in one, unnamed: the first free of veth0, veth1, …
    names = [l["ifname"] for l in alice.call("link.add", netns="three", kind="veth")]
    assert sorted(names) == ["veth0", "veth1"]
    # Unnamed with the other end elsewhere.
    near, far = alice.call("link.add", netns="one", kind="veth", peer={"netns": "three"})
    assert near["ifname"] == "veth0" and far["netns"] == "three" and far["ifname"] == "veth2"
    # The pair ends with either end.
    alice.call("link.delete", netns="two", dev="v2")
    assert "v1" not in [l["ifname"] for l in ip("one", "link")]


def test_a_peer_can_become_a_bridges_port(agent, alice):
    alice.call("netns.add", name="host1")
    alice.call("netns.add", name="bridge")
    alice.call("link.add", netns="bridge", kind="bridge", ifname="br", up=True)
    alice.call("link.add", netns="host1", kind="veth", ifname="eth0", up=True,
               peer={"netns": "bridge", "ifname": "port", "up": True, "master": "br"})
    assert ip("bridge", "link", "show", "port")[0]["master"] == "br"
    assert [l["ifname"] for l in alice.call("link.list", master="br", netns=["bridge"])] == ["port"]


def test_link_set_changes_everything_it_says(agent, alice, n):
    alice.call("link.add", netns=n, kind="veth", ifname="v", peer={"ifname": "w"})
    alice.call("link.add", netns=n, kind="bridge", ifname="br")

    def change(**what):
        alice.call("link.set", netns=n, dev=what.pop("dev", "v"), **what)
        return ip(n, "-d", "link", "show", what.get("name", "v"))[0]

    assert "UP" in change(up=True)["flags"]
    assert "UP" not in change(up=False)["flags"]
    assert change(mtu=1280)["mtu"] == 1280
    assert change(address="02:00:00:00:00:99")["address"] == "02:00:00:00:00:99"
    assert change(txqlen=77)["txqlen"] == 77
    assert change(alias="to the roof")["ifalias"] == "to the roof"
    assert alice.call("link.list", netns=[n], dev="v")[0]["ifalias"] == "to the roof"
    assert "ifalias" not in change(alias="")
    assert set(change(addAltnames=["a-very-long-name-for-a-link", "other"])["altnames"]) == {
        "a-very-long-name-for-a-link", "other"}
    assert change(removeAltnames=["other"])["altnames"] == ["a-very-long-name-for-a-link"]
    assert "MULTICAST" not in change(multicast=False)["flags"]
    assert "ALLMULTI" in change(allmulticast=True)["flags"]
    assert "NOARP" in change(arp=False)["flags"]
    assert "PROMISC" in change(promisc=True)["flags"]
    back = change(multicast=True, allmulticast=False, arp=True, promisc=False)["flags"]
    assert "MULTICAST" in back and not {"ALLMULTI", "NOARP", "PROMISC"} & set(back)
    assert change(name="renamed")["ifname"] == "renamed"
    assert change(dev="renamed", name="v")["ifname"] == "v"
    # A link may be called by an altname too, as with ip.
    port = change(master="br", bridgePort={"hairpin": True, "isolated": True, "priority": 7})
    assert port["master"] == "br"
    slave = port["linkinfo"]["info_slave_data"]
    assert (slave["hairpin"], slave["isolated"], slave["priority"]) == (True, True, 7)
    ours = alice.call("link.list", netns=[n], dev="v")[0]["linkinfo"]["info_slave_data"]
    both = set(ours) & set(slave) - {"group_fwd_mask"}  # a number here, hexadecimal text there
    assert {k: ours[k] for k in both} == {k: slave[k] for k in both}
    assert int(slave["group_fwd_mask"], 16) == ours["group_fwd_mask"]
    assert "master" not in change(nomaster=True)
    alice.call("link.set", netns=n, dev="br", bridge={
        "stp_state": 1, "forward_delay": 200, "ageing_time": 1000, "priority": 4096})
    data = ip(n, "-d", "link", "show", "br")[0]["linkinfo"]["info_data"]
    assert (data["stp_state"], data["forward_delay"], data["ageing_time"], data["priority"]) == (1, 200, 1000, 4096)


def test_vlan_filtering_or_what_the_kernel_lacks_for_it(agent, alice, n):
    run("ip", "-n", pin(n), "link", "add", "try", "type", "bridge")
    works = run("ip", "-n", pin(n), "link", "set", "try", "type", "bridge", "vlan_filtering", "1", ok=None)
    alice.call("link.add", netns=n, kind="bridge", ifname="br")
    if works:
        alice.call("link.set", netns=n, dev="br", bridge={"vlan_filtering": True})
        alice.call("link.add", netns=n, kind="bridge", ifname="br2", options={"vlan_filtering": 1})
        for name in ("br", "br2"):
            assert ip(n, "-d", "link", "show", name)[0]["linkinfo"]["info_data"]["vlan_filtering"] == 1
        return
    for refusal in (
            alice.refused("link.set", netns=n, dev="br", bridge={"vlan_filtering": True}),
            alice.refused("link.add", netns=n, kind="bridge", ifname="br2", options={"vlan_filtering": 1})):
        assert (refusal.reason, refusal.data["missing"]) == ("unsupported", "CONFIG_BRIDGE_VLAN_FILTERING")
    assert "br2" not in [l["ifname"] for l in ip(n, "link")]


def test_links_move_renamed_on_the_way(agent, alice, n):
    alice.call("netns.add", name="m")
    alice.call("link.add", netns=n, kind="veth", ifname="v", peer={"ifname": "w"})
    alice.call("link.set", netns=n, dev="v", moveTo="m")
    assert "v" in [l["ifname"] for l in ip("m", "link")]
    alice.call("link.set", netns="m", dev="v", moveTo=n, name="back", up=True)
    link = ip(n, "link", "show", "back")[0]
    assert "UP" in link["flags"] and len(ip("m", "link")) == 1
    # A name that is taken there: nothing moves.
    alice.call("link.add", netns="m", kind="bridge", ifname="back")
    assert alice.refused("link.set", netns=n, dev="back", moveTo="m").reason == "already-exists"
    # A change that fails there: it comes back.
    refusal = alice.refused("link.set", netns=n, dev="back", moveTo="m", name="fine", master="no-such")
    assert refusal.reason == "not-found"
    assert {l["ifname"] for l in ip(n, "link")} == {"lo", "back", "w"}
    assert {l["ifname"] for l in ip("m", "link")} == {"lo", "back"}


def test_lists_are_filtered(agent, alice, n):
    alice.call("netns.add", name="m")
    alice.call("link.add", netns=n, kind="bridge", ifname="br", up=True)
    alice.call("link.add", netns="m", kind="veth", ifname="v", peer={"ifname": "w"})
    assert {(l["netns"], l["ifname"]) for l in alice.call("link.list")} == {
        ("n", "lo"), ("n", "br"), ("m", "lo"), ("m", "v"), ("m", "w")}
    assert [l["ifname"] for l in alice.call("link.list", kind="bridge")] == ["br"]
    assert {l["ifname"] for l in alice.call("link.list", netns=["m"], up=False)} == {"v", "w"}
    assert alice.refused("link.list", netns=["m", "none"]).reason == "not-found"
    assert "stats64" not in alice.call("link.list", netns=["m"])[0]


# All or nothing

def everything(alice):
    return alice.call("link.list"), alice.call("addr.list"), alice.call("route.list", allTables=True)


@pytest.mark.parametrize("fault", [
    {"peer": {"netns": "m", "ifname": "taken"}},
    {"peer": {"netns": "m", "ifname": "w", "addresses": ["10.0.0.1/24", "10.0.0.1/24"]}},
    {"peer": {"netns": "m", "ifname": "w", "master": "no-such"}},
    {"peer": {"netns": "m", "ifname": "w", "master": "lo"}},
    {"peer": {"netns": "none", "ifname": "w"}},
    {"peer": {"netns": "m", "ifname": "w"}, "addresses": ["10.1.0.1/24", "10.1.0.1/24"]},
    {"peer": {"netns": "m", "ifname": "w"}, "master": "no-such"},
    {"peer": {"netns": "m", "ifname": "w"}, "addresses": ["0.0.0.0/8"]},
    {"peer": {"netns": "m", "ifname": "w", "addresses": ["224.0.0.1/24"]}},
    {"peer": {"netns": "m", "ifname": "w", "addresses": ["ff02::1/64"]}},
])
def test_atomic_a_pair_that_cannot_be_finished_leaves_nothing(agent, alice, n, fault):
    alice.call("netns.add", name="m")
    alice.call("link.add", netns="m", kind="bridge", ifname="taken")
    before = everything(alice)
    used = agent.used(ALICE)
    try:
        alice.call("link.add", netns=n, kind="veth", ifname="v", **fault)
    except Exception as refusal:
        assert refusal.reason in ("already-exists", "not-found", "unsupported", "kernel", "invalid-params"), refusal
    else:
        # The kernel takes some of these; what is wanted is all or nothing.
        assert "v" in [l["ifname"] for l in ip(n, "link")]
        alice.call("link.delete", netns=n, dev="v")
    assert everything(alice) == before
    assert {k: v for k, v in agent.used(ALICE).items()} == used


def test_atomic_the_second_namespace_vanishes(agent, alice, n):
    """Its pin is replaced behind the agent's back between the look-up and the wiring."""
    alice.call("netns.add", name="m")
    run("umount", str(PINS / pin("m")))
    refusal = alice.refused("link.add", netns=n, kind="veth", ifname="v", peer={"netns": "m", "ifname": "w"})
    assert refusal.reason == "not-found"
    assert [l["ifname"] for l in ip(n, "link")] == ["lo"]
    assert agent.used(ALICE)["links"] == 0


def test_atomic_the_second_namespace_is_deleted_meanwhile(agent, n, alice):
    other = agent.connect(ALICE)
    for turn in range(10):
        alice.call("netns.add", name="m")
        wiring = alice.send("link.add", netns=n, kind="veth", ifname="v", peer={"netns": "m", "ifname": "w"})
        deleting = other.send("netns.delete", name="m")
        try:
            alice.result(wiring)
        except Exception as refusal:
            assert refusal.reason == "not-found", refusal
        other.result(deleting)
        eventually(lambda: [l["ifname"] for l in ip(n, "link")] == ["lo"], message="half a pair is left")
    agent.close(other)


def test_atomic_one_link_with_a_bad_address(agent, alice, n):
    refusal = alice.refused("link.add", netns=n, kind="bridge", ifname="br", addresses=["10.0.0.1/24", "10.0.0.1/24"])
    assert refusal.reason == "already-exists"
    assert [l["ifname"] for l in ip(n, "link")] == ["lo"]


def test_hostile_19_interface_names(agent, alice, n):
    for name in ("x%d", "%s", "a" * 16, "", ".", "..", "a/b", "a b", "a\tb", "a\x01", "a\x7f", "é", "a:b"):
        for params in (
                {"kind": "bridge", "ifname": name}, {"kind": "veth", "ifname": "v", "peer": {"ifname": name}},
                {"kind": "veth", "ifname": "v", "peer": {"ifname": "w", "master": name}}):
            assert alice.refused("link.add", netns=n, **params).reason == "invalid-params", name
        assert alice.refused("link.set", netns=n, dev="lo", name=name).reason == "invalid-params"
        assert alice.refused("link.delete", netns=n, dev=name).reason == "invalid-params"
    # What the kernel allows is escaped on the way out: root can make such names with ip.
    run("ip", "-n", pin(n), "link", "add", "a\x01é", "type", "bridge")
    names = [l["ifname"] for l in alice.call("link.list", netns=[n])]
    assert len(names) == 2 and names[1] == "a\\x01\\xc3\\xa9"


@pytest.mark.parametrize("params, place", [
    ({"mtu": 67}, "params.mtu"), ({"mtu": 65536}, "params.mtu"), ({"mtu": -1}, "params.mtu"),
    ({"address": "01:00:00:00:00:01"}, "params.address"), ({"address": "00:00:00:00:00:00"}, "params.address"),
    ({"address": "02:00:00:00:00"}, "params.address"), ({"address": "02:00:00:00:00:0g"}, "params.address"),
    ({"txqlen": 1 << 32}, "params.txqlen"), ({"alias": "a" * 256}, "params.alias"),
    ({"alias": "a\x1b"}, "params.alias"),
])
def test_hostile_22_link_limits_are_ours_to_say(agent, alice, n, params, place):
    alice.call("link.add", netns=n, kind="veth", ifname="v", peer={"ifname": "w"})
    refusal = alice.refused("link.set", netns=n, dev="v", **params)
    assert (refusal.reason, refusal.data["place"]) == ("invalid-params", place)


def test_hostile_22_at_the_limits_they_work(agent, alice, n):
    alice.call("link.add", netns=n, kind="veth", ifname="a" * 15, peer={"ifname": "w"})
    for mtu in (68, 65535):
        alice.call("link.set", netns=n, dev="a" * 15, mtu=mtu)
        assert ip(n, "link", "show", "a" * 15)[0]["mtu"] == mtu
    alice.call("link.set", netns=n, dev="a" * 15, alias="é" * 127)
    assert ip(n, "link", "show", "a" * 15)[0]["ifalias"] == "é" * 127


def test_a_brief_list_leaves_out_details(agent, alice):
    alice.call("netns.add", name="n")
    alice.call("link.add", netns="n", kind="veth", ifname="v", peer={"ifname": "w"})
    whole = {link["ifname"]: link for link in alice.call("link.list", netns=["n"])}
    brief = {link["ifname"]: link for link in alice.call("link.list", netns=["n"], brief=True)}
    assert {"linkinfo", "min_mtu", "peer"} <= set(whole["v"]) and not {"linkinfo", "min_mtu", "peer"} & set(brief["v"])
    for name, link in brief.items():
        assert link == {key: whole[name][key] for key in link}
