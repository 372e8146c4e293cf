"""The instantaneous reproduction number, and R0 as it stands in the first weeks of an outbreak."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.estimators.estimate import NONE, Estimate
from sgnn.domains.epidemics.estimators.generation_interval import GenerationInterval, infectious_pressure

WINDOW = 7
PRIOR_SHAPE, PRIOR_SCALE = 1.0, 5.0
"""Gamma prior of R: mean 5, standard deviation 5, as in the paper."""
_FEWEST_CASES = 11
"""Cases in a window at which the posterior's coefficient of variation is below 0.3, as the paper asks for."""
_LEVEL = 0.90


def reproduction_posterior(
    counts: NDArray[np.float64], interval: GenerationInterval, window: int = WINDOW
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shape (day,) and scale (day,) of the Gamma posterior of R_t in the window that ends on each day.

    Cori et al. (2013). NaN before the first whole window after the first case; missing counts are left out.
    """
    seen = np.asarray(counts, dtype=np.float64)
    pressure = infectious_pressure(seen, interval.weights())
    shape, scale = np.full(len(seen), np.nan), np.full(len(seen), np.nan)
    started = np.flatnonzero(np.nan_to_num(seen))
    if not len(started):
        return shape, scale
    kept = ~np.isnan(seen)
    for day in range(int(started[0]) + window, len(seen)):
        days = slice(day - window + 1, day + 1)
        shape[day] = PRIOR_SHAPE + float(seen[days][kept[days]].sum())
        scale[day] = 1.0 / (1.0 / PRIOR_SCALE + float(pressure[days][kept[days]].sum()))
    return shape, scale


def cori(counts: NDArray[np.float64], interval: GenerationInterval) -> Estimate:
    """R0 of ``counts`` (day,): R_t of the first window with enough cases to tell, else of the last window."""
    from scipy.stats import gamma

    shape, scale = reproduction_posterior(counts, interval)
    known = np.flatnonzero(np.isfinite(shape))
    if not len(known):
        return NONE
    enough = known[shape[known] - PRIOR_SHAPE >= _FEWEST_CASES]
    day = int(enough[0] if len(enough) else known[-1])
    law = gamma(shape[day], scale=scale[day])
    tail = (1.0 - _LEVEL) / 2.0
    return Estimate(float(law.mean()), float(law.ppf(tail)), float(law.ppf(1.0 - tail)))
