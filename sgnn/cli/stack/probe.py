"""Ways to ask a service whether it is well."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

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


def has_workers(dashboard: str, wanted: int) -> bool:
    """Whether so many workers are with the Dask scheduler that shows its page at that address."""
    with _OPENER.open(f"{dashboard}/json/counts.json", timeout=PATIENCE) as answer:
        return int(json.load(answer)["workers"]) >= wanted
