"""Calibration of quantile forecasts: PIT, reliability of quantiles, coverage by horizon."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sgnn.evaluation.scores import INTERVALS, covered

Array = NDArray[np.float64]


def pit(forecast: Array, levels: Array, truth: Array) -> Array:
    """Probability integral transform (forecast,) of every observed truth, linear between.

    A truth equal to several quantiles (a count forecast at 0) gets the middle of their levels. Calibrated forecasts
    give uniform values; beyond the outermost quantiles half of the remaining probability is given.
    """
    seen = ~np.isnan(truth)
    quantiles, values = forecast[seen], truth[seen]
    below = (quantiles < values[:, None]).sum(axis=1)
    upto = (quantiles <= values[:, None]).sum(axis=1)
    padded = np.concatenate([[levels[0] / 2], levels, [(1 + levels[-1]) / 2]])
    tied = (padded[below + 1] + padded[upto]) / 2
    at = np.clip(below, 1, len(levels) - 1)
    rows = np.arange(len(values))
    low, high = quantiles[rows, at - 1], quantiles[rows, at]
    share = np.divide(values - low, high - low, out=np.full(len(values), 0.5), where=high > low)
    between = levels[at - 1] + np.clip(share, 0, 1) * (levels[at] - levels[at - 1])
    outside = np.where(below == 0, padded[0], padded[-1])
    inside = (below > 0) & (below < len(levels))
    return np.asarray(np.where(upto > below, tied, np.where(inside, between, outside)))


def reliability(forecast: Array, levels: Array, truth: Array) -> Array:
    """Share (quantile,) of observed truths whose PIT is at or below each level; calibrated: equal to the level.

    Counts of 0 are at or below every quantile; by their PIT they count once, in the middle of the levels they equal.
    """
    return np.asarray((pit(forecast, levels, truth)[:, None] <= levels).mean(axis=0))


def coverage_by_horizon(forecast: Array, levels: Array, truth: Array) -> dict[int, Array]:
    """Coverage (horizon,) of each central interval; the last dimension of ``truth`` is the horizon."""
    axes = tuple(range(truth.ndim - 1))
    return {percent: np.nanmean(covered(forecast, levels, truth, percent), axis=axes) for percent in INTERVALS}
