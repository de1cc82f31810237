"""What netnsctl prints on a terminal: as wide as that is, in colours, and anew when something changes."""

import re

import conftest
import pytest
import shells


class Program(shells.Shell):
    """netnsctl on a terminal of its own."""

    def __init__(self, words, columns=80, rows=24, environment=None):
        import os

        import pexpect
        import pyte

        sandbox = os.environ["SANDBOX"]
        self.name = "netnsctl " + " ".join(words)
        self.raw = b""
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.child = pexpect.spawn(
            "setpriv",
            ["--reuid=alice", "--regid=alice", "--init-groups", "--inh-caps=-all", "netnsctl", *words],
            env={"PATH": f"{sandbox}/bin:/usr/bin:/bin", "NETNSD_SOCKET": f"{sandbox}/netnsd.sock", "TERM": "xterm",
                 **(environment or {})},
            dimensions=(rows, columns), timeout=None, cwd="/")

    def read(self):
        import pexpect

        try:
            data = self.child.read_nonblocking(65536, timeout=0.05)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += data
        self.stream.feed(data)
        return True

    def finish(self):
        while self.read():
            pass
        self.child.wait()
        return self


def plain(raw):
    return re.sub(rb"\x1b\[[0-9;]*m", b"", raw).decode()


def tables(words, columns):
    lines = plain(Program(words, columns=columns).finish().raw).splitlines()
    return [line for line in lines if not line.startswith("  route")]


@pytest.mark.parametrize("columns", [60, 80, 100])
@pytest.mark.parametrize("words", [["show", "gateway"], ["link", "list", "gateway"], ["addr", "list"]])
def test_a_table_fits_the_terminal(lab, words, columns):
    lines = tables(words, columns)
    assert max(len(line) for line in lines) <= columns
    # Nothing but Ethernet addresses is lost on the way: not a letter, in whatever line it stands now.
    whole = " ".join(tables(words, 300))
    for left_out in [r" ([0-9a-f]{2}:){5}[0-9a-f]{2}\b", r"\bMAC\b"]:
        whole = whole if re.search(left_out, " ".join(lines)) else re.sub(left_out, "", whole)
    assert sorted("".join(lines).replace(" ", "")) == sorted(whole.replace(" ", ""))


@pytest.mark.parametrize(
    "words, environment, coloured",
    [
        ([], {}, True),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"TERM": "dumb"}, False),
        (["--color", "never"], {}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
    ],
)
def test_colours(lab, words, environment, coloured):
    assert (b"\x1b[" in Program(["list", *words], environment=environment).finish().raw) == coloured


def test_no_colours_where_there_is_no_terminal(lab):
    assert "\x1b" not in conftest.netnsctl(["show"])


def test_a_picture_fits_the_terminal(lab):
    names = ["server", "gateway", "client"]
    wide = Program(["graph", *names], columns=150).finish()
    assert re.search(r"server ─+┐ +┌─ gateway", wide.text())
    narrow = Program(["graph", *names], columns=60, rows=30).finish()
    assert not re.search(r"server ─+┐ +┌─ gateway", narrow.text())
    assert "192.168.100.254/24" in narrow.text() and max(map(len, plain(narrow.raw).splitlines())) <= 60


def test_watching_draws_anew_and_ends_by_interrupt(lab):
    watching = Program(["link", "list", "client", "--watch"])
    watching.wait(lambda: "cli-veth" in watching.text())
    conftest.netnsctl(["link", "add", "client/br7", "--kind", "bridge"])
    watching.wait(lambda: "br7" in watching.text())
    conftest.netnsctl(["link", "delete", "client/br7"])
    watching.wait(lambda: "br7" not in watching.text())
    watching.child.sendintr()
    watching.finish()
    assert watching.child.signalstatus == 2
    assert "cli-veth" in watching.text()


def test_watching_what_no_event_tells(lab):
    watching = Program(["list", "-q", "--every", "0.2"])
    watching.wait(lambda: watching.raw.count(b"gateway") >= 3)
    watching.child.sendintr()
    watching.finish()
