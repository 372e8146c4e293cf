"""A small HTTP proxy on loopback before an object store: counts requests, and lets them fail as a test says."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date"}
REFUSALS = {"busy": (503, "SlowDown"), "fail": (500, "InternalError"), "deny": (403, "AccessDenied")}


@dataclass(frozen=True)
class Request:
    """One request as the proxy saw it."""

    method: str
    path: str
    query: str
    conditional: bool
    sent: int
    """Bytes of the request's body."""
    received: int = 0
    """Bytes of the answer's body."""

    @property
    def kind(self) -> str:
        """What S3 bills it as."""
        names = parse_qs(self.query, keep_blank_values=True)
        if self.method == "GET" and "list-type" in names:
            return "LIST"
        if self.method == "POST":
            return "DELETE" if "delete" in names else "PUT"
        return self.method


Fault = str
"""`drop`: closed before it is passed on; `lose`: passed on, the answer thrown away; `cut`: half of the answer's body;
`busy`: 503; `stall`: a second late; `fail`: 500; `deny`: 403."""


class Proxy:
    """Listens on a free port until closed. `faults` says of each request what goes wrong with it, if anything."""

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.requests: list[Request] = []
        self.faults: Callable[[Request], Fault | None] = lambda _: None
        self.down_until = 0.0
        self.ignores_conditions = False
        # moto looks and then writes: two conditional writes at once could both find nothing
        self._conditional = threading.Lock()
        self._seen = threading.Lock()
        proxy = self

        class Handler(_Handler):
            owner = proxy

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def counts(self) -> Counter[str]:
        """Requests so far by kind."""
        with self._seen:
            return Counter(request.kind for request in self.requests)

    def note(self, request: Request) -> None:
        """Count a request."""
        with self._seen:
            self.requests.append(request)

    def pass_on(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """The store's own answer: status, headers, body."""
        if self.ignores_conditions:
            headers = {name: value for name, value in headers.items() if name != "if-none-match"}
        if headers.get("if-none-match") == "*":
            with self._conditional:
                return self._passed_on(method, target, headers, body)
        return self._passed_on(method, target, headers, body)

    def _passed_on(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection("127.0.0.1", self.upstream, timeout=60)
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


def in_turn(
    faults: Iterable[Fault | None], of: Callable[[Request], bool] = lambda _: True
) -> Callable[[Request], Fault | None]:
    """Faults of the first requests that are `of` a kind, one after the other; those after them are sound."""
    left = iter(list(faults))
    lock = threading.Lock()

    def fault(request: Request) -> Fault | None:
        with lock:
            return next(left, None) if of(request) else None

    return fault


class _Handler(BaseHTTPRequestHandler):
    owner: Proxy
    protocol_version = "HTTP/1.1"
    # headers and body are two writes: the second would wait for the first to be acknowledged
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        if time.monotonic() < self.owner.down_until:
            self._hang_up()
            return
        try:
            super().handle_one_request()
        except ConnectionResetError:
            # the other side was killed
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, parts.path, parts.query, "if-none-match" in headers, len(body))
        fault = "drop" if time.monotonic() < self.owner.down_until else self.owner.faults(request)
        if fault == "drop":
            self.owner.note(request)
            return self._hang_up()
        if fault == "stall":
            time.sleep(1.0)
        if fault in REFUSALS:
            status, code = REFUSALS[fault]
            answered: dict[str, str] = {}
            text = f"<Error><Code>{code}</Code><Message>told to fail</Message></Error>".encode()
        else:
            status, answered, text = self.owner.pass_on(self.command, self.path, headers, body)
        length = answered.get("content-length", "0") if self.command == "HEAD" else str(len(text))
        self.owner.note(Request(**{**request.__dict__, "received": 0 if self.command == "HEAD" else len(text)}))
        if fault == "lose":
            return self._hang_up()
        self.send_response_only(status)
        for name, value in answered.items():
            if name not in HOP:
                self.send_header(name, value)
        self.send_header("content-length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text[: len(text) // 2] if fault == "cut" else text)
        if fault == "cut":
            self._hang_up()
        return None

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _answer

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
