# Programs on a terminal behave as if they had been started on it, and the terminal is as it was after each.

import os
import pathlib
import signal
import subprocess
import time

import pytest
import world
from terminal import Terminal, lab, netnsctl, only_child, place, program, state
from world import eventually


# What a program sees

def test_it_is_on_a_terminal_of_its_own(lab):
    with Terminal(lab, rows=31, columns=97) as terminal:
        outer = terminal.run("tty").strip()
        inner = terminal.run("netnsctl exec lab -- tty").strip()
        assert inner.startswith("/dev/pts/") and inner != outer
        assert terminal.run("netnsctl exec lab -- stty size") == "31 97\n"
        assert terminal.run("netnsctl exec lab -- sh -c 'echo $NETNSD_NAMESPACE; test -t 2 && : </dev/tty && echo yes'") \
            == "lab\nyes\n"


def test_its_modes_are_those_of_the_terminal(lab):
    with Terminal(lab) as terminal:
        terminal.run("stty erase ^H -ixon")
        terminal.before = terminal.modes()
        assert terminal.run("netnsctl exec lab -- stty -a") == terminal.before


def test_a_redirected_output_is_no_terminal(lab, place):
    with Terminal(lab) as terminal:
        terminal.run(f"netnsctl exec lab -- sh -c 'tty; tty <&1; echo \"$?\"' >{place}/out")
        first, second, code = (place / "out").read_text().splitlines()
        assert first.startswith("/dev/pts/") and second == "not a tty" and code == "1"
        assert sorted(terminal.run("netnsctl exec lab -- sh -c 'echo one; tty <&2 >/dev/null && echo two >&2' | cat").split()) == ["one", "two"]


TYPE_FOR_THE_SHELL = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSTI, b\"#\")"


@pytest.mark.hostile(30)
def test_it_cannot_type_for_the_shell(lab):
    """A terminal that is passed as it is is not the program's controlling terminal (TIOCSTI, ioctl_tty(2))."""
    with Terminal(lab) as terminal:
        assert "Error" in terminal.run(f"netnsctl exec -T lab -- python3 -c '{TYPE_FOR_THE_SHELL}' 2>&1 | tail -n 1")
        terminal.run(f"netnsctl exec lab -- python3 -c '{TYPE_FOR_THE_SHELL}' 2>/dev/null")
        assert terminal.run("echo still mine") == "still mine\n"


def test_minus_t_and_minus_T(lab):
    assert netnsctl(lab, "exec", "-t", "lab", "--", "sh", "-c", "tty >/dev/null && echo yes").stdout == "yes\n"
    done = netnsctl(lab, "exec", "-t", "lab", "--", "cat", stdin=None, input="piped\n")
    assert done.returncode == 0 and done.stdout == "piped\npiped\n"
    with Terminal(lab) as terminal:
        assert terminal.run("netnsctl exec -T lab -- sh -c 'tty; ps -o tty= -p $$'").splitlines()[1] == "?"


# How it ends

@pytest.mark.parametrize("code", [0, 1, 42, 255])
def test_the_exit_code(lab, code):
    with Terminal(lab) as terminal:
        terminal.run(f"netnsctl exec lab -- sh -c 'exit {code}'")
        assert terminal.code() == code


def test_exit_codes_of_what_is_no_program(lab):
    with Terminal(lab) as terminal:
        assert "netnsctl: /nowhere" in terminal.run("netnsctl exec lab -- /nowhere")
        assert terminal.code() == 127
        terminal.run("netnsctl exec lab -- /etc/passwd")
        assert terminal.code() == 126
        terminal.run("netnsctl exec nolab -- true")
        assert terminal.code() == 125


@pytest.mark.parametrize("name", ["TERM", "KILL", "SEGV", "HUP", "PIPE"])
def test_a_signal_that_ends_the_program_ends_the_client(lab, name):
    with Terminal(lab) as terminal:
        terminal.run(f"netnsctl exec lab -- sh -c 'kill -{name} $$'")
        assert terminal.code() == 128 + getattr(signal, f"SIG{name}")


def test_all_of_its_output_is_there(lab):
    with Terminal(lab) as terminal:
        for _ in range(5):
            lines = terminal.run("netnsctl exec lab -- seq 20000").split()
            assert lines == [str(number) for number in range(1, 20001)]


# Keys

def test_control_c_ends_ping(lab):
    with Terminal(lab) as terminal:
        terminal.type("netnsctl exec lab -- ping 127.0.0.1\r")
        terminal.see("bytes from 127.0.0.1")
        terminal.type("\x03")
        assert "packets transmitted" in terminal.wait()
        assert terminal.code() == 0


def test_control_c_and_control_backslash_are_signals(lab):
    with Terminal(lab) as terminal:
        for key, number in (("\x03", 2), ("\x1c", 3)):
            terminal.type("netnsctl exec lab -- sh -c 'echo here; exec sleep 100'\r")
            terminal.see("here\r\n")
            terminal.type(key)
            terminal.wait()
            assert terminal.code() == 128 + number


def test_control_d_is_the_end_of_input(lab):
    with Terminal(lab) as terminal:
        terminal.type("netnsctl exec lab -- cat\r")
        eventually(lambda: program(lab))
        terminal.type("word\r")
        terminal.see("word\r\nword\r\n")
        terminal.type("\x04")
        terminal.wait()
        assert terminal.code() == 0


def test_control_z_and_fg(lab):
    with Terminal(lab) as terminal:
        for _ in range(3):
            terminal.type("netnsctl exec lab -- cat\r")
            terminal.type("one\r")
            terminal.see("one\r\none\r\n")
            client = terminal.client()
            cat = only_child(program(lab)["pid"])
            terminal.type("\x1a")
            assert "Stopped" in terminal.wait()
            assert state(client) == "T" and state(cat) == "T"
            assert terminal.modes() == terminal.before
            terminal.type("fg\r")
            terminal.see("exec lab -- cat\r\n")
            terminal.type("two\r")
            terminal.see("two\r\ntwo\r\n")
            assert state(client) != "T" and state(cat) != "T"
            terminal.type("\x04")
            terminal.wait()
            assert terminal.code() == 0


def test_bg_and_fg(lab):
    with Terminal(lab) as terminal:
        terminal.type("netnsctl exec lab -- bash -c 'for n in $(seq 1000); do echo tick; read -t 0.1 x; done' \r")
        terminal.see("tick\r")
        terminal.type("\x1a")
        terminal.wait()
        terminal.type("bg\r")
        terminal.see("tick\r")
        client = terminal.client()
        assert state(client) != "T"
        terminal.type("fg\r")
        terminal.see("-- bash -c")
        eventually(lambda: os.tcgetpgrp(terminal.child.fileno()) == client)
        terminal.type("\x03")
        terminal.wait()
        assert terminal.code() == 130


def test_signals_stop_and_continue_it(lab):
    with Terminal(lab) as terminal:
        terminal.type("netnsctl exec lab -- sleep 100\r")
        client = terminal.client()
        sleep = only_child(eventually(lambda: program(lab))["pid"])
        os.kill(client, signal.SIGTSTP)
        terminal.wait()
        assert state(client) == "T" and state(sleep) == "T"
        terminal.run("bg")
        eventually(lambda: state(sleep) == "S")
        os.kill(sleep, signal.SIGSTOP)  # somebody stops the program itself
        eventually(lambda: state(client) == "T")
        terminal.run("kill -CONT %1")
        eventually(lambda: state(sleep) == "S")
        terminal.run("kill %1; wait %1")
        assert terminal.code() == 143


# Size and full-screen programs

ON_RESIZE = (
    "import os, signal; signal.signal(signal.SIGWINCH, lambda *_: print(*os.get_terminal_size())); "
    "print(\"ready\"); [signal.pause() for _ in range(9)]")


def test_resize(lab):
    with Terminal(lab) as terminal:
        terminal.type(f"netnsctl exec lab -- python3 -c '{ON_RESIZE}'\r")
        terminal.see("ready\r\n")
        terminal.resize(40, 123)
        terminal.see("123 40")
        terminal.resize(20, 60)
        terminal.see("60 20")
        terminal.resize(24, 80)
        terminal.see("80 24")
        terminal.type("\x03")
        terminal.wait()


def test_less_full_screen(lab):
    with Terminal(lab) as terminal:
        terminal.type("netnsctl exec lab -- sh -c 'seq 1000 >/tmp/netnsd-seq; less /tmp/netnsd-seq'\r")
        terminal.see("\x1b[?1049h")
        terminal.see("23\r\n")
        terminal.type(" ")
        terminal.see("46\r\n")
        terminal.type("\x1a")
        terminal.see("Stopped")
        terminal.wait()
        terminal.type("fg\r")
        terminal.see("46\r\n")
        terminal.type("q")
        terminal.wait()
        assert terminal.code() == 0


def test_vi_full_screen(lab, place):
    with Terminal(lab) as terminal:
        terminal.type(f"netnsctl exec lab -- vi {place}/file\r")
        terminal.see("[New")
        terminal.type("ihello")
        terminal.see("hello")
        terminal.type("\x1b\x1a")
        terminal.see("Stopped")
        terminal.wait()
        assert terminal.modes() == terminal.before
        terminal.type("fg\r")
        terminal.see("hello")
        terminal.type("a world\x1b:wq\r")
        terminal.wait()
        assert terminal.code() == 0
        assert (place / "file").read_text() == "hello world\n"


def test_job_control_inside_a_shell(lab):
    with Terminal(lab) as terminal:
        terminal.type("netnsctl exec lab -- env PS1='INSIDE> ' bash --norc -i\r")
        terminal.see("\n")
        terminal.see("INSIDE> ")
        terminal.type("sh -c 'echo he\"\"re; exec cat'\r")
        terminal.see("here\r\n")
        terminal.type("word\r")
        terminal.see("word\r\nword\r\n")
        terminal.type("\x1a")
        terminal.see("Stopped")
        terminal.see("INSIDE> ")
        client = terminal.client()
        assert state(client) != "T"
        terminal.type("fg\r")
        terminal.see("exec cat'\r\n")
        terminal.type("again\r")
        terminal.see("again\r\nagain\r\n")
        terminal.type("\x03")
        terminal.see("INSIDE> ")
        terminal.type("suspend\r")
        terminal.wait()
        assert state(client) == "T"
        terminal.type("fg\r")
        terminal.see("INSIDE> ")
        terminal.type("exit 3\r")
        terminal.wait()
        assert terminal.code() == 3


def test_a_large_paste(lab):
    """More than any buffer holds, echoed and answered while it is being sent."""
    text = "".join(f"{number:>60}\n" for number in range(20000))
    with Terminal(lab) as terminal:
        terminal.type("netnsctl exec lab -- sh -c 'stty raw; printf go; head -c 1220000 | md5sum'\r")
        terminal.see("go")
        descriptor = terminal.child.fileno()
        os.set_blocking(descriptor, False)
        data, got = text.encode(), b""
        deadline = time.monotonic() + 60
        while data and time.monotonic() < deadline:
            try:
                data = data[os.write(descriptor, data[:65536]):]
            except BlockingIOError:
                pass
            try:
                got += os.read(descriptor, 65536)
            except BlockingIOError:
                time.sleep(0.001)
        os.set_blocking(descriptor, True)
        assert not data, f"{len(data)} bytes were not taken"
        expected = subprocess.run(["md5sum"], input=text.encode(), capture_output=True).stdout.split()[0].decode()
        terminal.see(expected)
        terminal.wait()
