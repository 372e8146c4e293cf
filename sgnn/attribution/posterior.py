"""What weighted neighbours say: quantiles of quantities, probabilities of mechanisms, how many they amount to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def kernel_weights(distances: Array, bandwidth: Array) -> Array:
    """Epanechnikov weights (query, neighbour), summing to 1, of distances within a bandwidth (query,).

    The bandwidth is the distance of the first draw that is no neighbour, as in Beaumont, Zhang & Balding (2002). Where
    all are as far as that, they weigh the same.
    """
    share = distances / np.maximum(bandwidth, 1e-30)[:, None]
    weights = np.maximum(1.0 - share**2, 0.0)
    total = weights.sum(axis=1, keepdims=True)
    alike = np.full_like(weights, 1.0 / weights.shape[1])
    return np.where(total > 1e-12, weights / np.maximum(total, 1e-300), alike)


def effective_number(weights: Array) -> Array:
    """Number (query,) of equally weighted neighbours that say as much: Kish (1965)."""
    return np.asarray(1.0 / np.maximum((weights**2).sum(axis=1), 1e-300))


def weighted_quantiles(values: Array, weights: Array, levels: Array) -> Array:
    """Quantiles (query, level) of weighted values (query, neighbour), NaN left out; NaN where nothing is left.

    The weighted distribution function is interpolated between the middles of its steps.
    """
    answers = np.full((len(values), len(levels)), np.nan)
    for row, (ours, theirs) in enumerate(zip(values, weights, strict=True)):
        known = np.isfinite(ours) & (theirs > 0.0)
        if known.any():
            order = np.argsort(ours[known], kind="stable")
            sorted_values, sorted_weights = ours[known][order], theirs[known][order]
            middles = (np.cumsum(sorted_weights) - sorted_weights / 2) / sorted_weights.sum()
            answers[row] = np.interp(levels, middles, sorted_values)
    return answers


def class_probabilities(labels: NDArray[np.int64], weights: Array, classes: int, prior: Array) -> Array:
    """Probabilities (query, class) by the weights of neighbours (query, neighbour), shrunk to the prior by one of them.

    Without that a class that no neighbour has would be impossible, which so few draws cannot say.
    """
    seen = np.stack([(weights * (labels == one)).sum(axis=1) for one in range(classes)], axis=1)
    number = effective_number(weights)[:, None]
    return np.asarray((number * seen + prior) / (number + 1.0))


def weighted_crps(values: Array, weights: Array, truth: Array) -> Array:
    """Continuous ranked probability score (query,) of weighted values (query, neighbour).

    Gneiting & Raftery (2007), equation 21. Values that are NaN are left out; the score is NaN where the truth is, or
    nothing is left.
    """
    known = np.isfinite(values)
    own = np.where(known, weights, 0.0)
    total = own.sum(axis=1, keepdims=True)
    own = own / np.where(total > 0.0, total, np.nan)
    points = np.where(known, values, 0.0)
    far = (own * np.abs(points - truth[:, None])).sum(axis=1)
    order = np.argsort(points, axis=1)
    points, own = np.take_along_axis(points, order, axis=1), np.take_along_axis(own, order, axis=1)
    below = np.cumsum(own, axis=1) - own
    # half the mean distance between two of them, without looking at every pair
    apart = (own * points * (2.0 * below + own - 1.0)).sum(axis=1)
    return np.asarray(far - apart)
