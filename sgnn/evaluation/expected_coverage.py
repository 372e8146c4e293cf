"""Expected coverage of credible regions about random points: a test of the whole posterior, not of its middle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
CREDIBILITIES = np.linspace(0.05, 0.95, 19)
"""Credibilities at which coverage is told."""
_SEED = 2302


def credibility_of_samples(samples: Array, truth: Array) -> Array:
    """Credibility (draw,) at which a region about a random point reaches the truth: TARP, Lemos et al. (2023).

    ``samples`` (draw, sample, parameter) of the joint posterior, ``truth`` (draw, parameter). The point is the truth of
    another draw, distances are Euclidean in units of each parameter's spread. Uniform for the true posterior; for a
    wrong one, though its marginals be right, it is not.
    """
    spread = np.maximum(truth.std(axis=0), 1e-12)
    scaled, aim, point = samples / spread, truth / spread, _others(truth) / spread
    reach = np.linalg.norm(aim - point, axis=-1)
    distances = np.linalg.norm(scaled - point[:, None], axis=-1)
    return np.asarray((distances < reach[:, None]).mean(axis=1))


def credibility_of_quantiles(quantiles: Array, levels: Array, truth: Array) -> Array:
    """The same of one parameter's quantiles (draw, quantile) and truth (draw,), those known: (known draw,)."""
    known = np.isfinite(quantiles).all(axis=1) & np.isfinite(truth)
    own, aim = quantiles[known], truth[known]
    point = _others(aim)
    reach = np.abs(aim - point)
    return np.asarray(_below(own, levels, point + reach) - _below(own, levels, point - reach))


def expected_coverage(credibility: Array) -> Array:
    """Share (credibility,) of truths within regions of each of `CREDIBILITIES`; calibrated: equal to them."""
    return np.asarray((credibility[:, None] <= CREDIBILITIES).mean(axis=0))


def _others(truth: Array) -> Array:
    """The truth of another draw for each one: points that know the prior and nothing of the draw."""
    order = np.random.default_rng(_SEED).permutation(len(truth))
    other = np.empty_like(order)
    other[order] = np.roll(order, 1)
    return np.asarray(truth[other])


def _below(quantiles: Array, levels: Array, values: Array) -> Array:
    """Probability (draw,) below a value, linear between quantiles, with exponential tails as `log_score` has them."""
    pairs = zip(quantiles, values, strict=True)
    inside = np.array([np.interp(value, own, levels) for own, value in pairs])
    low = np.maximum(quantiles[:, 1] - quantiles[:, 0], 1e-12) / np.log(levels[1] / levels[0])
    high = np.maximum(quantiles[:, -1] - quantiles[:, -2], 1e-12) / np.log((1.0 - levels[-2]) / (1.0 - levels[-1]))
    under = levels[0] * np.exp(np.minimum(values - quantiles[:, 0], 0.0) / low)
    over = 1.0 - (1.0 - levels[-1]) * np.exp(-np.maximum(values - quantiles[:, -1], 0.0) / high)
    outside = np.where(values < quantiles[:, 0], under, over)
    return np.where((values < quantiles[:, 0]) | (values > quantiles[:, -1]), outside, inside)
