"""A real graph as the host of cascades: read from a list of ties, its nodes numbered in the order of their names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from sgnn.domains.cascades.graphs.rows import Rows, rows_of
from sgnn.errors import DataError

HOSTED = -1
"""Number in place of a family's."""


@dataclass(frozen=True)
class Host:
    """Rows of a graph, the names of its nodes, and the digest of its file; ``dropped`` lines held no tie."""

    rows: Rows
    names: tuple[str, ...]
    digest: str
    dropped: int

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.names)


@lru_cache(maxsize=8)
def read_host(path: str) -> Host:
    """The graph of a text file with a tie a line, two names apart by white space.

    Lines that are empty or begin with # are passed over, as are loops and repeated ties. Raises `DataError`.
    """
    place = Path(path)
    if not place.is_file():
        raise DataError(f"no list of ties at {path}", remedy="name a file with two nodes a line")
    content = place.read_bytes()
    pairs, dropped = [], 0
    for number, line in enumerate(content.decode("utf-8", errors="replace").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            dropped += bool(line.strip())
            continue
        parts = line.split()
        if len(parts) != 2:
            raise DataError(
                f"{path}, line {number}: {len(parts)} words where two nodes are expected",
                remedy="write two names a line, and # before remarks",
            )
        pairs.append(parts)
    if not pairs:
        raise DataError(f"{path} holds no tie", remedy="write two names a line")
    names = sorted({name for pair in pairs for name in pair}, key=lambda name: (len(name), name))
    number_of = {name: at for at, name in enumerate(names)}
    ties = np.array([[number_of[one], number_of[other]] for one, other in pairs], dtype=np.int32)
    digest = hashlib.sha256(content).hexdigest()
    return Host(rows_of(len(names), ties), tuple(names), digest, dropped)


def rows_or_none(host: Host | None) -> Rows:
    """Rows of the host, or of a graph without nodes."""
    return (np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32)) if host is None else host.rows
