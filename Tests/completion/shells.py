"""Interactive shells on a terminal of their own, looked at as a person would: by what is on the screen."""

import os
import time

import pexpect
import pyte

ROWS, COLUMNS = 40, 110
# A busy machine is no failure; a right answer comes long before.
PATIENCE = 30.0
PROMPT = "PROMPT>"


class Shell:
    """A shell of alice's with netnsctl's completion in it."""

    def __init__(self, name, argv, setup):
        self.name = name
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        alice = ["--reuid=alice", "--regid=alice", "--init-groups", "--inh-caps=-all"]
        sandbox = os.environ["SANDBOX"]
        environment = {
            "PATH": f"{sandbox}/bin:/usr/local/bin:/usr/bin:/bin",
            "HOME": f"{sandbox}/home/alice",
            "NETNSD_SOCKET": f"{sandbox}/netnsd.sock",
            "TERM": "xterm",
            "LANG": "C.UTF-8",
        }
        self.child = pexpect.spawn(
            "setpriv", alice + argv, env=environment, dimensions=(ROWS, COLUMNS), timeout=None, cwd=environment["HOME"]
        )
        self.wait(lambda: self.text().strip() != "")
        for line in setup:
            self.send(line + "\r")
        self.wait(lambda: any(line.startswith(PROMPT) for line in self.screen.display))
        self.clear()

    def send(self, text):
        self.child.send(text)

    def read(self):
        try:
            data = self.child.read_nonblocking(65536, timeout=0.05)
        except pexpect.TIMEOUT:
            return
        self.stream.feed(data)
        # fish asks what it is connected to (Primary Device Attributes) and where the cursor is.
        if b"\x1b[c" in data or b"\x1b[0c" in data:
            self.child.send("\x1b[?6c")

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def comes(self, holds, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.read()
            if holds():
                return True
        return False

    def wait(self, holds):
        if self.comes(holds, PATIENCE):
            return
        raise AssertionError(f"{self.name} shows:\n{self.text().rstrip()}")

    def clear(self):
        """An empty line on an empty screen."""
        # An interrupt that comes while the shell still completes ends that alone, and the line stays.
        for _ in range(int(PATIENCE / 2)):
            self.send("\x03")
            if self.comes(lambda: self.line() == "", 2):
                break
        self.send("clear\r")
        self.wait(lambda: self.text().strip() == PROMPT)

    def line(self):
        """What stands behind the last prompt, with one space at its end where the cursor is past the word."""
        for number in range(ROWS - 1, -1, -1):
            shown = self.screen.display[number]
            if shown.startswith(PROMPT):
                return shown[len(PROMPT) + 1 :].rstrip()
        return None

    def has_space_at_end(self):
        shown = self.screen.display[self.screen.cursor.y]
        return self.screen.cursor.x > len(shown.rstrip())

    def type(self, text):
        self.send(text)
        self.wait(lambda: self.line() == text.rstrip())

    def tab(self, times=1):
        self.send("\t" * times)

    def list(self):
        """Asks for all that could stand here."""
        self.tab(2 if self.name == "bash" else 1)


def bash(script="source <(netnsctl completions bash)"):
    return Shell(
        "bash", ["bash", "--norc", "--noprofile", "-i"],
        ["bind 'set bell-style none'", "bind 'set page-completions off'", "bind 'set enable-bracketed-paste off'",
         script, f"PS1='{PROMPT} '"],
    )


def zsh(script="source <(netnsctl completions zsh)"):
    return Shell(
        "zsh", ["zsh", "-f", "-i"],
        ["unsetopt beep zle_bracketed_paste prompt_sp", "autoload -U compinit; compinit -u -D", script,
         f"PS1='{PROMPT} '"],
    )


def fish(script="netnsctl completions fish | source"):
    return Shell(
        "fish", ["fish", "--no-config", "-i"],
        ["set -g fish_autosuggestion_enabled 0; set -g fish_greeting", script,
         f"function fish_prompt; printf '{PROMPT} '; end"],
    )


ALL = {"bash": bash, "zsh": zsh, "fish": fish}
