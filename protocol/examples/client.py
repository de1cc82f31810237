#!/usr/bin/env python3
"""A whole client: client.py METHOD [PARAMS]    PARAMS is a JSON object."""

import json
import os
import socket
import sys


class Agent:
    def __init__(self, path=os.environ.get("NETNSD_SOCKET") or "/run/netnsd/netnsd.sock"):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.lines = self.socket.makefile("r", encoding="utf-8", newline="\n")
        self.last_id = 0

    def call(self, method, descriptors=(), **params):
        self.last_id += 1
        request = {"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params}
        # The descriptors go with the line's first byte; whatever did not fit follows by itself.
        line = json.dumps(request).encode() + b"\n"
        sent = socket.send_fds(self.socket, [line], descriptors)
        self.socket.sendall(line[sent:])
        while reply := json.loads(self.lines.readline() or "null"):
            if reply.get("id", 0) in (None, self.last_id):  # the rest are notifications
                if "error" in reply:
                    raise RuntimeError(f"{reply['error']['data']['reason']}: {reply['error']['message']}")
                return reply["result"]
        raise ConnectionError("the agent closed the connection")


if __name__ == "__main__":
    print(json.dumps(Agent().call(sys.argv[1], **json.loads((sys.argv[2:] or ["{}"])[0])), indent=2))
