"""The logarithmic score of answers that are given as quantiles: log of the density that they put on the truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_NARROWEST = 1e-6
"""Least width of a step, as a share of the distance of the outermost quantiles: ties are no certainty."""


def log_score(quantiles: Array, levels: Array, truth: Array) -> Array:
    """Log density (…) in nats at a truth (…), of quantiles (…, quantile): higher is better; NaN where unknown.

    The density is even between neighbouring quantiles and falls off exponentially beyond the outermost ones, at the
    rate of the last step; where all of them are positive, so is that of their logarithm, for they may span magnitudes.
    Where some of them are 0 and none is negative, the logarithm is that of their sum with the smallest positive truth.
    For a normal distribution at the hub's 23 levels that costs less than 0.005 nats.
    """
    known = np.isfinite(quantiles).all(axis=-1) & np.isfinite(truth)
    own, at = quantiles[known], truth[known]
    found = np.full(truth.shape, np.nan)
    floor = _floor(own, at)
    if floor is None:
        found[known] = _log_density(own, levels, at)
    else:
        scaled = np.log(at + floor)
        found[known] = _log_density(np.log(own + floor), levels, scaled) - scaled
    return found


def _floor(quantiles: Array, truth: Array) -> float | None:
    """What is added before logarithms are taken; None for what is negative, or never above 0."""
    if not quantiles.size or not (truth > 0.0).any() or min(float(quantiles.min()), float(truth.min())) < 0.0:
        return None
    if min(float(quantiles.min()), float(truth.min())) > 0.0:
        return 0.0
    return float(truth[truth > 0.0].min())


def _log_density(quantiles: Array, levels: Array, truth: Array) -> Array:
    least = np.maximum(_NARROWEST * (quantiles[:, -1:] - quantiles[:, :1]), 1e-12)
    widths = np.maximum(np.diff(quantiles, axis=1), least)
    inside = np.log(np.diff(levels)) - np.log(widths)
    below, above = truth < quantiles[:, 0], truth > quantiles[:, -1]
    low = widths[:, 0] / np.log(levels[1] / levels[0])
    high = widths[:, -1] / np.log((1.0 - levels[-2]) / (1.0 - levels[-1]))
    step = np.clip((quantiles <= truth[:, None]).sum(axis=1) - 1, 0, len(levels) - 2)
    middle = inside[np.arange(len(truth)), step]
    under = np.log(levels[0] / low) - (quantiles[:, 0] - truth) / low
    over = np.log((1.0 - levels[-1]) / high) - (truth - quantiles[:, -1]) / high
    return np.asarray(np.where(below, under, np.where(above, over, middle)))
