"""How well each node would do as the origin: distances, rumor centrality and times, from one search a node.

Breadth first over the part of the graph that is seen, through nodes of which nothing is known as well; only reported
ones are counted. Costs nodes × ties.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sgnn.domains.cascades.graphs.search import breadth_first
from sgnn.domains.cascades.observation.kernel import MASKED
from sgnn.domains.cascades.source import columns as of
from sgnn.domains.cascades.source.orders import order_likelihoods
from sgnn.domains.cascades.source.timing import earliest, fit_times, told_times


@njit(cache=True, nogil=True)
def candidate_scores(
    offsets: np.ndarray,
    neighbours: np.ndarray,
    known: np.ndarray,
    degree: np.ndarray,
    time: np.ndarray,
    out: np.ndarray,
) -> None:
    """Fill ``out`` (node, column) of one snapshot, whose rows begin at 0; ``time`` (node,) is NaN where not told."""
    nodes = known.shape[0]
    distance, parent = np.empty(nodes, dtype=np.int64), np.empty(nodes, dtype=np.int64)
    queue, below = np.empty(nodes, dtype=np.int64), np.empty(nodes, dtype=np.int64)
    mark = np.full(nodes, -1, dtype=np.int64)
    reports = 0
    for node in range(nodes):
        reports += known[node] != MASKED
    _, mean, first, deviation = told_times(time)
    order_likelihoods(offsets, neighbours, known, degree, time, deviation, out[:, of.LIKELIHOOD])
    level, step = earliest(time, first, mean)
    for source in range(nodes):
        size = breadth_first(offsets, neighbours, source, queue, distance, parent)
        reach = queue[:size]
        _distances(reach, distance, known, reports, out[source])
        out[source, of.RUMOR] = _rumor_centrality(reach, parent, known, below)
        out[source, of.ORDER] = _order_probability(offsets, neighbours, known, degree, reach, source, mark)
        fit_times(reach, distance, time, mean, first, level, step, out[source])


@njit(cache=True, nogil=True)
def _distances(reach: np.ndarray, distance: np.ndarray, known: np.ndarray, reports: int, out: np.ndarray) -> None:
    """Fill the columns of ``out`` that tell of distances to reported nodes, of which there are ``reports``."""
    total, most, found, near, nearer = 0.0, 0, 0, 0, 0
    for node in reach:
        if known[node] != MASKED:
            found += 1
            total += distance[node]
            most = max(most, distance[node])
            near += distance[node] == 1
            nearer += distance[node] <= 2
    out[of.MEAN_DISTANCE] = total / max(found, 1)
    out[of.ECCENTRICITY] = most
    out[of.UNREACHABLE] = 1.0 - found / max(reports, 1)
    out[of.NEAR] = near / max(reports, 1)
    out[of.NEARER] = nearer / max(reports, 1)


@njit(cache=True, nogil=True)
def _rumor_centrality(reach: np.ndarray, parent: np.ndarray, known: np.ndarray, below: np.ndarray) -> float:
    """log R = log n! − Σ log T, over the subtree sizes T of the tree of shortest paths; ``below`` is room to work in.

    Shah & Zaman (2011), *Rumors in a network: who's the culprit?*, section II.
    """
    found, rumor = 0, 0.0
    for node in reach:
        below[node] = known[node] != MASKED
        found += below[node]
    for node in reach[::-1]:
        if known[node] != MASKED:
            rumor -= math.log(below[node])
        if parent[node] >= 0:
            below[parent[node]] += below[node]
    return rumor + math.lgamma(found + 1.0)


@njit(cache=True, nogil=True)
def _order_probability(
    offsets: np.ndarray,
    neighbours: np.ndarray,
    known: np.ndarray,
    degree: np.ndarray,
    reach: np.ndarray,
    source: int,
    mark: np.ndarray,
) -> float:
    """Log probability of the order of the search, under SI with equal rates; Shah & Zaman (2011), section III.

    Each step has c / b for a node with c of the b ties that leave the infected. ``mark`` (node,) is never ``source``
    before, and is for all who were infected after.
    """
    order, boundary, found = 0.0, 0.0, 0
    for node in reach:
        if known[node] == MASKED:
            continue
        found += 1
        into = 0
        for slot in range(offsets[node], offsets[node + 1]):
            into += mark[neighbours[slot]] == source
        if found > 1 and boundary > 0.0:
            order += math.log(max(into, 0.5) / boundary)
        mark[node] = source
        boundary += degree[node] - 2.0 * into
    return order
