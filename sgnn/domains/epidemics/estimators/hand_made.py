"""Summaries of an early outbreak made by hand, and the posterior by rejection under them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
PARTS = 8
"""Parts of equal length, of which the mean counts are told."""
KEPT = 100
"""Simulations that are kept for each outbreak."""


def summaries(cases: Array) -> Array:
    """Summaries (series, summary) of counts (series, day), NaN after the end of each.

    Length, log of the total, logs of the mean counts of eight parts less that of the whole, growth of the log over the
    first two and the last two weeks, where the peak is, and how rough the series is from day to day.
    """
    return np.stack([_of(one[: len(one) - int(np.argmax(np.isfinite(one[::-1])))]) for one in cases])


def _of(counts: Array) -> Array:
    seen = np.nan_to_num(counts)
    logs = np.log1p(seen)
    level = np.log1p(seen.mean())
    means = [np.log1p(part.mean()) - level for part in np.array_split(seen, PARTS)]
    early, late = (_slope(part) for part in (logs[:14], logs[-14:]))
    peak = float(np.argmax(np.convolve(seen, np.ones(7), mode="same"))) / len(seen)
    rough = float(np.abs(np.diff(logs)).mean()) if len(logs) > 1 else 0.0
    return np.array([len(seen) / 100.0, np.log1p(seen.sum()), *means, 10.0 * early, 10.0 * late, peak, rough])


def _slope(values: Array) -> float:
    days = np.arange(len(values)) - (len(values) - 1) / 2.0
    return float(days @ values) / max(float(days @ days), 1.0)


def rejection(observed: Array, simulated: Array, parameter: Array, levels: Array, kept: int = KEPT) -> Array:
    """Quantiles (series, level) of a parameter (draw,) among the draws with summaries nearest to each series' own.

    Approximate Bayesian computation by rejection (Pritchard et al. 1999); distances are Euclidean in summaries
    (…, summary) over their median absolute deviations.
    """
    middle = np.median(simulated, axis=0)
    scale = np.maximum(np.median(np.abs(simulated - middle), axis=0), 1e-6)
    rows = []
    for one in observed:
        distances = np.square((simulated - one) / scale).sum(axis=1)
        nearest = np.argpartition(distances, kept - 1)[:kept]
        rows.append(np.quantile(parameter[nearest], levels))
    return np.array(rows)
