"""A snapshot of somebody's own graph and reports, in the arrays that simulated ones have."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.cascades.graphs.rows import Rows
from sgnn.domains.cascades.observation.kernel import NONE, gather, ties_of


def given_snapshot(
    rows: Rows, known: NDArray[np.int8], time: NDArray[np.float64], clock: int
) -> tuple[dict[str, NDArray[Any]], NDArray[np.int64]]:
    """Arrays (1, …) of one snapshot, as wide as it needs, and the nodes (seen,) that stand in it.

    ``known`` (node,) is 0 seen not to be reached, 1 reported, 2 not known, 3 reported as over; ``time`` (node,) is NaN
    where not told.
    """
    offsets, neighbours = rows
    nodes = len(offsets) - 1
    place, who = np.empty(nodes, dtype=np.int64), np.empty(nodes, dtype=np.int32)
    count = int(gather(offsets, neighbours, known, place, who))
    who = who[:count].copy()
    counts, degree, unreached = np.zeros((3, count), dtype=np.int64)
    ties = np.zeros(max(len(neighbours) // 2, 1), dtype=np.int32)
    found = int(ties_of(offsets, neighbours, known, place, who, counts, ties, degree, unreached))
    told = time[who] if clock != NONE else np.full(count, np.nan)
    return {
        "seen_nodes": np.array([count]),
        "seen_ties": np.array([found]),
        "reports": np.array([int((known[who] != 2).sum())]),
        "clock": np.array([clock if np.isfinite(told).any() else NONE], dtype=np.int8),
        "known": known[who][None],
        "degree": degree[None],
        "unreached": unreached[None],
        "tie_counts": counts[None],
        "ties": ties[None, :found],
        "time": told[None],
        "graph_nodes": np.array([nodes]),
    }, who.astype(np.int64)
