"""Classical estimates of R0 for many series, kept once they are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.estimators import (
    Estimate,
    GenerationInterval,
    cori,
    growth_rate,
    least_squares,
    maximum_likelihood,
)
from sgnn.evaluation.kept import kept

Array = NDArray[np.float64]
Estimator = Callable[[Array, GenerationInterval], Estimate]
ESTIMATORS: Mapping[str, Estimator] = {
    "growth_rate": growth_rate,
    "mle": maximum_likelihood,
    "cori": cori,
    "least_squares": least_squares,
}
REVISION = 1
"""To be raised with any change of an estimator: what was kept is made anew."""


def classical_quantiles(cases: Array, means: Array, sds: Array, levels: Array, cache: Path) -> dict[str, Array]:
    """R0 by each estimator as (series, quantile): 5, 50 and 95 %, NaN at other levels and where there is no answer.

    ``cases`` (series, day), NaN after the last day known; ``means`` and ``sds`` (series,) of the generation interval
    that each is told, days.
    """
    found = kept(
        cache,
        "r0",
        REVISION,
        (cases, means, sds),
        lambda: {name: _answers(one, cases, means, sds) for name, one in ESTIMATORS.items()},
    )
    return {name: spread_over(found[name], levels) for name in ESTIMATORS}


def spread_over(answers: Array, levels: Array) -> Array:
    """Answers (series, low value high) at the levels 0.05, 0.5 and 0.95 of (series, quantile)."""
    quantiles = np.full((len(answers), len(levels)), np.nan)
    for column, level in enumerate((0.05, 0.5, 0.95)):
        quantiles[:, int(np.argmin(np.abs(levels - level)))] = answers[:, column]
    return quantiles


def _answers(estimator: Estimator, cases: Array, means: Array, sds: Array) -> Array:
    """Low, value and high (series, 3) by one estimator."""
    rows = []
    for series, mean, sd in zip(cases, means, sds, strict=True):
        known = series[: len(series) - int(np.argmax(np.isfinite(series[::-1])))]
        found = estimator(known, GenerationInterval(float(mean), float(sd)))
        rows.append((found.low, found.value, found.high))
    return np.array(rows, dtype=np.float64).reshape(-1, 3)
