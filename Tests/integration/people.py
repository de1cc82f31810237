# Ordinary users: a process a user, which makes connections that the kernel will say are the user's.

import os
import pwd
import signal
import socket


class Person:
    """A process of the user's that lives as long as the tests, connects when told and passes the socket back."""

    def __init__(self, name, uid=None, gid=None, groups=None, first=None):
        """`first` is called by the new process once it is the user's."""
        if uid is None:
            entry = pwd.getpwnam(name)
            uid, gid = entry.pw_uid, entry.pw_gid
            groups = os.getgrouplist(name, gid) if uid else [0]
        self.name, self.uid, self.gid, self.groups = name, uid, gid, groups or [gid]
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pid = os.fork()
        if self.pid == 0:
            self.control.close()
            try:
                self._become()
                if first:
                    first()
            except BaseException as problem:
                theirs.send(f"cannot become {name}: {problem}".encode())
                os._exit(1)
            self._serve(theirs)
        theirs.close()

    def _become(self):
        os.setgroups(self.groups)
        os.setresgid(self.gid, self.gid, self.gid)
        os.setresuid(self.uid, self.uid, self.uid)
        os.umask(0o027)
        os.chdir("/")

    @staticmethod
    def _serve(control):
        try:
            while path := control.recv(4096):
                made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                try:
                    made.connect(path.decode())
                    socket.send_fds(control, [b"connected"], [made.fileno()])
                except OSError as error:
                    control.send(str(error.errno).encode())
                made.close()
        finally:
            os._exit(0)

    def connect(self, path):
        self.control.send(path.encode())
        word, descriptors, _, _ = socket.recv_fds(self.control, 64, 1)
        if not descriptors:
            if not word.isdigit():
                raise RuntimeError(word.decode())
            raise OSError(int(word), os.strerror(int(word)))
        return socket.socket(fileno=descriptors[0])

    def end(self):
        """SIGKILL: whatever it connected stays open here."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.control.close()
