"""The network that is completed: two labs of alice's, one namespace of bob's. Run by contrib/test."""

import os
import subprocess

import pytest
import shells

SANDBOX = os.environ.get("SANDBOX", "")

LAB = """
add server gateway client net0 net1 bridge
connect server/svr-veth gateway/svrgw-veth
connect client/cli-veth gateway/cligw-veth --address 10.0.100.1/8 --peer-address 10.0.100.254/8
addr add server/svr-veth 192.168.100.1/24
addr add gateway/svrgw-veth 192.168.100.254/24
route add client default via 10.0.100.254
link add bridge/br --kind bridge --up
connect net0/veth0 bridge/bridge-net0 --peer-master br
connect net1/veth1 bridge/bridge-net1 --peer-master br
neigh add net0/veth0 10.0.1.9 lladdr 02:00:00:00:00:09
"""


def netnsctl(words, user="alice"):
    identity = [f"--reuid={user}", f"--regid={user}", "--init-groups", "--inh-caps=-all"]
    environment = {"PATH": f"{SANDBOX}/bin:/usr/bin:/bin", "NETNSD_SOCKET": f"{SANDBOX}/netnsd.sock"}
    return subprocess.run(
        ["setpriv", *identity, "netnsctl", *words], env=environment, check=True, capture_output=True, text=True, cwd="/"
    ).stdout


@pytest.fixture(scope="session")
def lab():
    for line in LAB.strip().split("\n"):
        netnsctl(line.split())
    netnsctl(["add", "bobs-own"], "bob")


@pytest.fixture(scope="session")
def all_shells(lab):
    return {}


@pytest.fixture(params=list(shells.ALL))
def shell(request, all_shells):
    """Each started once; every test begins on an empty line."""
    if request.param not in all_shells:
        all_shells[request.param] = shells.ALL[request.param]()
    shell = all_shells[request.param]
    yield shell
    shell.clear()
