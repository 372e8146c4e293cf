"""Scores of quantile forecasts: absolute error of the median, weighted interval score, coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
INTERVALS = (50, 80, 90, 95)


@dataclass(frozen=True)
class Errors:
    """Scores (…) of every single forecast, NaN where the truth is missing.

    ``absolute`` is the absolute error of the median, ``interval`` the weighted interval score, ``covered`` is 1 where
    the truth lies within the central interval of that many percent.
    """

    absolute: Array
    interval: Array
    covered: Mapping[int, Array]

    def __getitem__(self, index: Any) -> Errors:
        """The same of some of the forecasts."""
        covered = {percent: one[index] for percent, one in self.covered.items()}
        return Errors(self.absolute[index], self.interval[index], covered)


def errors(forecast: Array, levels: Array, truth: Array) -> Errors:
    """Scores of quantiles (…, quantile) for truths (…), NaN where missing."""
    return Errors(
        absolute_error(forecast, levels, truth),
        weighted_interval_score(forecast, levels, truth),
        {percent: covered(forecast, levels, truth, percent) for percent in INTERVALS},
    )


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


def summary(own: Errors, reference: Errors) -> dict[str, Any]:
    """Scores pooled over everything observed, relative to a reference forecast (last value) of the same truths.

    Relative scores are ratios of means, None where the reference is without error; skill is 100 (1 - relative MAE).
    """
    seen = ~np.isnan(own.absolute)
    if not seen.any():
        nothing = dict.fromkeys(("mae", "relative_mae", "skill", "wis", "relative_wis"))
        return {**nothing, "coverage": {}, "forecasts": 0}
    mae, wis = own.absolute[seen].mean(), own.interval[seen].mean()
    relative_mae = _ratio(mae, reference.absolute[seen].mean())
    return {
        "mae": float(mae),
        "relative_mae": relative_mae,
        "skill": None if relative_mae is None else 100.0 * (1.0 - relative_mae),
        "wis": float(wis),
        "relative_wis": _ratio(wis, reference.interval[seen].mean()),
        "coverage": {str(percent): float(one[seen].mean()) for percent, one in own.covered.items()},
        "forecasts": int(seen.sum()),
    }


def _ratio(value: float, reference: float) -> float | None:
    return float(value / reference) if reference > 0 else None
