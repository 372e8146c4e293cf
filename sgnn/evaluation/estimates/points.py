"""The point of a posterior that an error asks for: its mean for squares, a weighted median for percentages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def posterior_mean(quantiles: Array, levels: Array) -> Array:
    """Mean (series,) of posteriors given as quantiles (series, quantile): what expects the least squared error."""
    values, masses = _atoms(quantiles, levels)
    return np.asarray(values @ masses)


def weighted_median(quantiles: Array, levels: Array) -> Array:
    """Median (series,) of posteriors of positive values that are weighed by their inverse; NaN for others.

    It expects the least absolute error in percent of the truth: Gneiting (2011), theorem 9 with a weight of 1 / y.
    """
    values, masses = _atoms(quantiles, levels)
    positive = np.asarray((values > 0.0).all(axis=1))
    weights = masses / np.where(positive[:, None], values, 1.0)
    middles = np.cumsum(weights, axis=1) - weights / 2.0
    shares = middles / weights.sum(axis=1, keepdims=True)
    found = [np.interp(0.5, one, own) for one, own in zip(shares, values, strict=True)]
    return np.where(positive, found, np.nan)


def _atoms(quantiles: Array, levels: Array) -> tuple[Array, Array]:
    """Values (series, atom) and their masses (atom,): middles between quantiles, and the outermost ones for the tails.

    A series without all quantiles, such as an estimate without an interval, has NaN alone.
    """
    middles = 0.5 * (quantiles[:, 1:] + quantiles[:, :-1])
    values = np.concatenate([quantiles[:, :1], middles, quantiles[:, -1:]], axis=1)
    values = np.where(np.isfinite(quantiles).all(axis=1, keepdims=True), values, np.nan)
    return values, np.diff(np.concatenate([[0.0], levels, [1.0]]))
