# A terminal is as it was, and a program looked after, also where an end was nobody's wish; and one run in tmux.

import os
import signal
import subprocess

import pytest
import world
from terminal import (
    Terminal, become, commands, environment, is_attached, is_told, kill, lab, only_child, place, program, restart, state)
from world import eventually


def test_the_client_is_killed(lab):
    with Terminal(lab) as terminal:
        terminal.type("netnsctl exec lab -- sh -c 'trap \"\" TERM; echo here; exec sleep 100'\r")
        terminal.see("here\r\n")
        keeper = program(lab)["pid"]
        sleep = only_child(keeper)
        os.kill(terminal.client(), signal.SIGKILL)
        terminal.wait()
        eventually(lambda: state(sleep) is None and state(keeper) is None)


@pytest.mark.parametrize("name", ["TERM", "HUP", "INT", "QUIT"])
def test_the_client_is_ended_by_a_signal(lab, name):
    with Terminal(lab) as terminal:
        terminal.type("netnsctl exec lab -- sleep 100\r")
        eventually(lambda: program(lab))
        os.kill(terminal.client(), getattr(signal, f"SIG{name}"))
        terminal.wait()
        assert terminal.code() == 128 + getattr(signal, f"SIG{name}")


@pytest.mark.parametrize("name", ["SEGV", "ABRT", "BUS"])
def test_the_client_crashes(lab, name):
    with Terminal(lab) as terminal:
        terminal.type("netnsctl exec lab -- sh -c 'echo here; exec sleep 100'\r")
        terminal.see("here\r\n")
        os.kill(terminal.client(), getattr(signal, f"SIG{name}"))
        terminal.wait()
        assert terminal.code() == 128 + getattr(signal, f"SIG{name}")
        eventually(lambda: program(lab) is None)


def test_the_program_is_killed(lab):
    with Terminal(lab) as terminal:
        terminal.type("netnsctl exec lab -- sh -c 'stty raw -echo; echo he\"\"re; exec sleep 100'\r")
        terminal.see("here")
        os.kill(program(lab)["pid"], signal.SIGKILL)
        terminal.wait()
        assert terminal.code() == 137


def test_the_terminal_goes_away(lab):
    terminal = Terminal(lab)
    terminal.type("netnsctl exec lab -- sh -c 'echo here; exec sleep 100'\r")
    terminal.see("here\r\n")
    client, keeper = terminal.client(), program(lab)["pid"]
    sleep = only_child(keeper)
    terminal.child.close(force=True)
    eventually(lambda: all(state(pid) is None for pid in (client, keeper, sleep)))


def test_the_agent_is_killed_and_comes_back(lab):
    with Terminal(lab) as terminal:
        terminal.type("netnsctl exec lab -- sh -c 'while read word; do echo $word,$word; done; exit 7'\r")
        terminal.type("a\r")
        terminal.see("a,a")
        kill(lab)
        terminal.type("b\r")
        terminal.see("b,b")
        client = terminal.client()
        restart(lab)
        eventually(lambda: is_attached(lab))
        terminal.type("c\r")
        terminal.see("c,c")
        assert program(lab)["running"]
        terminal.type("\x04")
        terminal.wait()
        assert terminal.code() == 7
        assert state(client) is None and program(lab) is None


def test_the_client_is_killed_after_the_agent_came_back(lab):
    with Terminal(lab) as terminal:
        terminal.type("netnsctl exec lab -- sh -c 'trap \"\" HUP; echo here; exec sleep 100'\r")
        terminal.see("here\r\n")
        sleep = only_child(program(lab)["pid"])
        kill(lab)
        restart(lab)
        eventually(lambda: is_attached(lab))
        os.kill(terminal.client(), signal.SIGKILL)
        terminal.wait()
        eventually(lambda: state(sleep) is None, seconds=20)


def test_the_client_is_killed_while_no_agent_runs(lab):
    with Terminal(lab) as terminal:
        terminal.type("netnsctl exec lab -- sh -c 'trap \"\" HUP; echo here; exec sleep 100'\r")
        terminal.see("here\r\n")
        sleep = only_child(program(lab)["pid"])
        kill(lab)
        os.kill(terminal.client(), signal.SIGKILL)
        terminal.wait()
        assert state(sleep) == "S"
        restart(lab)
        eventually(lambda: state(sleep) is None, seconds=20)


@pytest.mark.parametrize("how,code", [("\x04", 7), ("\x03", 130)])
def test_the_program_ends_while_no_agent_runs(lab, how, code):
    with Terminal(lab) as terminal:
        terminal.type("netnsctl exec lab -- sh -c 'echo here; read word; exit 7'\r")
        terminal.see("here\r\n")
        kill(lab)
        terminal.type(how)
        terminal.wait()
        assert terminal.code() == code
        restart(lab)


def test_without_a_terminal_it_outlives_the_agent_too(lab):
    words = [commands() / "netnsctl", "exec", "lab", "--", "sh", "-c", "echo here; cat; exit 9"]
    client = subprocess.Popen(
        words, env=environment(lab), preexec_fn=become(world.ALICE), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert client.stdout.readline() == "here\n"
    eventually(lambda: is_told(client))
    kill(lab)
    restart(lab)
    eventually(lambda: is_attached(lab))
    assert client.communicate("word\n", timeout=20)[0] == "word\n"
    assert client.returncode == 9


def test_without_agent_and_terminal_the_kernel_tells_the_end(lab):
    if tuple(int(part) for part in os.uname().release.split(".")[:2]) < (6, 15):
        pytest.skip("PIDFD_GET_INFO tells no exit status before Linux 6.15")
    words = [commands() / "netnsctl", "exec", "lab", "--", "sh", "-c", "echo here; read x; exit 9"]
    client = subprocess.Popen(
        words, env=environment(lab), preexec_fn=become(world.ALICE), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert client.stdout.readline() == "here\n"
    eventually(lambda: program(lab))
    kill(lab)
    client.communicate("word\n", timeout=20)
    assert client.returncode == 9
    restart(lab)


# One run in tmux

def test_in_tmux(lab, place):

    def tmux(*words):
        return subprocess.run(
            ["tmux", "-S", f"{place}/tmux", "-f", "/dev/null", *words], env=environment(lab),
            preexec_fn=become(world.ALICE), cwd="/tmp", capture_output=True, text=True, timeout=20)

    def screen():
        return tmux("capture-pane", "-p").stdout

    def sees(text):
        eventually(lambda: text in screen(), seconds=15, message=f"{text!r} is not to be seen:\n{screen()}")

    assert tmux("new-session", "-d", "-x", "80", "-y", "24", "bash --norc --noprofile").returncode == 0
    try:
        sees("READY>")
        tmux("send-keys", f"stty -a >{place}/before; netnsctl exec lab -- vi {place}/file", "Enter")
        sees("~")
        tmux("send-keys", "ihello", "Escape", "C-z")
        sees("Stopped")
        tmux("send-keys", "fg", "Enter")
        sees("hello")
        tmux("resize-window", "-x", "100", "-y", "30")
        eventually(lambda: screen().count("~") >= 26, message=screen())
        tmux("send-keys", ":wq", "Enter")
        sees("READY>")
        tmux("send-keys", f"clear; stty -a >{place}/after; echo done", "Enter")
        sees("done")
        assert (place / "file").read_text() == "hello\n"
        before, after = ((place / name).read_text().split(";", 3)[3] for name in ("before", "after"))
        assert before == after
        tmux("send-keys", "clear; netnsctl exec lab -- ping 127.0.0.1", "Enter")
        sees("bytes from")
        tmux("send-keys", "C-c")
        sees("packets transmitted")
    finally:
        tmux("kill-server")
