"""What the network is given of a snapshot: features of every node and of the whole, none of which knows its size."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sgnn.domains.cascades.observation.kernel import ABSOLUTE, MASKED, RECOVERED, REPORTED
from sgnn.domains.cascades.source import candidates as of
from sgnn.domains.cascades.source.orders import MOST, orders_of
from sgnn.domains.cascades.source.rows import joined_rows

NODE_FEATURES, GRAPH_FEATURES = 40, 19
SEEN = ("seen_nodes", "seen_ties", "clock", "known", "degree", "unreached", "tie_counts", "ties", "time", "graph_nodes")
"""Variables of a snapshot that are looked at."""
_FAR = 30.0
_SAME = 1e-5


def snapshot_inputs(draws: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Features and the joined graph of some snapshots, from the arrays (draw, …) named by `SEEN`.

    ``nodes`` (node, feature) and ``graphs`` (draw, feature); ``owner`` (node,) the draw of each node; ``offsets`` and
    ``neighbours`` the rows of all graphs together; ``scores`` (node, column) of `candidate_scores`.
    """
    sizes = draws["seen_nodes"].astype(np.int64)
    total = int(sizes.sum())
    offsets = np.zeros(total + 1, dtype=np.int64)
    neighbours = np.empty(2 * int(draws["seen_ties"].astype(np.int64).sum()), dtype=np.int32)
    joined_rows(sizes, draws["tie_counts"], draws["ties"], offsets, neighbours)
    inside = np.arange(draws["known"].shape[1]) < sizes[:, None]
    known, degree, unreached, time = (draws[name][inside] for name in ("known", "degree", "unreached", "time"))
    nodes = np.zeros((total, NODE_FEATURES), dtype=np.float32)
    graphs = np.zeros((len(sizes), GRAPH_FEATURES), dtype=np.float32)
    scores = np.zeros((total, of.COLUMNS))
    fill_features(
        sizes,
        offsets,
        neighbours,
        known,
        degree.astype(np.int64),
        unreached.astype(np.int64),
        time.astype(np.float64),
        draws["clock"].astype(np.int64),
        draws["graph_nodes"].astype(np.int64),
        scores,
        nodes,
        graphs,
    )
    owner = np.repeat(np.arange(len(sizes)), sizes)
    return {
        "nodes": nodes,
        "graphs": graphs,
        "owner": owner,
        "offsets": offsets.astype(np.int32),
        "neighbours": neighbours,
        "scores": scores,
    }


@njit(cache=True, nogil=True)
def _below(value: float, best: float) -> float:
    """How far below the best, from 0 on, damped."""
    return -math.log1p(min(max(best - value, 0.0), 1e6))


@njit(cache=True, nogil=True)
def fill_features(
    sizes: np.ndarray,
    offsets: np.ndarray,
    neighbours: np.ndarray,
    known: np.ndarray,
    degree: np.ndarray,
    unreached: np.ndarray,
    time: np.ndarray,
    clock: np.ndarray,
    whole: np.ndarray,
    scores: np.ndarray,
    nodes: np.ndarray,
    graphs: np.ndarray,
) -> None:
    """Fill ``scores``, ``nodes`` and ``graphs``; all arrays of nodes are those of all snapshots together."""
    first = 0
    for row in range(sizes.shape[0]):
        size = sizes[row]
        end = first + size
        part = scores[first:end]
        rows = offsets[first : end + 1] - offsets[first]
        of.candidate_scores(
            rows,
            neighbours[offsets[first] : offsets[end]] - first,
            known[first:end],
            degree[first:end],
            time[first:end],
            part,
        )
        _fill_graph(
            size,
            offsets[end] - offsets[first],
            known[first:end],
            degree[first:end],
            time[first:end],
            clock[row],
            whole[row],
            part,
            graphs[row],
        )
        _fill_nodes(
            first,
            end,
            offsets,
            neighbours,
            known,
            degree,
            unreached,
            time,
            clock[row],
            part,
            nodes,
        )
        first = end


@njit(cache=True, nogil=True)
def _fill_graph(
    size: int,
    ends: int,
    known: np.ndarray,
    degree: np.ndarray,
    time: np.ndarray,
    clock: int,
    whole: int,
    scores: np.ndarray,
    out: np.ndarray,
) -> None:
    reports, over, told, degrees = 0, 0, 0, 0.0
    mean, first, whole_numbers, level = 0.0, math.inf, True, 0
    for node in range(size):
        reports += known[node] != MASKED
        over += known[node] == RECOVERED
        degrees += math.log1p(degree[node])
        if not math.isnan(time[node]):
            told += 1
            mean += time[node]
            first = min(first, time[node])
            whole_numbers = whole_numbers and abs(time[node] - round(time[node])) < _SAME
    mean = mean / told if told > 0 else 0.0
    squares = 0.0
    for node in range(size):
        if not math.isnan(time[node]):
            squares += (time[node] - mean) ** 2
            level += time[node] <= first + _SAME * max(abs(mean), _SAME)
    out[0] = math.log1p(size) / 3.0
    out[1] = math.log1p(reports) / 3.0
    out[2] = math.log1p(size - reports) / 3.0
    out[3] = math.log(whole) / 5.0
    out[4] = reports / whole
    out[5] = degrees / max(size, 1) / 2.0
    out[6] = math.log1p(ends / max(size, 1))
    out[7] = 1.0 if clock == 1 else 0.0
    out[8] = 1.0 if clock == 2 else 0.0
    out[9] = told / max(reports, 1)
    out[10] = math.log1p(told) / 3.0
    out[11] = over / max(reports, 1)
    near, central, apart = math.inf, math.inf, 1.0
    for node in range(size):
        near = min(near, scores[node, of.MEAN_DISTANCE])
        central = min(central, scores[node, of.ECCENTRICITY])
        apart = min(apart, scores[node, of.UNREACHABLE])
    out[12] = math.log1p(near) if size > 0 else 0.0
    out[13] = math.log1p(central) if size > 0 else 0.0
    out[14] = apart
    out[18] = orders_of(size, ends) / MOST
    if told > 0:
        deviation = math.sqrt(squares / told)
        out[15] = 1.0 if whole_numbers else 0.0
        out[16] = math.log1p(level)
        if clock == ABSOLUTE:
            out[17] = min(max(first / max(deviation, _SAME * max(mean, _SAME)), -5.0), 5.0)


@njit(cache=True, nogil=True)
def _fill_nodes(
    begin: int,
    end: int,
    offsets: np.ndarray,
    neighbours: np.ndarray,
    known: np.ndarray,
    degree: np.ndarray,
    unreached: np.ndarray,
    time: np.ndarray,
    clock: int,
    scores: np.ndarray,
    out: np.ndarray,
) -> None:
    near, central, apart = math.inf, math.inf, math.inf
    rumor, order, both, likelihood = -math.inf, -math.inf, -math.inf, -math.inf
    told, mean, first = 0, 0.0, math.inf
    for node in range(begin, end):
        one = scores[node - begin]
        near, central = min(near, one[of.MEAN_DISTANCE]), min(central, one[of.ECCENTRICITY])
        apart = min(apart, one[of.UNREACHABLE])
        likelihood = max(likelihood, one[of.LIKELIHOOD])
        if not math.isnan(time[node]):
            told += 1
            mean += time[node]
            first = min(first, time[node])
    for node in range(begin, end):
        one = scores[node - begin]
        # what reaches fewer nodes is another graph, whose centralities are not to be compared
        if one[of.UNREACHABLE] <= apart + 1e-9:
            rumor, order = max(rumor, one[of.RUMOR]), max(order, one[of.ORDER])
            both = max(both, one[of.RUMOR] + one[of.ORDER])
    mean = mean / told if told > 0 else 0.0
    squares = 0.0
    for node in range(begin, end):
        if not math.isnan(time[node]):
            squares += (time[node] - mean) ** 2
    deviation = math.sqrt(squares / told) if told > 0 else 0.0
    deviation = max(deviation, 1e-9)
    for node in range(begin, end):
        one, put = scores[node - begin], out[node]
        reported, hidden, told_near, early = 0, 0, math.inf, 0
        for slot in range(offsets[node], offsets[node + 1]):
            other = neighbours[slot]
            reported += known[other] != MASKED
            hidden += known[other] == MASKED
            if not math.isnan(time[other]):
                told_near = min(told_near, time[other])
                early += time[other] <= first + _SAME * max(abs(mean), _SAME)
        put[0] = 1.0 if known[node] == REPORTED else 0.0
        put[1] = 1.0 if known[node] == MASKED else 0.0
        put[2] = 1.0 if known[node] == RECOVERED else 0.0
        put[3] = math.log1p(degree[node]) / 2.0
        put[4] = math.log1p(unreached[node]) / 2.0
        put[5] = unreached[node] / max(degree[node], 1)
        put[6] = math.log1p(reported) / 2.0
        put[7] = reported / max(degree[node], 1)
        put[8] = math.log1p(hidden) / 2.0
        put[9] = one[of.MEAN_DISTANCE] - near
        put[10] = one[of.MEAN_DISTANCE] / max(near, 0.5)
        put[11] = (one[of.ECCENTRICITY] - central) / 2.0
        put[12] = one[of.ECCENTRICITY] / max(central, 1.0)
        put[13] = one[of.UNREACHABLE] - apart
        put[14] = _below(one[of.RUMOR], rumor)
        put[15] = _below(one[of.ORDER], order)
        put[16] = _below(one[of.RUMOR] + one[of.ORDER], both)
        put[17] = max(one[of.RUMOR] + one[of.ORDER] - both, -_FAR) / 5.0
        put[18] = max(one[of.RUMOR] - rumor, -_FAR) / 5.0
        put[19] = one[of.NEAR]
        put[20] = one[of.NEARER]
        put[38] = _below(one[of.LIKELIHOOD], likelihood)
        put[39] = max(one[of.LIKELIHOOD] - likelihood, -_FAR) / 5.0
        if told > 0:
            if not math.isnan(time[node]):
                put[21] = 1.0
                put[22] = (time[node] - mean) / deviation
                put[23] = (time[node] - first) / deviation
                put[24] = 1.0 if time[node] <= first + _SAME * max(abs(mean), _SAME) else 0.0
                if clock == ABSOLUTE:
                    put[25] = min(max(time[node] / deviation, -5.0), 5.0)
                    put[26] = 1.0 if abs(time[node]) < _SAME else 0.0
            if told_near < math.inf:
                put[27] = 1.0
                put[28] = (told_near - first) / deviation
                if not math.isnan(time[node]):
                    put[29] = min(max((told_near - time[node]) / deviation, -5.0), 5.0)
            put[30] = math.log1p(early)
            put[31] = min(max(one[of.SLOPE], -3.0), 3.0)
            put[32] = min(max(one[of.INTERCEPT], -5.0), 5.0)
            put[33] = one[of.RESIDUAL]
            put[34] = one[of.CORRELATION]
            put[35] = one[of.EARLIEST] / 2.0
            put[36] = one[of.ADJACENT]
            put[37] = one[of.EARLY]
