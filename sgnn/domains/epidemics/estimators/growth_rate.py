"""R0 from the exponential growth rate: a Poisson regression of counts on days."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.estimators.estimate import NONE, Estimate
from sgnn.domains.epidemics.estimators.generation_interval import GenerationInterval
from sgnn.domains.epidemics.estimators.phase import growing_phase

_Z90 = 1.6448536269514722
_FEWEST_DAYS = 4
_STEPS = 50


def growth_rate(counts: NDArray[np.float64], interval: GenerationInterval) -> Estimate:
    """R0 implied by the growth of ``counts`` (day,) up to their peak, by Wallinga & Lipsitch (2007).

    The growth rate is that of a Poisson regression with log link, its standard error widened by the dispersion found.
    """
    phase = growing_phase(counts)
    days = np.arange(len(counts))[phase]
    seen = np.asarray(counts, dtype=np.float64)[phase]
    kept = ~np.isnan(seen)
    days, seen = days[kept], seen[kept]
    if len(seen) < _FEWEST_DAYS or np.count_nonzero(seen) < 2:
        return NONE
    growth, error = poisson_growth(days.astype(np.float64), seen)
    if not np.isfinite(growth):
        return NONE
    answer = interval.reproduction_number
    return Estimate(answer(growth), answer(growth - _Z90 * error), answer(growth + _Z90 * error))


def poisson_growth(days: NDArray[np.float64], counts: NDArray[np.float64]) -> tuple[float, float]:
    """Growth rate a day and its standard error, by iteratively reweighted least squares; NaN where it diverges."""
    design = np.column_stack([np.ones_like(days), days - days.mean()])
    beta = np.array([np.log(max(counts.mean(), 1e-9)), 0.0])
    for _ in range(_STEPS):
        mean = np.exp(np.clip(design @ beta, -30.0, 30.0))
        weighted = design * mean[:, None]
        step, *_rest = np.linalg.lstsq(weighted.T @ design, design.T @ (counts - mean), rcond=None)
        # a step that would multiply the counts is taken in parts
        beta = beta + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-9:
            break
    else:
        return float("nan"), float("nan")
    mean = np.exp(np.clip(design @ beta, -30.0, 30.0))
    covariance = np.linalg.pinv((design * mean[:, None]).T @ design)
    spread = float(np.sum((counts - mean) ** 2 / np.maximum(mean, 1e-9)) / max(len(counts) - 2, 1))
    return float(beta[1]), float(np.sqrt(covariance[1, 1] * max(spread, 1.0)))
