"""Centralities of the graph that is seen, and whoever was seen first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.cascades.observation.kernel import MASKED
from sgnn.domains.cascades.snapshots import Seen
from sgnn.domains.cascades.source import columns as of

Array = NDArray[np.float64]
_UNREACHABLE = 50.0
"""Weight of nodes out of reach, which no origin can have infected."""


def earliest(seen: Seen) -> Array:
    """Minus the time told, in standard deviations; one less than the last where none is told; all alike without any."""
    told = np.isfinite(seen.time)
    if not told.any():
        return np.zeros(seen.nodes)
    deviation = max(float(seen.time[told].std()), 1e-9)
    return np.where(told, -(seen.time - seen.time[told].min()) / deviation, -np.ptp(seen.time[told]) / deviation - 1.0)


def degree(seen: Seen) -> Array:
    """Log of the ties in the whole graph."""
    return np.log1p(seen.degree) - _UNREACHABLE * seen.scores[:, of.UNREACHABLE]


def closeness(seen: Seen) -> Array:
    """Minus the mean distance to reported nodes."""
    return -seen.scores[:, of.MEAN_DISTANCE] - _UNREACHABLE * seen.scores[:, of.UNREACHABLE]


def jordan(seen: Seen) -> Array:
    """Minus the largest distance to a reported node; Zhu & Ying (2016)."""
    return -seen.scores[:, of.ECCENTRICITY] - _UNREACHABLE * seen.scores[:, of.UNREACHABLE]


def rumor_tree(seen: Seen) -> Array:
    """Log rumor centrality of the tree of shortest paths; Shah & Zaman (2011)."""
    return seen.scores[:, of.RUMOR] - _UNREACHABLE * seen.scores[:, of.UNREACHABLE]


def rumor_full(seen: Seen) -> Array:
    """The same with the log probability of the breadth-first order of infection, their rule for graphs."""
    return rumor_tree(seen) + seen.scores[:, of.ORDER]


def netsleuth(seen: Seen) -> Array:
    """Log of the smallest eigenvector of the Laplacian of the reported nodes, with degrees of the whole graph.

    The first seed of NetSleuth, Prakash, Vreeken & Faloutsos (2012), without its search for more of them.
    """
    matrix = np.diag(seen.degree.astype(np.float64))
    for node in range(seen.nodes):
        matrix[node, seen.neighbours[seen.offsets[node] : seen.offsets[node + 1]]] = -1.0
    reported = np.flatnonzero(seen.known != MASKED)
    score = np.full(seen.nodes, -_UNREACHABLE)
    if len(reported):
        vector = np.abs(np.linalg.eigh(matrix[np.ix_(reported, reported)])[1][:, 0])
        score[reported] = np.log(np.maximum(vector, 1e-15))
    return score
