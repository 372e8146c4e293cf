"""Ports of the services on loopback: the usual ones where they are free, others where not, the same from then on."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from sgnn.errors import ServiceError
from sgnn.files import write_whole

HOST = "127.0.0.1"
USUAL: Mapping[str, int] = {
    "postgres": 5442,
    "objects": 9000,
    "prefect": 4200,
    "mlflow": 5000,
    "scheduler": 8786,
    "dashboard": 8787,
    "worker": 8080,
    "serve": 8000,
}
"""The ports that docker-compose.yml uses as well; PostgreSQL's is not 5432, where the system's own may listen."""


def choose(
    kept: Mapping[str, int], wanted: Iterable[str], free: Callable[[int], bool], any_free: Callable[[], int]
) -> dict[str, int]:
    """A port for each name: the kept one, which must be free, else the usual one, else any free one.

    Raises `ServiceError` where a kept port is taken: users of the stack know it by that port.
    """
    chosen: dict[str, int] = {}
    for name in wanted:
        if name in kept:
            if not free(kept[name]):
                raise ServiceError(
                    f"port {kept[name]} of {HOST}, which {name} had before, is taken",
                    remedy="stop the program that listens there, or remove ports.json to have another chosen",
                )
            chosen[name] = kept[name]
        else:
            usual = USUAL[name]
            chosen[name] = usual if free(usual) and usual not in kept.values() else any_free()
    return chosen


def choose_ports(file: Path, wanted: Iterable[str]) -> dict[str, int]:
    """Ports for the services wanted, from the file or chosen now and written there. Raises as `choose` does."""
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    chosen = {**kept, **choose(kept, wanted, is_free, any_free_port)}
    if chosen != kept:
        write_whole(file, json.dumps(chosen, indent=1))
    return chosen


def is_free(port: int) -> bool:
    """Whether nobody listens on a port of this machine's loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def any_free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
