"""Ways to ask a service whether it is well."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request

from sgnn.cli.stack.ports import HOST

PATIENCE = 2.0
# proxies are for the world outside
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def answers(url: str) -> bool:
    """Whether an address answers with success."""
    with _OPENER.open(url, timeout=PATIENCE) as answer:
        return bool(answer.status == 200)


def refuses(url: str) -> bool:
    """Whether an address answers that it wants a password: it is there, and is guarded."""
    try:
        with _OPENER.open(url, timeout=PATIENCE):
            return False
    except urllib.error.HTTPError as error:
        return error.code in (401, 403)


def listens(port: int) -> bool:
    """Whether somebody takes connections on a port."""
    with socket.create_connection((HOST, port), timeout=PATIENCE):
        return True


def has_workers(dashboard: int, wanted: int) -> bool:
    """Whether so many workers are with the Dask scheduler that shows its page on that port."""
    with _OPENER.open(f"http://{HOST}:{dashboard}/json/counts.json", timeout=PATIENCE) as answer:
        return int(json.load(answer)["workers"]) >= wanted
