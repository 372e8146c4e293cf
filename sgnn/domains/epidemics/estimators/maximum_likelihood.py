"""R0 by maximum likelihood, given the generation interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.estimators.estimate import NONE, Estimate
from sgnn.domains.epidemics.estimators.generation_interval import GenerationInterval, infectious_pressure
from sgnn.domains.epidemics.estimators.phase import growing_phase

_LEVEL = 0.90


def maximum_likelihood(counts: NDArray[np.float64], interval: GenerationInterval) -> Estimate:
    """R0 at which the counts (day,) up to their peak are likeliest: Poisson about R0 times the infectious pressure.

    White & Pagano (2008), with the interval given; the interval of the estimate is the exact one of a Poisson mean.
    """
    from scipy.stats import gamma

    seen = np.asarray(counts, dtype=np.float64)
    pressure = infectious_pressure(seen, interval.weights())
    phase = growing_phase(seen)
    # the first case was infected elsewhere
    later = np.zeros(len(seen), dtype=bool)
    later[phase] = True
    later[phase.start : phase.start + 1] = False
    kept = later & ~np.isnan(seen)
    cases, exposure = float(seen[kept].sum()), float(pressure[kept].sum())
    if exposure <= 0.0 or cases <= 0.0:
        return NONE
    tail = (1.0 - _LEVEL) / 2.0
    low, high = gamma.ppf(tail, cases) / exposure, gamma.ppf(1.0 - tail, cases + 1.0) / exposure
    return Estimate(cases / exposure, float(low), float(high))
