"""Neighbours moved to where the data are: local-linear regression, and quantiles of a smoothed sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from sgnn.attribution.posterior import effective_number

Array = NDArray[np.float64]
_RIDGE = 1e-3
_GRID = 96
_WIDEST = 4.0


def adjusted(values: Array, weights: Array, offsets: Array) -> Array:
    """Values (query, neighbour) less what their offsets (query, neighbour, dimension) from the query explain.

    Weighted least squares in every query's neighbourhood, Beaumont, Zhang & Balding (2002); a small ridge keeps
    directions that hardly vary from being made much of. NaN stay NaN and explain nothing.
    """
    known = np.isfinite(values)
    own = np.where(known, weights, 0.0)
    total = np.maximum(own.sum(axis=1, keepdims=True), 1e-300)
    share = own / total
    centre = (share[..., None] * offsets).sum(axis=1, keepdims=True)
    centred = offsets - centre
    mean = (share * np.where(known, values, 0.0)).sum(axis=1, keepdims=True)
    rest = np.where(known, values - mean, 0.0)
    weighted = centred * share[..., None]
    covariance = np.einsum("qni,qnj->qij", weighted, centred)
    size = np.trace(covariance, axis1=1, axis2=2)[:, None, None] / max(offsets.shape[2], 1)
    ridge = (_RIDGE * size + 1e-12) * np.eye(offsets.shape[2])
    slopes = np.linalg.solve(covariance + ridge, np.einsum("qni,qn->qi", weighted, rest)[..., None])
    return np.asarray(values - (offsets @ slopes)[..., 0])


def smoothed_quantiles(values: Array, weights: Array, levels: Array, prior: Array) -> Array:
    """Quantiles (query, level) of weighted values (query, neighbour), smoothed; NaN where nothing is known.

    A normal kernel by Silverman's rule about values that are drawn towards their mean by as much as it adds to their
    variance: West (1993). The tails are then no narrower than so few values can say. They are shrunk by one neighbour
    to the ``prior`` (point,), quantiles at even levels from 0 to 1, as `class_probabilities` are: that nothing is where
    no neighbour is, so few cannot say.
    """
    known = np.isfinite(values)
    own = np.where(known, weights, 0.0)
    total = own.sum(axis=1, keepdims=True)
    share = own / np.where(total > 0.0, total, np.nan)
    points = np.where(known, values, 0.0)
    mean = (share * points).sum(axis=1, keepdims=True)
    spread = np.sqrt((share * (points - mean) ** 2).sum(axis=1, keepdims=True))
    number = effective_number(np.nan_to_num(share))[:, None]
    kept = 1.0 / (number + 1.0)
    rises = np.linspace(0.0, 1.0, len(prior))
    kernel = np.minimum(1.06 * number**-0.2, 0.9)
    width = np.maximum(kernel * spread, 1e-9 * np.maximum(np.abs(mean), 1.0))
    shrunk = mean + np.sqrt(1.0 - kernel**2) * (points - mean)
    low = np.where(known, shrunk, np.inf).min(axis=1, keepdims=True) - _WIDEST * width
    high = np.where(known, shrunk, -np.inf).max(axis=1, keepdims=True) + _WIDEST * width
    out = np.full((len(values), len(levels)), np.nan)
    for row in np.flatnonzero(np.isfinite(mean[:, 0])):
        grid = np.union1d(np.linspace(low[row, 0], high[row, 0], _GRID), prior)
        below = ndtr((grid[:, None] - shrunk[row]) / width[row, 0]) @ np.nan_to_num(share[row])
        before = np.interp(grid, prior, rises, left=0.0, right=1.0)
        out[row] = np.interp(levels, below + kept[row, 0] * (before - below), grid)
    return out
