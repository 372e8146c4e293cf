"""The exact posterior under SI with equal rates, by the chain of all sets that may have been infected on the way.

The time of the look is exponential, with a mean that is log-uniform: given the mean, the chance that the infected are a
set S when one looks is a sum over orders of infection of ratios of rates, which a pass over the subsets of S adds up.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sgnn.domains.cascades.snapshots import Seen

MOST = 16
"""Nodes of which subsets are enumerated."""
_POINTS = 24


def exact_posterior(seen: Seen, pace: float, durations: tuple[float, float]) -> NDArray[np.float64]:
    """Log posterior (node,) of the origin, every node as likely before.

    The mean time is ``d / pace`` in units of a tie's mean time to transmission, with d log-uniform between
    ``durations``. Raises `ValueError` for more than `MOST` nodes.
    """
    if seen.nodes > MOST:
        raise ValueError(f"{seen.nodes} nodes are too many to enumerate their sets")
    ties = np.zeros(seen.nodes, dtype=np.int64)
    for node in range(seen.nodes):
        for other in seen.neighbours[seen.offsets[node] : seen.offsets[node + 1]]:
            ties[node] |= 1 << int(other)
    means = np.exp(np.linspace(np.log(durations[0]), np.log(durations[1]), _POINTS)) / pace
    weight = np.full(_POINTS, 1.0)
    weight[[0, -1]] = 0.5
    likelihood = np.zeros(seen.nodes)
    for mean, share in zip(means, weight, strict=True):
        likelihood += share * chances(ties, seen.degree, 1.0 / mean)
    return np.asarray(np.log(np.maximum(likelihood, 1e-300)) - np.log(likelihood.sum()))


@njit(cache=True, nogil=True)
def chances(ties: np.ndarray, degree: np.ndarray, looks: float) -> NDArray[np.float64]:
    """Chance (node,) that the set of all nodes is infected, no more and no fewer, when one looks at rate ``looks``.

    ``ties[v]`` has a bit for every node tied to v, ``degree`` counts ties in the whole graph; every tie transmits at
    rate 1. Backwards: from a set, the next node is each with its ties into the set over all rates that leave it.
    """
    nodes = ties.shape[0]
    full = (1 << nodes) - 1
    chance = np.zeros(full + 1)
    for subset in range(full, 0, -1):
        leaving = 0.0
        for node in range(nodes):
            if subset >> node & 1:
                inside, left = 0, ties[node] & subset
                while left:
                    left &= left - 1
                    inside += 1
                leaving += degree[node] - inside
        if subset == full:
            chance[subset] = looks / (looks + leaving)
            continue
        total = 0.0
        for node in range(nodes):
            if not subset >> node & 1:
                into, left = 0, ties[node] & subset
                while left:
                    left &= left - 1
                    into += 1
                if into:
                    total += into * chance[subset | 1 << node]
        chance[subset] = total / (looks + leaving)
    out = np.empty(nodes)
    for node in range(nodes):
        out[node] = chance[1 << node]
    return out
