"""Before the application: how large a request may be, who asks, how often, and how long it took."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sgnn.serving.figures import Figures
from sgnn.serving.keys import KeyRing
from sgnn.serving.limits import Rates

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPEN = frozenset({"/health"})
"""What anybody may ask: whether the server lives, and nothing about it."""


class Body:
    """A request's body as it comes; one that says less of its length than it has is cut off."""

    def __init__(self, receive: Receive, largest: int) -> None:
        self.receive, self.left, self.cut = receive, largest, False

    async def read(self) -> Message:
        """The next part; none after the cut."""
        if not self.cut:
            message = await self.receive()
            self.left -= len(message.get("body", b""))
            if self.left >= 0:
                return message
            self.cut = True
        return {"type": "http.disconnect"}


@dataclass(frozen=True)
class Doors:
    """What every request passes; `keys` is None where the machine's own users ask without one."""

    app: ASGIApp
    keys: KeyRing | None
    rates: Rates
    largest: int
    """Bytes of a request's body."""
    figures: Figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it with 401, 413 or 429 before the application hears of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status, answered = time.perf_counter(), 500, False
        body = Body(receive, self.largest)

        async def noting(message: Message) -> None:
            nonlocal status, answered
            if body.cut and not answered:
                # what the application makes of half a body is not the reason
                return
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
            await send(message)

        async def refuse(code: int, detail: str, headers: Mapping[str, str]) -> None:
            nonlocal status, answered
            status, answered = code, True
            await _answer(send, code, detail, headers)

        self.figures.under_way.inc()
        try:
            refused = self._refused(scope)
            if refused is not None:
                await refuse(*refused)
                return
            await self.app(scope, body.read, noting)
            if body.cut and not answered:
                await refuse(*self._too_large())
        finally:
            self.figures.under_way.dec()
            # the pattern, not the path: names that people make up must not become figures
            route = getattr(scope.get("route"), "path", "other")
            self.figures.requests.labels(route, str(status)).inc()
            self.figures.seconds.labels(route).observe(time.perf_counter() - began)

    def _refused(self, scope: Scope) -> tuple[int, str, Mapping[str, str]] | None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["path"] in OPEN:
            return None
        who = (scope.get("client") or ("unknown", 0))[0]
        if self.keys is not None:
            scheme, _, key = headers.get("authorization", "").partition(" ")
            owner = self.keys.owner(key.strip()) if scheme.lower() == "bearer" else None
            if owner is None:
                # guesses are limited as questions are
                wait = self.rates.take(f"guess {who}")
                if wait:
                    return _too_often(wait)
                return 401, "a key is needed: Authorization: Bearer KEY", {"www-authenticate": "Bearer"}
            who = owner
        wait = self.rates.take(who)
        if wait:
            return _too_often(wait)
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self.largest:
            return self._too_large()
        return None

    def _too_large(self) -> tuple[int, str, Mapping[str, str]]:
        return 413, f"a request may have {self.largest:,} bytes", {}


def _too_often(wait: float) -> tuple[int, str, Mapping[str, str]]:
    return 429, "too many requests", {"retry-after": str(math.ceil(wait))}


async def _answer(send: Any, status: int, detail: str, headers: Mapping[str, str]) -> None:
    body = json.dumps({"detail": detail}).encode()
    # a body that nobody reads must not be taken for the next request
    told = {"content-type": "application/json", "content-length": str(len(body)), "connection": "close", **headers}
    listed = [(name.encode(), value.encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": body})
