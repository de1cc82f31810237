# The protocol as a test needs it: typed calls that raise on an error, and raw bytes for what no client would send.

import json
import select
import socket


class Refused(Exception):
    """An error reply."""

    def __init__(self, reply):
        self.reply = reply
        self.error = reply["error"]
        self.data = self.error.get("data", {})
        self.reason = self.data.get("reason")
        self.message = self.error["message"]
        super().__init__(json.dumps(self.error))


class Closed(Exception):
    """The agent closed the connection."""


class Client:
    """One connection. `patience` bounds every wait for the agent, in seconds."""

    patience = 20

    def __init__(self, connected):
        self.socket = connected
        self.socket.settimeout(self.patience)
        self.bytes = b""
        self.descriptors = []
        self.notifications = []
        self.last_id = 0

    def call(self, method, fds=(), **params):
        return self.result(self.send(method, fds, **params))

    def send(self, method, fds=(), **params):
        """Sends a request and does not wait; gives its id."""
        self.last_id += 1
        self.send_line(
            json.dumps({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params}).encode(), fds)
        return self.last_id

    def send_line(self, line, fds=()):
        data = line + b"\n"
        sent = socket.send_fds(self.socket, [data], list(fds)) if fds else 0
        if sent < len(data):
            self.socket.sendall(data[sent:])

    def result(self, id):
        """The result of the request with this id; replies come in order."""
        reply = self.reply()
        assert reply.get("id") == id, f"the reply to {id} was expected: {reply}"
        if "error" in reply:
            raise Refused(reply)
        return reply["result"]

    def reply(self):
        """The next reply; notifications before it are put by."""
        while True:
            message = json.loads(self.line())
            if "id" in message:
                return message
            self.notifications.append(message)

    def line(self):
        while b"\n" not in self.bytes:
            more, descriptors, _, _ = socket.recv_fds(self.socket, 1 << 16, 16)
            self.descriptors += descriptors
            if not more:
                raise Closed()
            self.bytes += more
        line, self.bytes = self.bytes.split(b"\n", 1)
        return line

    def exchange(self, line, fds=()):
        """A raw line and the raw line that answers."""
        self.send_line(line, fds)
        return self.line()

    def refused(self, method, fds=(), **params):
        """The error of a call that must not succeed."""
        try:
            result = self.call(method, fds, **params)
        except Refused as refusal:
            return refusal
        raise AssertionError(f"{method} {params} was not refused: {result}")

    def notification(self, wanted, seconds=None):
        """The first notification for which `wanted` holds; those before it are dropped."""
        self.socket.settimeout(seconds or self.patience)
        try:
            while True:
                while self.notifications:
                    message = self.notifications.pop(0)
                    if wanted(message):
                        return message
                message = json.loads(self.line())
                assert "id" not in message, f"a notification was expected: {message}"
                self.notifications.append(message)
        finally:
            self.socket.settimeout(self.patience)

    def is_at_end(self, seconds=20):
        """Whether the agent closes the connection within the bound; what it says before is dropped."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(1 << 16):
                pass
            return True
        except (ConnectionResetError, BrokenPipeError):
            return True
        except TimeoutError:
            return False

    def has_answer(self, seconds):
        return bool(select.select([self.socket], [], [], seconds)[0])

    def close(self):
        import os

        self.socket.close()
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.descriptors = []
