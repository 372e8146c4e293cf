"""The S3 server of the stack: nanio's, with conditional creation and rights added. `python -m ...object_store FOLDER
ADDRESS PORT RIGHTS` serves the buckets in a folder.

Why this one: of the servers that install from the package registries it is the one that keeps objects as files, flushed
to the disk before it answers, and checks signatures; moto's keeps nothing. What it lacks is added here. One process
serves, so that a lock of the process is enough for `If-None-Match`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

BUCKET = "sgnn"
LONGEST_LIST = 4 * 2**20
"""Bytes of a request that removes a thousand objects with the longest names, and some."""


@dataclass(frozen=True)
class Right:
    """What one key may read and write: all below one prefix of one bucket."""

    secret: str
    bucket: str
    prefix: str

    def allows(self, method: str, path: str, query: str, source: str = "") -> bool:
        """Whether a request stays below the prefix. Buckets are neither made nor removed by anybody.

        `source` is the object that a copy reads, as bucket and key.
        """
        bucket, _, key = path.lstrip("/").partition("/")
        if bucket != self.bucket or (source and not self._holds(unquote(source).lstrip("/"))):
            return False
        if key:
            return key.startswith(self.prefix)
        asked = parse_qs(query, keep_blank_values=True)
        if method == "GET" and "uploads" not in asked:
            # where the bucket is, or what is below a prefix
            return "location" in asked or all(one.startswith(self.prefix) for one in asked.get("prefix", [""]))
        return method == "HEAD"

    def allows_all(self, path: str, body: bytes) -> bool:
        """Whether every object that a request to remove several names is below the prefix."""
        from defusedxml.ElementTree import ParseError, fromstring

        try:
            named = [
                element.text or "" for element in fromstring(body).iter() if element.tag.rpartition("}")[2] == "Key"
            ]
        except ParseError:
            return False
        return path.strip("/") == self.bucket and all(key.startswith(self.prefix) for key in named)

    def _holds(self, place: str) -> bool:
        bucket, _, key = place.partition("/")
        return bucket == self.bucket and key.startswith(self.prefix)


class Guarded:
    """Behind the check of signatures: asks for the right before anything is done, makes `If-None-Match: *` hold."""

    def __init__(self, app: ASGIApp, rights: Mapping[str, Right], folder: Path) -> None:
        self.app, self.rights, self.folder = app, rights, folder
        self.writing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        right = self.rights[scope["nanio.principal"]]
        query = scope["query_string"].decode("latin-1")
        source = headers.get("x-amz-copy-source", "")
        if scope["method"] == "POST" and "delete" in parse_qs(query, keep_blank_values=True):
            body = await _read(receive)
            if body is None or not right.allows_all(scope["path"], body):
                await _refuse(send, 403, "AccessDenied", "this key has no right to that")
            else:
                await self.app(scope, _again(body), send)
        elif not right.allows(scope["method"], scope["path"], query, source):
            await _refuse(send, 403, "AccessDenied", "this key has no right to that")
        elif scope["method"] == "PUT" and headers.get("if-none-match") == "*":
            lock = self.writing.setdefault(scope["path"], asyncio.Lock())
            async with lock:
                if (self.folder / scope["path"].lstrip("/")).exists():
                    await _refuse(send, 412, "PreconditionFailed", "the object exists")
                else:
                    await self.app(scope, receive, send)
        else:
            await self.app(scope, receive, send)


async def _read(receive: Receive) -> bytes | None:
    """The body of a request; None where it is too long to be a list of objects, or cut off."""
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or len(body) > LONGEST_LIST:
            return None
        if not message.get("more_body", False):
            return body


def _again(body: bytes) -> Receive:
    """A body that was read, to be read once more."""
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Any:
        return next(messages, {"type": "http.disconnect"})

    return receive


async def _refuse(send: Send, status: int, code: str, message: str) -> None:
    body = (
        f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    )
    # a body that nobody reads must not be taken for the next request
    headers = [(b"content-type", b"application/xml"), (b"connection", b"close")]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def application(folder: Path, rights: Mapping[str, Right]) -> Any:
    """The server as an ASGI application, over buckets that are made where they are missing."""
    from nanio.app import build_app
    from nanio.auth.credentials import StaticCredentialResolver
    from nanio.config import Settings
    from starlette.middleware import Middleware

    for bucket in {right.bucket for right in rights.values()}:
        (folder / bucket).mkdir(parents=True, exist_ok=True)
    secrets = StaticCredentialResolver({name: right.secret for name, right in rights.items()})
    made = build_app(Settings(data_dir=folder, credentials=secrets))
    # the last one stands next to the application
    made.user_middleware.append(Middleware(Guarded, rights=rights, folder=folder))
    return made


def main() -> None:
    """Serve until the process is ended."""
    import uvicorn

    folder, host, port = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    rights = json.loads(Path(sys.argv[4]).read_text(encoding="utf-8"))
    served = application(folder, {name: Right(**right) for name, right in rights.items()})
    uvicorn.run(served, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=2)


if __name__ == "__main__":
    main()
