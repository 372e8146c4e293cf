"""Times that are told, and how well each node would do as the place where they began."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sgnn.domains.cascades.source import columns as of

SAME = 1e-5
"""Difference, or share of the mean time, within which times are one."""


@njit(cache=True, nogil=True)
def told_times(time: np.ndarray) -> tuple[int, float, float, float]:
    """How many times (node,) are told, their mean, the first, their standard deviation; of none 0, 0, infinite, 0."""
    told, total, first = 0, 0.0, math.inf
    for when in time:
        if not math.isnan(when):
            told += 1
            total += when
            first = min(first, when)
    mean = total / told if told > 0 else 0.0
    squares = 0.0
    for when in time:
        if not math.isnan(when):
            squares += (when - mean) ** 2
    return told, mean, first, math.sqrt(squares / told) if told > 0 else 0.0


@njit(cache=True, nogil=True)
def as_early(when: float, first: float, mean: float) -> bool:
    """Whether a time is the first one but for rounding."""
    return when <= first + SAME * max(abs(mean), SAME)


@njit(cache=True, nogil=True)
def earliest(time: np.ndarray, first: float, mean: float) -> tuple[int, float]:
    """How many times (node,) are the first one, and the least above 0."""
    level, step = 0, math.inf
    for when in time:
        if not math.isnan(when):
            level += as_early(when, first, mean)
            if when > 0.0:
                step = min(step, when)
    return level, step


@njit(cache=True, nogil=True)
def fit_times(
    queue: np.ndarray,
    distance: np.ndarray,
    time: np.ndarray,
    mean: float,
    first: float,
    level: int,
    step: float,
    out: np.ndarray,
) -> None:
    """Fill the columns of ``out`` that tell of times, for the source of a search; ``queue`` are the nodes in reach."""
    d_sum, d_square, t_square, cross, told = 0.0, 0.0, 0.0, 0.0, 0
    early_distance, adjacent, too_early = 0.0, 0, 0
    for node in queue:
        if math.isnan(time[node]):
            continue
        away, when = float(distance[node]), time[node] - mean
        told += 1
        d_sum += away
        d_square += away * away
        t_square += when * when
        cross += away * when
        too_early += time[node] < (away - 0.5) * step
        if as_early(time[node], first, mean):
            early_distance += away
            adjacent += distance[node] == 1
    out[of.SLOPE : of.EARLY + 1] = 0.0
    if told == 0:
        return
    mean_away = d_sum / told
    spread = d_square / told - mean_away * mean_away
    joint = cross / told
    scatter = math.sqrt(t_square / told)
    if spread > 0.0 and told > 2 and scatter > 0.0:
        slope = joint / spread
        out[of.SLOPE] = slope / scatter
        out[of.INTERCEPT] = (0.0 - slope * mean_away) / scatter
        out[of.RESIDUAL] = math.sqrt(max(1.0 - slope * joint / (scatter * scatter), 0.0))
        out[of.CORRELATION] = joint / math.sqrt(spread) / scatter
    out[of.EARLIEST] = early_distance / level
    out[of.ADJACENT] = adjacent / level
    out[of.EARLY] = too_early / told
