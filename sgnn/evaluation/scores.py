"""Scores of quantile forecasts: absolute error of the median, weighted interval score, coverage."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
INTERVALS = (50, 80, 90, 95)


def weighted_interval_score(forecast: Array, levels: Array, truth: Array) -> Array:
    """WIS (…) of quantiles (…, quantile) for a truth (…): twice the mean pinball loss over the levels.

    Bracher, Ray, Gneiting & Reich (2021), equation 1, with equal weights for symmetric levels and the median.
    """
    error = truth[..., None] - forecast
    return np.asarray(2.0 * np.maximum(levels * error, (levels - 1.0) * error).mean(axis=-1))


def interval(forecast: Array, levels: Array, percent: int) -> tuple[Array, Array]:
    """Lower and upper bound (…) of the central interval of that many percent."""
    low = (1.0 - percent / 100.0) / 2.0
    at = [int(np.argmin(np.abs(levels - level))) for level in (low, 1.0 - low)]
    if max(abs(levels[at[0]] - low), abs(levels[at[1]] - 1.0 + low)) > 1e-6:
        raise ValueError(f"no {percent} % interval among the levels {levels.tolist()}")
    return forecast[..., at[0]], forecast[..., at[1]]


def covered(forecast: Array, levels: Array, truth: Array, percent: int) -> Array:
    """1 (…) where the truth lies within the central interval, NaN where it is missing."""
    low, high = interval(forecast, levels, percent)
    return np.where(np.isnan(truth), np.nan, ((truth >= low) & (truth <= high)).astype(np.float64))


def absolute_error(forecast: Array, levels: Array, truth: Array) -> Array:
    """Absolute error (…) of the median."""
    return np.asarray(np.abs(truth - forecast[..., int(np.argmin(np.abs(levels - 0.5)))]))


def summary(forecast: Array, reference: Array, levels: Array, truth: Array) -> dict[str, Any]:
    """Scores pooled over everything observed, relative to a reference forecast (last value).

    ``forecast`` and ``reference`` are (…, quantile), ``truth`` (…) with NaN where missing. Relative scores are ratios
    of means; skill is 100 (1 - relative MAE).
    """
    seen = ~np.isnan(truth)
    if not seen.any():
        return {"mae": None, "relative_mae": None, "skill": None, "wis": None, "relative_wis": None, "coverage": {}}
    forecast, reference, truth = forecast[seen], reference[seen], truth[seen]
    mae = absolute_error(forecast, levels, truth).mean()
    wis = weighted_interval_score(forecast, levels, truth).mean()
    relative_mae = mae / absolute_error(reference, levels, truth).mean()
    relative_wis = wis / weighted_interval_score(reference, levels, truth).mean()
    return {
        "mae": float(mae),
        "relative_mae": float(relative_mae),
        "skill": float(100.0 * (1.0 - relative_mae)),
        "wis": float(wis),
        "relative_wis": float(relative_wis),
        "coverage": {str(p): float(covered(forecast, levels, truth, p).mean()) for p in INTERVALS},
        "forecasts": int(seen.sum()),
    }
