"""How well each node would do as the origin: distances, rumor centrality and times, from one search a node.

Breadth first over the part of the graph that is seen, through nodes of which nothing is known as well; only reported
ones are counted. Costs nodes × ties.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sgnn.domains.cascades.observation.kernel import MASKED
from sgnn.domains.cascades.source.orders import order_likelihoods

(
    MEAN_DISTANCE,
    ECCENTRICITY,
    UNREACHABLE,
    RUMOR,
    ORDER,
    NEAR,
    NEARER,
    SLOPE,
    INTERCEPT,
    RESIDUAL,
    CORRELATION,
    EARLIEST,
    ADJACENT,
    EARLY,
    LIKELIHOOD,
) = range(15)
"""Columns: mean and largest distance to reported nodes and the share out of reach; log rumor centrality of the tree of
shortest paths, log probability of its order; shares of reported nodes one tie and at most two away; slope, intercept,
residual deviation and correlation of told times on distance; mean distance to those told earliest, the share of them
next to it, and the share of told times that are less than any spread from it in steps would allow; log likelihood by
`order_likelihoods`."""
COLUMNS = 15
_SAME = 1e-5


@njit(cache=True, nogil=True)
def candidate_scores(
    offsets: np.ndarray,
    neighbours: np.ndarray,
    known: np.ndarray,
    degree: np.ndarray,
    time: np.ndarray,
    out: np.ndarray,
) -> None:
    """Fill ``out`` (node, column) of one snapshot, whose rows begin at 0; ``time`` (node,) is NaN where not told.

    Rumor centrality is log R = log n! − Σ log T, over the subtree sizes T of the tree of shortest paths; the order's
    probability is that of SI with equal rates, each step c / b for a node with c of the b ties that leave the infected;
    Shah & Zaman (2011), *Rumors in a network: who's the culprit?*, sections II and III.
    """
    nodes = known.shape[0]
    order_likelihoods(offsets, neighbours, known, degree, out[:, LIKELIHOOD])
    distance, parent = np.empty(nodes, dtype=np.int64), np.empty(nodes, dtype=np.int64)
    queue, below = np.empty(nodes, dtype=np.int64), np.empty(nodes, dtype=np.int64)
    mark = np.full(nodes, -1, dtype=np.int64)
    reports, told, mean_time, first = 0, 0, 0.0, math.inf
    step = math.inf
    for node in range(nodes):
        reports += known[node] != MASKED
        if not math.isnan(time[node]):
            told += 1
            mean_time += time[node]
            first = min(first, time[node])
            if time[node] > 0.0:
                step = min(step, time[node])
    mean_time = mean_time / told if told > 0 else 0.0
    level = 0
    for node in range(nodes):
        if not math.isnan(time[node]) and time[node] <= first + _SAME * max(abs(mean_time), _SAME):
            level += 1
    for source in range(nodes):
        for node in range(nodes):
            distance[node] = -1
        queue[0], distance[source], parent[source] = source, 0, -1
        size, at = 1, 0
        while at < size:
            node = queue[at]
            at += 1
            for slot in range(offsets[node], offsets[node + 1]):
                other = neighbours[slot]
                if distance[other] < 0:
                    distance[other] = distance[node] + 1
                    parent[other] = node
                    queue[size] = other
                    size += 1
        total, most, found, near, nearer = 0.0, 0, 0, 0, 0
        rumor, order, boundary = 0.0, 0.0, 0.0
        ties_in = 0
        d_sum, d_square, t_square, cross, n_told = 0.0, 0.0, 0.0, 0.0, 0
        early_distance, adjacent, too_early = 0.0, 0, 0
        for at in range(size):
            node = queue[at]
            below[node] = 0
            if not math.isnan(time[node]):
                away, when = float(distance[node]), time[node] - mean_time
                n_told += 1
                d_sum += away
                d_square += away * away
                t_square += when * when
                cross += away * when
                too_early += time[node] < (away - 0.5) * step
                if time[node] <= first + _SAME * max(abs(mean_time), _SAME):
                    early_distance += away
                    adjacent += distance[node] == 1
            if known[node] == MASKED:
                continue
            below[node] = 1
            found += 1
            total += distance[node]
            most = max(most, distance[node])
            near += distance[node] == 1
            nearer += distance[node] <= 2
            into = 0
            for slot in range(offsets[node], offsets[node + 1]):
                into += mark[neighbours[slot]] == source
            if found > 1 and boundary > 0.0:
                order += math.log(max(into, 0.5) / boundary)
            mark[node] = source
            ties_in += into
            boundary += degree[node] - 2.0 * into
        for back in range(size - 1, -1, -1):
            node = queue[back]
            if known[node] != MASKED:
                rumor -= math.log(below[node])
            if parent[node] >= 0:
                below[parent[node]] += below[node]
        out[source, MEAN_DISTANCE] = total / max(found, 1)
        out[source, ECCENTRICITY] = most
        out[source, UNREACHABLE] = 1.0 - found / max(reports, 1)
        out[source, RUMOR] = rumor + math.lgamma(found + 1.0)
        out[source, ORDER] = order
        out[source, NEAR] = near / max(reports, 1)
        out[source, NEARER] = nearer / max(reports, 1)
        for column in range(SLOPE, LIKELIHOOD):
            out[source, column] = 0.0
        if n_told > 0:
            mean_away = d_sum / n_told
            spread = d_square / n_told - mean_away * mean_away
            joint = cross / n_told
            scatter = math.sqrt(t_square / n_told)
            if spread > 0.0 and n_told > 2 and scatter > 0.0:
                slope = joint / spread
                out[source, SLOPE] = slope / scatter
                out[source, INTERCEPT] = (0.0 - slope * mean_away) / scatter
                out[source, RESIDUAL] = math.sqrt(max(1.0 - slope * joint / (scatter * scatter), 0.0))
                out[source, CORRELATION] = joint / math.sqrt(spread) / scatter
            out[source, EARLIEST] = early_distance / level
            out[source, ADJACENT] = adjacent / level
            out[source, EARLY] = too_early / n_told
