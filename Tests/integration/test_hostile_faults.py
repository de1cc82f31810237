# Hostile cases that take a fault of the kernel's, made at the system call (faults.py), or a kernel that changes fast.

import subprocess

import pytest

import faults
from test_programs import execute
from wire import Closed, Refused
from world import *


def loop_thread(agent):
    return [id for id, name in faults.threads_of(agent.process.pid).items() if name == "netnsd"]


@pytest.mark.parametrize("error", ["ENOMEM", "EINVAL", "ENOTCONN"])
def test_hostile_12_who_asks_cannot_be_had(agent, bob, error):
    """Neither uid 0 nor anybody else: the connection ends. Others are not concerned."""
    with faults.Tracer(loop_thread(agent), f"--inject=getsockopt:error={error}:syscall=gettid:when=1", calls="getsockopt"):
        client = agent.connect(ALICE)
        try:
            client.call("netns.add", name="whose")
            pytest.fail("an answer came")
        except (Closed, ConnectionResetError, BrokenPipeError):
            pass
    agent.close(client)
    assert pins() == [] and bob.call("agent.info")["user"] == BOB


@pytest.mark.parametrize("call", ["setgroups", "setresgid", "setresuid", "capset", "setns", "execve"])
@pytest.mark.parametrize("error", ["EPERM", "EAGAIN"])
def test_hostile_27_a_program_whose_privileges_stay_does_not_run(agent, alice, tmp_path, call, error):
    alice.call("netns.add", name="n")
    spawner = only_spawner(agent)
    tmp_path.chmod(0o777)
    ran = tmp_path / "ran"
    # The spawner's child is traced from its first call on.
    with faults.Tracer([spawner], "-f", f"--inject={call}:error={error}:syscall=gettid", calls=call):
        refusal = None
        try:
            execute(alice, ["touch", str(ran)], environment=["PATH=/usr/bin:/bin"])
        except Refused as refused:
            refusal = refused
    assert refusal is not None and not ran.exists()
    assert agent.used(ALICE)["programs"] == 0
    assert execute(alice, ["id", "-u"], environment=["PATH=/usr/bin:/bin"])[0].strip() == str(agent.people[ALICE].uid)


def only_spawner(agent):
    children = pathlib.Path(f"/proc/{agent.process.pid}/task/{agent.process.pid}/children").read_text().split()
    found = [int(pid) for pid in children
             if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "netnsd-spawn"]
    assert len(found) == 1, found
    return found[0]


def test_hostile_37_a_list_is_whole_while_links_churn(agent, alice):
    alice.call("netns.add", name="n")
    stays = {"lo"}
    for number in range(20):
        alice.call("link.add", netns="n", kind="veth", ifname=f"s{number}", peer={"ifname": f"t{number}"})
        stays |= {f"s{number}", f"t{number}"}
    # Root changes what is there as fast as it can, far faster than a list is read.
    batch = "".join(f"link add c{number} type veth peer name d{number}\nlink del c{number}\n" for number in range(300))
    churn = subprocess.Popen(["ip", "-n", pin("n"), "-batch", "-"], stdin=subprocess.PIPE)
    churn.stdin.write(batch.encode())
    churn.stdin.close()
    lists = 0
    while churn.poll() is None:
        names = [link["ifname"] for link in alice.call("link.list", netns=["n"])]
        assert stays <= set(names) and len(names) == len(set(names)), names
        lists += 1
    assert churn.wait() == 0 and lists > 0
    assert {link["ifname"] for link in alice.call("link.list", netns=["n"])} == stays


def test_hostile_38_lost_reports_are_told_and_made_up_for(agent, alice, bob):
    alice.call("netns.add", name="n")
    alice.call("netns.add", name="gone")
    subscriber = agent.connect(ALICE)
    subscriber.call("event.subscribe")
    # One report of a link, one of a namespace's end: each is the loop's first recvmsg(2) after it.
    for act in (lambda: run("ip", "-n", pin("n"), "link", "set", "lo", "mtu", "1400"),
                lambda: run("ip", "netns", "delete", pin("gone"))):
        with faults.Tracer(loop_thread(agent), "--inject=recvmsg:error=ENOBUFS:syscall=gettid:when=1", calls="recvmsg"):
            act()
            # While it is traced nobody asks, so that the failure is the report's.
            time.sleep(0.3)
    subscriber.notification(lambda message: message["params"]["action"] == "overflow")
    eventually(lambda: [n["name"] for n in alice.call("netns.list")] == ["n"])
    alice.call("netns.add", name="gone")
    assert agent.used(ALICE)["namespaces"] == 2
