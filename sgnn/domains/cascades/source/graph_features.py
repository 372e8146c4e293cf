"""Features of a whole snapshot, none of which knows its size but through logarithms."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sgnn.domains.cascades.observation.kernel import ABSOLUTE, MASKED, RECOVERED
from sgnn.domains.cascades.source import columns as of
from sgnn.domains.cascades.source.orders import MOST, orders_of
from sgnn.domains.cascades.source.timing import SAME, as_early, told_times

GRAPH_FEATURES = 24


@njit(cache=True, nogil=True)
def fill_graph(
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
    """Fill ``out`` (feature,) of a snapshot of ``size`` nodes with so many ``ends`` of ties, of a ``whole`` graph."""
    reports, over, degrees = 0, 0, 0.0
    near, central, apart = math.inf, math.inf, 1.0
    for node in range(size):
        reports += known[node] != MASKED
        over += known[node] == RECOVERED
        degrees += math.log1p(degree[node])
        near = min(near, scores[node, of.MEAN_DISTANCE])
        central = min(central, scores[node, of.ECCENTRICITY])
        apart = min(apart, scores[node, of.UNREACHABLE])
    out[0] = math.log1p(size) / 3.0
    out[1] = math.log1p(reports) / 3.0
    out[2] = math.log1p(size - reports) / 3.0
    out[3] = math.log(whole) / 5.0
    out[4] = reports / whole
    out[5] = degrees / max(size, 1) / 2.0
    out[6] = math.log1p(ends / max(size, 1))
    out[11] = over / max(reports, 1)
    out[12] = math.log1p(near) if size > 0 else 0.0
    out[13] = math.log1p(central) if size > 0 else 0.0
    out[14] = apart
    out[18] = orders_of(size, ends) / MOST
    _fill_parts(known, scores, reports, out)
    _fill_times(time, clock, reports, out)


@njit(cache=True, nogil=True)
def _fill_parts(known: np.ndarray, scores: np.ndarray, reports: int, out: np.ndarray) -> None:
    """Into how many parts those reported fall, ways through unknown nodes counted, and how unequal these are.

    A part of k nodes is what each of its k nodes reaches: their shares of a part, 1 / k each, add up to one.
    """
    parts, even, largest = 0.0, 0.0, 0.0
    for node in range(known.shape[0]):
        if known[node] != MASKED:
            share = 1.0 - scores[node, of.UNREACHABLE]
            parts += 1.0 / (share * reports)
            even += share / reports
            largest = max(largest, share)
    if reports > 0:
        out[19] = math.log(parts)
        out[20] = -math.log(even)
        out[21] = 1.0 - largest


@njit(cache=True, nogil=True)
def _fill_times(time: np.ndarray, clock: int, reports: int, out: np.ndarray) -> None:
    """What is told of times, and whether they are whole numbers, as steps are."""
    told, mean, first, deviation = told_times(time)
    out[7] = 1.0 if clock == 1 else 0.0
    out[8] = 1.0 if clock == 2 else 0.0
    out[9] = told / max(reports, 1)
    out[10] = math.log1p(told) / 3.0
    if told == 0:
        return
    whole_numbers, level = True, 0
    for when in time:
        if not math.isnan(when):
            whole_numbers = whole_numbers and abs(when - round(when)) < SAME
            level += as_early(when, first, mean)
    out[15] = 1.0 if whole_numbers else 0.0
    out[16] = math.log1p(level)
    second = math.inf
    for when in time:
        if not math.isnan(when) and not as_early(when, first, mean):
            second = min(second, when)
    if second < math.inf and deviation > 0.0:
        out[22] = (second - first) / deviation
        out[23] = (mean - first) / deviation / 3.0
    if clock == ABSOLUTE:
        out[17] = min(max(first / max(deviation, SAME * max(mean, SAME)), -5.0), 5.0)
