"""A door before a service: whoever goes through it can be cut off, as by a network that fails."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Gate:
    """Passes bytes of TCP connections on, both ways, until closed; while it is shut nobody comes or stays in."""

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.passed = 0
        """Connections so far."""
        self._shut = threading.Event()
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def cut(self) -> None:
        """Break all connections and refuse new ones."""
        self._shut.set()
        with self._guard:
            broken, self._open = self._open, set()
        for one in broken:
            _break(one)

    def mend(self) -> None:
        """Let everybody through again."""
        self._shut.clear()

    def close(self) -> None:
        """Stop listening."""
        self.cut()
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                inner, _ = self._listener.accept()
            except OSError:
                return
            try:
                outer = socket.create_connection(("127.0.0.1", self.upstream), 10)
            except OSError:
                inner.close()
                continue
            with self._guard:
                if self._shut.is_set():
                    inner.close()
                    outer.close()
                    continue
                self.passed += 1
                self._open |= {inner, outer}
            outer.settimeout(None)
            for source, target in ((inner, outer), (outer, inner)):
                threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(2**16):
                target.sendall(data)
        for one in (source, target):
            with self._guard:
                self._open.discard(one)
            _break(one)


def _break(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
