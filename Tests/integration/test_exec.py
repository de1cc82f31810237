# Programs in a namespace: what they see, how they are joined to others, and the commands that look after them.

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest
import world
from terminal import (
    Terminal, become, commands, environment, is_attached, is_told, kill, lab, netnsctl, restart, script, state)
from world import eventually

# Ten thousand are promised; so many take a while.
MANY = int(os.environ.get("NETNSD_TEST_PROGRAMS", "2000"))


def run(agent, *words, **options):
    """exec in the namespace, without a terminal."""
    return netnsctl(agent, "exec", "lab", "--", *words, **options)


def local(agent, *words):
    """The same program of the same user without netnsctl."""
    return subprocess.run(
        words, env=environment(agent), cwd="/tmp", preexec_fn=become(world.ALICE), text=True, capture_output=True,
        stdin=subprocess.DEVNULL, timeout=60).stdout


# What a program is

def status(text):
    return dict(line.split(":", 1) for line in text.splitlines())


def test_its_status_differs_only_in_what_is_taken_away(lab):
    here, there = (status(text) for text in (
        local(lab, "cat", "/proc/self/status"), run(lab, "cat", "/proc/self/status").stdout))
    assert here.keys() == there.keys()
    volatile = re.compile(r"NS|Pid|PPid|Tgid|Ngid|FDSize|Vm|Rss|.*ctxt_switches|SigQ")
    different = {key for key in here if here[key] != there[key] and not volatile.match(key)}
    assert different == {"NoNewPrivs", "CapBnd"}
    assert there["NoNewPrivs"].strip() == "1"
    assert all(int(there[key], 16) == 0 for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))


@pytest.mark.parametrize("words", [
    ["cat", "/proc/self/limits"], ["id"], ["sh", "-c", "umask; pwd; nice"], ["cat", "/proc/self/oom_score_adj"],
    ["cat", "/proc/self/cgroup"], ["sh", "-c", "ls /proc/self/fd"], ["cat", "/proc/self/loginuid"],
    ["sh", "-c", "chrt -p $$ | cut -d ' ' -f 3-"],
], ids=lambda words: " ".join(words))
def test_it_has_what_a_local_program_has(lab, words):
    assert run(lab, *words).stdout == local(lab, *words)


def test_limits_nice_and_ignored_signals_are_the_callers(lab):
    line = "ulimit -n 99; ulimit -c 0; umask 7; trap '' USR1 PIPE; nice -n 5 {} sh -c 'ulimit -a; umask; nice; grep SigIgn /proc/self/status'"
    assert script(lab, line.format("netnsctl exec lab --")).stdout == script(lab, line.format("")).stdout


@pytest.mark.parametrize("policy", ["--other", "--batch", "--idle"])
def test_the_scheduling_policy_is_the_callers(lab, policy):
    line = f"chrt {policy} 0 {{}} sh -c 'chrt -p $$ | grep -o SCHED_.*'"
    there = script(lab, line.format("netnsctl exec lab --")).stdout
    assert there == script(lab, line.format("")).stdout and policy[2:].upper() in there


def test_its_environment_is_the_callers_and_the_namespaces_name(lab):
    here, there = (set(text.splitlines()) for text in (local(lab, "env"), run(lab, "env").stdout))
    assert there - here == {"NETNSD_NAMESPACE=lab"} and here <= there


def test_its_mounts_are_the_callers_but_sys_and_suid(lab):
    def mounts(text):
        found = {}
        for line in text.splitlines():
            words = line.split()
            kind = words[words.index("-") + 1]
            found[words[4]] = (words[3], set(words[5].split(",")) - {"nosuid"}, kind)
        return found

    here, there = (mounts(text) for text in (local(lab, "cat", "/proc/self/mountinfo"), run(lab, "cat", "/proc/self/mountinfo").stdout))
    assert {place for place in here.keys() | there.keys() if here.get(place) != there.get(place)} <= {"/sys"}
    assert run(lab, "ls", "/sys/class/net").stdout == "lo\n"
    options = [line.split()[5].split(",") for line in run(lab, "cat", "/proc/self/mountinfo").stdout.splitlines()]
    assert all("nosuid" in words for words in options)


def test_on_a_terminal_it_is_the_same(lab):
    with Terminal(lab) as terminal:
        keys = "Uid|Gid|Groups|Umask|Cap|NoNewPrivs|Seccomp|Sig(Ign|Blk|Cgt)"
        line = f"grep -E '^({keys})' /proc/self/status; ls /proc/self/fd; ulimit -a; cat /proc/self/limits"
        here, there = (terminal.run(f"{before} bash -c \"{line}\"") for before in ("", "netnsctl exec lab --"))
        different = [pair for pair in zip(here.splitlines(), there.splitlines()) if pair[0] != pair[1]]
        assert {pair[0].split(":")[0] for pair in different} == {"NoNewPrivs", "CapBnd"}


# Pipes and closed descriptors

def test_a_reader_that_leaves(lab):
    done = script(lab, "netnsctl exec lab -- yes | head -n 1; echo ${PIPESTATUS[0]}")
    assert done.stdout == "y\n141\n" and done.stderr == ""
    assert script(lab, "yes | netnsctl exec lab -- cat | head -n 1; echo ${PIPESTATUS[*]}").stdout == "y\n141 141 0\n"


def test_bytes_go_through_unharmed(lab):
    done = script(lab, "head -c 3000000 /dev/urandom >/tmp/netnsd-bytes; md5sum </tmp/netnsd-bytes; "
                       "netnsctl exec lab -- cat </tmp/netnsd-bytes | netnsctl exec lab -- md5sum; rm /tmp/netnsd-bytes")
    first, second = done.stdout.splitlines()
    assert first == second


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
def test_what_is_closed_stays_closed(lab, closed):
    words = "sh -c 'cd /proc/self/fd; for n in 0 1 2; do test -e $n && printf $n; done >/tmp/netnsd-open'"
    for before in ("", "netnsctl exec lab --"):
        script(lab, f"{before} {words} {closed}")
        found = pathlib.Path("/tmp/netnsd-open").read_text()
        pathlib.Path("/tmp/netnsd-open").unlink()
        expected = "".join(digit for digit, word in zip("012", ("<&-", ">&-", "2>&-")) if word not in closed.split())
        # The redirection to the file itself is open where the loop runs.
        assert found.replace("1", "") == expected.replace("1", ""), before


def test_signals_reach_it(lab):
    for name in ("TERM", "HUP", "INT", "QUIT", "USR1", "USR2", "ALRM", "WINCH", "CONT"):
        words = ["exec", "lab", "--", "bash", "-c", f"trap 'echo got {name}; exit 5' {name}; echo ready; while :; do sleep 0.05; done"]
        client = subprocess.Popen(
            [commands() / "netnsctl", *words], env=environment(lab), preexec_fn=become(world.ALICE), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        assert client.stdout.readline() == "ready\n"
        client.send_signal(getattr(signal, f"SIG{name}"))
        assert client.communicate(timeout=20)[0] == f"got {name}\n" and client.returncode == 5


def test_it_stops_and_goes_on_with_its_client(lab):
    client = subprocess.Popen(
        [commands() / "netnsctl", "exec", "lab", "--", "sh", "-c", "echo $$; exec sleep 100"], env=environment(lab),
        preexec_fn=become(world.ALICE), text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, process_group=0)
    sleep = int(client.stdout.readline())
    client.send_signal(signal.SIGTSTP)
    eventually(lambda: state(client.pid) == "T" and state(sleep) == "T")
    client.send_signal(signal.SIGCONT)
    eventually(lambda: state(client.pid) == "S" and state(sleep) == "S")
    client.terminate()
    assert client.wait(10) == -signal.SIGTERM


def test_setuid_programs_are_inert(lab):
    done = run(lab, "sh", "-c", "cp /bin/true /dev/null; find /usr/bin -perm -4000 | head -n 1")
    if not done.stdout:
        pytest.skip("no setuid program")
    assert "Uid:\t0" not in run(lab, "su", "-c", "grep Uid /proc/self/status").stdout


# detach, ps, kill, wait

@pytest.fixture
def log():
    path = pathlib.Path("/run/netnsd-log")
    path.mkdir(exist_ok=True)
    path.chmod(0o777)
    yield path / "log"
    for file in path.iterdir():
        file.unlink()


def detach(agent, *words):
    done = netnsctl(agent, "exec", "--detach", *words)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_a_detached_programs_output_goes_to_the_journal(lab):
    # What journald is to a program: a stream socket at this place (sd_journal_stream_fd(3)).
    place = pathlib.Path("/run/systemd/journal/stdout")
    place.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as journal:
        journal.bind(str(place))
        place.chmod(0o666)
        journal.listen()
        journal.settimeout(30)
        try:
            pid = detach(lab, "--journal", "lab", "--", "sh", "-c", "echo out; echo err >&2")
            stream, _ = journal.accept()
            stream.settimeout(30)
            text = b""
            while more := stream.recv(4096):
                text += more
        finally:
            place.unlink()
    assert text == b"sh\n\n6\n0\n0\n0\n0\nout\nerr\n"
    netnsctl(lab, "wait", str(pid))
    without = netnsctl(lab, "exec", "--detach", "--journal", "lab", "--", "true")
    assert without.returncode == 125 and "/run/systemd/journal/stdout" in without.stderr


def test_a_detached_program_lives_on_and_is_waited_for(lab, log):
    pid = detach(lab, "--output", str(log), "lab", "--", "sh", "-c", "echo out; echo err >&2; read x; exec sleep 100")
    eventually(lambda: log.exists() and log.read_text() == "out\nerr\n")
    assert pathlib.Path(f"/proc/{pid}/fd/0").resolve() == pathlib.Path("/dev/null")
    listed = netnsctl(lab, "ps").stdout
    assert str(pid) in listed and "detached" in listed and "lab" in listed
    assert json.loads(netnsctl(lab, "ps", "lab", "--json").stdout)[0]["pid"] == pid
    waiting = subprocess.Popen(
        [commands() / "netnsctl", "wait", str(pid)], env=environment(lab), preexec_fn=become(world.ALICE))
    assert netnsctl(lab, "kill", "lab", "--signal", "SIGUSR1").returncode == 0
    assert waiting.wait(20) == -signal.SIGUSR1
    assert netnsctl(lab, "ps").stdout == ""


@pytest.mark.parametrize("how,code", [("exit 3", 3), ("kill -9 $$", -9)])
def test_its_end_is_remembered_once(lab, how, code):
    pid = detach(lab, "lab", "--", "sh", "-c", how)
    ended = "exit 3" if code > 0 else "KILL"
    eventually(lambda: ended in netnsctl(lab, "ps").stdout)
    assert netnsctl(lab, "wait", str(pid)).returncode == code
    assert netnsctl(lab, "wait", str(pid)).returncode == 125


def test_waiting_goes_on_over_a_restart_of_the_agent(lab):
    pid = detach(lab, "lab", "--", "sh", "-c", "trap 'exit 6' TERM; while :; do sleep 0.05; done")
    waiting = subprocess.Popen(
        [commands() / "netnsctl", "wait", str(pid)], env=environment(lab), preexec_fn=become(world.ALICE))
    eventually(lambda: is_told(waiting))
    kill(lab)
    restart(lab)
    eventually(lambda: is_attached(lab))
    assert str(pid) in netnsctl(lab, "ps").stdout
    assert netnsctl(lab, "kill", str(pid)).returncode == 0
    assert waiting.wait(20) == 6


def test_kill_by_pid_name_and_number(lab):
    for signal_words, code in ((["--signal", "9"], -9), (["-s", "int"], -2), ([], -15)):
        pid = detach(lab, "lab", "--", "sleep", "100")
        assert netnsctl(lab, "kill", str(pid), *signal_words).returncode == 0
        assert netnsctl(lab, "wait", str(pid)).returncode == code
    assert netnsctl(lab, "kill", "lab").returncode == 1
    assert netnsctl(lab, "kill", "lab", "--signal", "NONSENSE").returncode == 2


def test_anothers_programs_are_no_ones_business(lab):
    pid = detach(lab, "lab", "--", "sleep", "100")
    assert netnsctl(lab, "ps", user=world.BOB).stdout == ""
    assert netnsctl(lab, "kill", str(pid), user=world.BOB).returncode == 1
    assert netnsctl(lab, "wait", str(pid), user=world.BOB).returncode == 125
    assert state(pid) == "S"
    assert netnsctl(lab, "kill", str(pid)).returncode == 0
    assert netnsctl(lab, "wait", str(pid)).returncode == -signal.SIGTERM


# --all, dns, identify, shell

def test_each_namespace_in_turn(agent):
    netnsctl(agent, "add", "one", "two")
    done = netnsctl(agent, "exec", "--all", "--", "sh", "-c", "echo in $NETNSD_NAMESPACE; test $NETNSD_NAMESPACE = two || exit 4")
    assert done.stdout == "netns: one\nin one\nnetns: two\nin two\n" and done.returncode == 4
    assert netnsctl(agent, "exec", "--all", "/nowhere").returncode == 127
    assert netnsctl(agent, "exec", "--all", "true").returncode == 0


def test_dns(lab):
    assert netnsctl(lab, "dns", "lab").stdout == ""
    words = ["--server", "10.0.0.53", "--server", "fd00::53", "--search", "lab.example", "--option", "ndots:2"]
    assert netnsctl(lab, "dns", "lab", *words, "--host", "web=10.0.0.80").returncode == 0
    configured = "nameserver 10.0.0.53\nnameserver fd00::53\nsearch lab.example\noptions ndots:2\n"
    assert run(lab, "cat", "/etc/resolv.conf").stdout == configured
    assert run(lab, "getent", "hosts", "web").stdout.split() == ["10.0.0.80", "web"]
    assert netnsctl(lab, "dns", "lab").stdout == configured + "10.0.0.80\tweb\n"
    assert netnsctl(lab, "dns", "lab", "--server", "10.0.0.54").returncode == 0
    shown = json.loads(netnsctl(lab, "dns", "lab", "--json").stdout)
    assert shown["servers"] == ["10.0.0.54"] and shown["search"] == ["lab.example"]
    assert netnsctl(lab, "dns", "lab", "--clear").returncode == 0
    assert run(lab, "cat", "/etc/resolv.conf").stdout == pathlib.Path("/etc/resolv.conf").read_text()
    for wrong in (["--server", "nonsense"], ["--host", "web"], ["--search", "a b"], ["--option", "a;b"]):
        assert netnsctl(lab, "dns", "lab", *wrong).returncode == 2


def test_host_names(agent):
    netnsctl(agent, "add", "one", "two")
    netnsctl(agent, "connect", "one/eth0", "two/eth0")
    assert netnsctl(agent, "addr", "add", "two/eth0", "10.7.0.2/24").returncode == 0
    words = ["one", "--", "getent", "hosts", "two"]
    assert netnsctl(agent, "exec", *words).returncode != 0
    assert netnsctl(agent, "exec", "--host-names", *words).stdout.split() == ["10.7.0.2", "two"]


def test_identify(lab):
    assert netnsctl(lab, "identify").returncode == 1 and netnsctl(lab, "identify").stdout == ""
    netnsctl(lab, "add", "other")
    assert run(lab, "netnsctl", "identify").stdout == "lab\n"
    pid = detach(lab, "other", "--", "sleep", "100")
    assert netnsctl(lab, "identify", str(pid)).stdout == "other\n"
    assert json.loads(netnsctl(lab, "identify", "--json", str(pid)).stdout)["name"] == "other"
    assert netnsctl(lab, "identify", "99999999").returncode == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "dash"])
def test_the_shells_prompt_names_the_namespace(agent, shell):
    path = pathlib.Path("/usr/bin") / shell
    if not path.exists():
        pytest.skip(f"no {shell}")
    home = pathlib.Path("/run/netnsd-home")
    home.mkdir(exist_ok=True)
    (home / ".bashrc").write_text("PS1='mine> '\n")
    (home / ".zshrc").write_text("PROMPT='mine> '\n")
    (home / ".config/fish").mkdir(parents=True, exist_ok=True)
    (home / ".config/fish/config.fish").write_text("function fish_prompt; echo -n 'mine> '; end\n")
    world.run("chown", "-R", world.ALICE, str(home))
    mine = "$ " if shell == "dash" else "mine> "
    before = set(pathlib.Path("/tmp").glob("netnsctl-shell-*"))
    world.run("usermod", "--shell", str(path), world.ALICE)
    try:
        with Terminal(agent, HOME=str(home)) as terminal:
            for words, prompt in (("shell", f"[default] {mine}"), ("shell --no-prompt", mine)):
                terminal.type(f"env -u PS1 netnsctl {words}\r" if shell != "dash" else f"netnsctl {words}\r")
                terminal.see("\n")
                if shell == "dash" and "no-prompt" in words:
                    prompt = "READY> "
                terminal.see(prompt if shell != "fish" else mine)
                terminal.type("echo $NETNSD_NAMESPACE-$SHLVL-$(ps -o comm= -p $$ 2>&1); exit 3\r" if shell != "fish" else
                              "echo $NETNSD_NAMESPACE-(ps -o comm= -p $fish_pid); exit 3\r")
                terminal.child.expect(f"default-[0-9]*-?{shell}")
                terminal.wait()
                assert terminal.code() == 3
    finally:
        world.run("usermod", "--shell", "/bin/sh", world.ALICE)
    assert set(pathlib.Path("/tmp").glob("netnsctl-shell-*")) == before, "files of the shell's start are left"


def test_shell_with_a_program_and_its_place(lab):
    assert netnsctl(lab, "shell", "--", "sh", "-c", "echo $NETNSD_NAMESPACE").stdout == "default\n"
    assert netnsctl(lab, "shell", "lab", "--", "sh", "-c", "echo $NETNSD_NAMESPACE").stdout == "lab\n"
    assert netnsctl(lab, "shell", "nolab").returncode == 125


# Many

def test_a_hundred_at_once(agent, fresh_agent):
    agent = fresh_agent(policy=world.POLICY + "  programs: 256\n")
    netnsctl(agent, "add", "lab")
    clients = [
        subprocess.Popen(
            [commands() / "netnsctl", "exec", "lab", "--", "sh", "-c", f"read x; exit {number}"], env=environment(agent),
            preexec_fn=become(world.ALICE), stdin=subprocess.PIPE) for number in range(100)]
    eventually(lambda: agent.used(world.ALICE)["programs"] == 100, seconds=60)
    for client in clients:
        client.stdin.close()
    assert [client.wait(30) for client in clients] == list(range(100))
    eventually(lambda: agent.used(world.ALICE)["programs"] == 0)


def test_many_one_after_another_leave_nothing(lab):
    spawner = eventually(lambda: pathlib.Path(f"/proc/{lab.process.pid}/task/{lab.process.pid}/children").read_text().split())[0]

    def look():
        text = pathlib.Path(f"/proc/{spawner}/status").read_text()
        return (lab.open_descriptors(), len(os.listdir(f"/proc/{spawner}/fd")), lab.memory(),
                int(re.search(r"VmRSS:\s+(\d+)", text)[1]) * 1024)

    script(lab, "for n in $(seq 100); do netnsctl exec lab -- true; done")
    before = look()
    started = time.monotonic()
    for _ in range(MANY // 100):
        assert script(lab, "for n in $(seq 100); do netnsctl exec lab -- true || echo $?; done").stdout == ""
    print(f"{MANY} programs in {time.monotonic() - started:.1f} s; {before} became {look()}")
    lab.settle()
    after = look()
    assert after[:2] <= before[:2], "descriptors grow"
    assert after[2] < before[2] + (4 << 20) and after[3] < before[3] + (1 << 20), "memory grows"
    assert pathlib.Path(f"/proc/{spawner}/task/{spawner}/children").read_text() == "", "zombies"
