"""What a Tab does, in bash, zsh and fish."""

import os
import subprocess

import conftest
import pytest
import shells

# Typed, and what the line is after one Tab.
ONE = [
    ("netnsctl conn", "netnsctl connect", True),
    ("netnsctl addr rep", "netnsctl addr replace", True),
    ("netnsctl delete --ki", "netnsctl delete --kill", True),
    ("netnsctl get serv", "netnsctl get server", True),
    ("netnsctl link set bri", "netnsctl link set bridge/", False),
    ("netnsctl link set server/sv", "netnsctl link set server/svr-veth", True),
    ("netnsctl link set bridge/bridge-net0 --master ", "netnsctl link set bridge/bridge-net0 --master br", True),
    ("netnsctl connect net0/x bridge/y --peer-master ", "netnsctl connect net0/x bridge/y --peer-master br", True),
    ("netnsctl connect net0/x bridge/y --peer-master=", "netnsctl connect net0/x bridge/y --peer-master=br", True),
    ("netnsctl connect server/e", "netnsctl connect server/e0", True),
    ("netnsctl addr delete server/svr-veth 1", "netnsctl addr delete server/svr-veth 192.168.100.1/24", True),
    ("netnsctl neigh del net0/veth0 10", "netnsctl neigh del net0/veth0 10.0.1.9", True),
    ("netnsctl route del client d", "netnsctl route del client default", True),
    ("netnsctl route del client default vi", "netnsctl route del client default via", True),
    ("netnsctl route del client default via ", "netnsctl route del client default via 10.0.100.254", True),
    ("netnsctl addr add net0/veth0 10.9.9.9/24 bro", "netnsctl addr add net0/veth0 10.9.9.9/24 broadcast", True),
    ("netnsctl link add server/d --kind bri", "netnsctl link add server/d --kind bridge", True),
    ("netnsctl sysctl gateway net.ipv4.ip_f", "netnsctl sysctl gateway net.ipv4.ip_forward", True),
    ("netnsctl sysctl gateway net.ipv4.conf.cl", "netnsctl sysctl gateway net.ipv4.conf.cligw-veth.", False),
    ("netnsctl exec client -- netnsct", "netnsctl exec client -- netnsctl", True),
]


@pytest.mark.parametrize("typed, line, ended", ONE, ids=[case[0] for case in ONE])
def test_one_candidate_is_put_in(shell, typed, line, ended):
    shell.type(typed)
    shell.tab()
    shell.wait(lambda: shell.line() == line and shell.has_space_at_end() == ended)


# Typed, what is then on the screen, and what is not.
MANY = [
    ("netnsctl delete ", ["server", "gateway", "client", "net0", "net1", "bridge"], ["bobs-own", "server/"]),
    ("netnsctl addr ", ["add", "replace", "delete", "flush", "list"], ["sysctl"]),
    ("netnsctl link delete gateway/", ["gateway/svrgw-veth", "gateway/cligw-veth"], ["cli-veth peer", "br"]),
    ("netnsctl sysctl gateway net.ipv4.", ["net.ipv4.conf.", "net.ipv4.ip_forward"], ["net.ipv4.tcp_mem"]),
    ("netnsctl route list client t", ["to", "table", "type"], ["via"]),
    ("netnsctl rule delete gateway priority ", ["32766", "32767"], []),
]


@pytest.mark.parametrize("typed, shown, hidden", MANY, ids=[case[0] for case in MANY])
def test_several_candidates_are_shown(shell, typed, shown, hidden):
    shell.type(typed)
    shell.list()
    shell.wait(lambda: all(word in below(shell) for word in shown))
    assert not [word for word in hidden if word in below(shell)]


def below(shell):
    """The screen but for the command line itself."""
    return "\n".join(line for line in shell.text().split("\n") if not line.startswith(shells.PROMPT))


@pytest.mark.parametrize("shell", ["zsh", "fish"], indirect=True)
def test_links_are_described(shell):
    shell.type("netnsctl link delete gateway/")
    shell.list()
    for words in ["veth UP 192.168.100.254/24 peer server/svr-veth", "veth UP 10.0.100.254/8 peer client/cli-veth"]:
        shell.wait(lambda: words in below(shell))


@pytest.mark.parametrize("shell", ["zsh", "fish"], indirect=True)
def test_namespaces_are_described(shell):
    shell.type("netnsctl get ")
    shell.list()
    shell.wait(lambda: "svr-veth 192.168.100.1/24" in below(shell))


@pytest.mark.parametrize("shell", ["zsh", "fish"], indirect=True)
def test_a_program_completes_its_own_words(shell):
    shell.type("netnsctl exec client -- netnsctl get serv")
    shell.tab()
    shell.wait(lambda: shell.line() == "netnsctl exec client -- netnsctl get server")


def test_a_program_completes_its_own_words_where_bash_completion_is_loaded(lab):
    """An earlier word is three to bash, --socket=x: a word of its own to netnsctl."""
    shell = shells.bash("source /usr/share/bash-completion/bash_completion; source <(netnsctl completions bash)")
    socket = os.environ["SANDBOX"] + "/netnsd.sock"
    shell.type(f"netnsctl exec --socket={socket} client -- netnsctl get serv")
    shell.tab()
    shell.wait(lambda: shell.line() == f"netnsctl exec --socket={socket} client -- netnsctl get server")


def test_zsh_finds_the_script_in_fpath(lab):
    folder = os.environ["SANDBOX"] + "/source/contrib/completions"
    shell = shells.zsh(f"fpath=({folder} $fpath); autoload -U _netnsctl; compdef _netnsctl netnsctl")
    for _ in range(2):
        shell.type("netnsctl get serv")
        shell.tab()
        shell.wait(lambda: shell.line() == "netnsctl get server")
        shell.clear()


def test_programs_are_completed_by_pid(shell):
    pid = conftest.netnsctl(["exec", "--detach", "client", "--", "sleep", "600"]).strip()
    try:
        for command in ["wait", "kill --signal TERM"]:
            shell.type(f"netnsctl {command} {pid[:2]}")
            shell.tab()
            shell.wait(lambda: shell.line() == f"netnsctl {command} {pid}")
            shell.clear()
    finally:
        conftest.netnsctl(["kill", pid])
        # Whose end is not asked for stays in the list.
        with pytest.raises(subprocess.CalledProcessError):
            conftest.netnsctl(["wait", pid])


def test_ports_are_completed_to_a_namespace(shell):
    shell.type("netnsctl forward 8080:serv")
    shell.tab()
    shell.wait(lambda: shell.line() == "netnsctl forward 8080:server:" and not shell.has_space_at_end())


def test_names_that_a_shell_would_run_are_quoted(shell):
    conftest.netnsctl(["link", "add", "client/$(id)", "--kind", "bridge"])
    try:
        shell.type("netnsctl link delete client/")
        shell.send("\\$")
        shell.tab()
        shell.wait(lambda: shell.line().endswith(("client/\\$\\(id\\)", "client/'$(id)'")))
    finally:
        conftest.netnsctl(["link", "delete", "client/$(id)"])


def test_a_name_that_begins_as_one_in_another_word(shell):
    """The cursor may be in mid-line; what is behind it does not count."""
    shell.type("netnsctl get serv --json")
    shell.send("\x1b[D" * len(" --json"))
    shell.tab()
    # zsh puts a space of its own before the one that is there.
    shell.wait(lambda: shell.line().split() == ["netnsctl", "get", "server", "--json"])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_without_an_agent_there_is_what_is_static(shell, lab):
    environment = {"PATH": os.environ["PATH"], "NETNSD_SOCKET": "/run/nobody-listens"}

    def complete(*words):
        program = os.environ["SANDBOX"] + "/bin/netnsctl"
        done = subprocess.run(
            [program, "--complete", shell, "netnsctl", *words], env=environment, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    assert complete("addr", "f") == ["flush"] or shell != "bash"
    assert complete("delete", "") == []
    assert "veth" in complete("link", "add", "server/x", "--kind", "")
    assert complete("exec", "server", "--", "") == [":command 4"]


def test_an_agent_that_says_nothing_does_not_hold_up_the_prompt(lab, tmp_path):
    import socket

    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen()
        environment = {"PATH": os.environ["PATH"], "NETNSD_SOCKET": str(tmp_path / "silent.sock")}
        program = os.environ["SANDBOX"] + "/bin/netnsctl"
        done = subprocess.run(
            [program, "--complete", "bash", "netnsctl", "delete", ""], env=environment, capture_output=True, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
