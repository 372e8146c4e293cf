"""Scores of a parameter's estimates: errors of the median, pinball loss, coverage, and answers that are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.evaluation.bootstrap import LEVEL, resample
from sgnn.evaluation.estimates.points import posterior_mean, weighted_median
from sgnn.evaluation.log_score import log_score
from sgnn.evaluation.scores import INTERVALS, interval

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ParameterErrors:
    """Errors (series,) of every single answer, NaN where there is none or no truth.

    ``percent`` is the absolute error of the median in percent of the truth, ``squared`` its square in the parameter's
    own unit; ``weighted_percent`` and ``mean_squared`` are the same of the points that expect the least of them, see
    `points`. ``pinball`` the mean loss over all levels, ``log_score`` the log density at the truth in nats,
    ``covered`` 1 where the central interval holds the truth.
    """

    absolute: Array
    percent: Array
    squared: Array
    weighted_percent: Array
    mean_squared: Array
    pinball: Array
    log_score: Array
    covered: Mapping[int, Array]

    @property
    def asked(self) -> int:
        """Series of which the truth is known or not, answered or not."""
        return len(self.absolute)

    def means(self, rows: Any = slice(None)) -> dict[str, Any]:
        """Mean scores over some series; None where a method gives no such quantiles."""
        return {
            "mean_percent_error": _mean(self.percent[rows]),
            "median_percent_error": _median(self.percent[rows]),
            "mean_squared_error": _mean(self.squared[rows]),
            "percent_error_of_weighted_median": _mean(self.weighted_percent[rows]),
            "squared_error_of_mean": _mean(self.mean_squared[rows]),
            "mean_absolute_error": _mean(self.absolute[rows]),
            "pinball": _mean(self.pinball[rows]),
            "log_score": _mean(self.log_score[rows]),
            "coverage": {str(percent): _mean(one[rows]) for percent, one in self.covered.items()},
            "answers": int(np.isfinite(self.absolute[rows]).sum()),
        }


def parameter_errors(quantiles: Array, levels: Array, truth: Array) -> ParameterErrors:
    """Errors of ``quantiles`` (series, quantile) for a ``truth`` (series,)."""
    error = truth[:, None] - quantiles
    absolute = np.abs(error[:, int(np.argmin(np.abs(levels - 0.5)))])
    known = np.where(truth != 0.0, np.abs(truth), np.nan)
    return ParameterErrors(
        absolute=absolute,
        percent=100.0 * absolute / known,
        squared=absolute**2,
        weighted_percent=100.0 * np.abs(weighted_median(quantiles, levels) - truth) / known,
        mean_squared=(posterior_mean(quantiles, levels) - truth) ** 2,
        pinball=np.maximum(levels * error, (levels - 1.0) * error).mean(axis=1),
        log_score=log_score(quantiles, levels, truth),
        covered={percent: _covered(quantiles, levels, truth, percent) for percent in INTERVALS},
    )


def score_intervals(errors: Mapping[str, ParameterErrors]) -> dict[str, Any]:
    """90 % bootstrap intervals over series of every method's scores, each as [low, high]."""
    weights, _ = resample(next(iter(errors.values())).asked, 1)
    return {"level": LEVEL, "methods": {name: _intervals(one, weights) for name, one in errors.items()}}


def _intervals(errors: ParameterErrors, weights: Array) -> dict[str, Any]:
    scores = {
        "mean_percent_error": errors.percent,
        "mean_squared_error": errors.squared,
        "percent_error_of_weighted_median": errors.weighted_percent,
        "squared_error_of_mean": errors.mean_squared,
        "mean_absolute_error": errors.absolute,
        "pinball": errors.pinball,
        "log_score": errors.log_score,
    }
    found: dict[str, Any] = {name: _ninety(weights, one) for name, one in scores.items()}
    found["coverage"] = {str(percent): _ninety(weights, one) for percent, one in errors.covered.items()}
    return found


def _ninety(weights: Array, values: Array) -> list[float] | None:
    seen = np.isfinite(values)
    if not seen.any():
        return None
    count = weights @ seen
    means = (weights @ np.where(seen, values, 0.0))[count > 0] / count[count > 0]
    return [float(one) for one in np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])]


def _covered(quantiles: Array, levels: Array, truth: Array, percent: int) -> Array:
    low, high = interval(quantiles, levels, percent)
    known = np.isfinite(low) & np.isfinite(high) & np.isfinite(truth)
    return np.where(known, ((truth >= low) & (truth <= high)).astype(np.float64), np.nan)


def _mean(values: Array) -> float | None:
    seen = values[np.isfinite(values)]
    return float(seen.mean()) if len(seen) else None


def _median(values: Array) -> float | None:
    seen = values[np.isfinite(values)]
    return float(np.median(seen)) if len(seen) else None
