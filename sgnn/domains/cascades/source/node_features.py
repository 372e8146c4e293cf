"""Features of every node of a snapshot: what is known of it and around it, and how it does beside the best."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sgnn.domains.cascades.observation.kernel import ABSOLUTE, MASKED, RECOVERED, REPORTED
from sgnn.domains.cascades.source import columns as of
from sgnn.domains.cascades.source.timing import SAME, as_early, told_times

NODE_FEATURES = 46
_FAR = 30.0
_NEAR, _CENTRAL, _APART, _RUMOR, _ORDER, _BOTH, _LIKELIHOOD = range(7)


@njit(cache=True, nogil=True)
def fill_nodes(
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
    """Fill ``out`` (node, feature) of one snapshot, whose rows begin at 0, from its `candidate_scores`."""
    best = _best(scores)
    told, mean, first, deviation = told_times(time)
    deviation = max(deviation, 1e-9)
    turns = np.sort(time[~np.isnan(time)])
    for node in range(known.shape[0]):
        around = neighbours[offsets[node] : offsets[node + 1]]
        _fill_place(node, around, known, degree, unreached, out[node])
        _fill_scores(scores[node], best, out[node])
        if told > 0:
            _fill_times(node, around, time, clock, mean, first, deviation, out[node])
            _fill_turn(node, around, known, time, turns, first, deviation, out[node])
            _fill_fit(scores[node], out[node])


@njit(cache=True, nogil=True)
def _best(scores: np.ndarray) -> np.ndarray:
    """The best of all nodes in each respect."""
    best = np.full(7, -math.inf)
    best[_NEAR] = best[_CENTRAL] = best[_APART] = math.inf
    for one in scores:
        best[_NEAR] = min(best[_NEAR], one[of.MEAN_DISTANCE])
        best[_CENTRAL] = min(best[_CENTRAL], one[of.ECCENTRICITY])
        best[_APART] = min(best[_APART], one[of.UNREACHABLE])
        best[_LIKELIHOOD] = max(best[_LIKELIHOOD], one[of.LIKELIHOOD])
    for one in scores:
        # what reaches fewer nodes is another graph, whose centralities are not to be compared
        if one[of.UNREACHABLE] <= best[_APART] + 1e-9:
            best[_RUMOR] = max(best[_RUMOR], one[of.RUMOR])
            best[_ORDER] = max(best[_ORDER], one[of.ORDER])
            best[_BOTH] = max(best[_BOTH], one[of.RUMOR] + one[of.ORDER])
    return best


@njit(cache=True, nogil=True)
def _fill_place(
    node: int, around: np.ndarray, known: np.ndarray, degree: np.ndarray, unreached: np.ndarray, out: np.ndarray
) -> None:
    """What is known of the node, and of its neighbours."""
    reported, hidden = 0, 0
    for other in around:
        reported += known[other] != MASKED
        hidden += known[other] == MASKED
    out[0] = 1.0 if known[node] == REPORTED else 0.0
    out[1] = 1.0 if known[node] == MASKED else 0.0
    out[2] = 1.0 if known[node] == RECOVERED else 0.0
    out[3] = math.log1p(degree[node]) / 2.0
    out[4] = math.log1p(unreached[node]) / 2.0
    out[5] = unreached[node] / max(degree[node], 1)
    out[6] = math.log1p(reported) / 2.0
    out[7] = reported / max(degree[node], 1)
    out[8] = math.log1p(hidden) / 2.0


@njit(cache=True, nogil=True)
def _fill_scores(one: np.ndarray, best: np.ndarray, out: np.ndarray) -> None:
    """How near the node is, and how likely as the origin, beside the best."""
    both = one[of.RUMOR] + one[of.ORDER]
    out[9] = one[of.MEAN_DISTANCE] - best[_NEAR]
    out[10] = one[of.MEAN_DISTANCE] / max(best[_NEAR], 0.5)
    out[11] = (one[of.ECCENTRICITY] - best[_CENTRAL]) / 2.0
    out[12] = one[of.ECCENTRICITY] / max(best[_CENTRAL], 1.0)
    out[13] = one[of.UNREACHABLE] - best[_APART]
    out[14] = _below(one[of.RUMOR], best[_RUMOR])
    out[15] = _below(one[of.ORDER], best[_ORDER])
    out[16] = _below(both, best[_BOTH])
    out[17] = max(both - best[_BOTH], -_FAR) / 5.0
    out[18] = max(one[of.RUMOR] - best[_RUMOR], -_FAR) / 5.0
    out[19] = one[of.NEAR]
    out[20] = one[of.NEARER]
    out[38] = _below(one[of.LIKELIHOOD], best[_LIKELIHOOD])
    out[39] = max(one[of.LIKELIHOOD] - best[_LIKELIHOOD], -_FAR) / 5.0


@njit(cache=True, nogil=True)
def _fill_times(
    node: int,
    around: np.ndarray,
    time: np.ndarray,
    clock: int,
    mean: float,
    first: float,
    deviation: float,
    out: np.ndarray,
) -> None:
    """The node's own time and those of its neighbours, in standard deviations of all that are told."""
    when = time[node]
    told_near, early = math.inf, 0
    for other in around:
        if not math.isnan(time[other]):
            told_near = min(told_near, time[other])
            early += as_early(time[other], first, mean)
    if not math.isnan(when):
        out[21] = 1.0
        out[22] = (when - mean) / deviation
        out[23] = (when - first) / deviation
        out[24] = 1.0 if as_early(when, first, mean) else 0.0
        if clock == ABSOLUTE:
            out[25] = min(max(when / deviation, -5.0), 5.0)
            out[26] = 1.0 if abs(when) < SAME else 0.0
    if told_near < math.inf:
        out[27] = 1.0
        out[28] = (told_near - first) / deviation
        if not math.isnan(when):
            out[29] = min(max((told_near - when) / deviation, -5.0), 5.0)
    out[30] = math.log1p(early)


@njit(cache=True, nogil=True)
def _fill_turn(
    node: int,
    around: np.ndarray,
    known: np.ndarray,
    time: np.ndarray,
    turns: np.ndarray,
    first: float,
    deviation: float,
    out: np.ndarray,
) -> None:
    """How many are told to be earlier, among all in ``turns`` and among neighbours: who may have passed it on."""
    told, before, untold, total = 0, 0, 0, 0.0
    for other in around:
        if math.isnan(time[other]):
            untold += known[other] != MASKED
            continue
        told += 1
        total += time[other]
        before += time[other] < time[node]
    if not math.isnan(time[node]):
        out[40] = math.log1p(np.searchsorted(turns, time[node])) / 2.0
        out[41] = math.log1p(before)
    out[42] = math.log1p(told)
    out[43] = math.log1p(untold) / 2.0
    if told > 0:
        mean = total / told
        out[44] = (mean - first) / deviation / 2.0
        out[45] = math.log1p(np.searchsorted(turns, mean)) / 2.0


@njit(cache=True, nogil=True)
def _fill_fit(one: np.ndarray, out: np.ndarray) -> None:
    """How well the times fit the node as the origin."""
    out[31] = min(max(one[of.SLOPE], -3.0), 3.0)
    out[32] = min(max(one[of.INTERCEPT], -5.0), 5.0)
    out[33] = one[of.RESIDUAL]
    out[34] = one[of.CORRELATION]
    out[35] = one[of.EARLIEST] / 2.0
    out[36] = one[of.ADJACENT]
    out[37] = one[of.EARLY]


@njit(cache=True, nogil=True)
def _below(value: float, best: float) -> float:
    """How far below the best, from 0 on, damped."""
    return -math.log1p(min(max(best - value, 0.0), 1e6))
