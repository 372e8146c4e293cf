"""R0 by fitting a deterministic SIR epidemic to the counts."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sgnn.domains.epidemics.estimators.estimate import NONE, Estimate
from sgnn.domains.epidemics.estimators.generation_interval import GenerationInterval

_LOW, _HIGH = np.log([1e-3, 1e-8, 1.0]), np.log([5.0, 0.5, 1e8])
_STARTS = (1.2, 2.0, 4.0)
_Z90 = 1.6448536269514722
_FEWEST_CASES = 5
_LARGEST_ERROR = 20.0


@njit(cache=True, nogil=True)
def sir_incidence(beta: float, gamma: float, infected_share: float, days: int, steps: int = 4) -> NDArray[np.float64]:
    """Newly infected share (day,) of a population in a deterministic SIR epidemic, by midpoint steps."""
    dt = 1.0 / steps
    susceptible, infectious = 1.0 - infected_share, infected_share
    incidence = np.zeros(days)
    for day in range(days):
        before = susceptible
        for _ in range(steps):
            half_s = susceptible - 0.5 * dt * beta * susceptible * infectious
            half_i = infectious + 0.5 * dt * (beta * susceptible - gamma) * infectious
            susceptible -= dt * beta * half_s * half_i
            infectious += dt * (beta * half_s - gamma) * half_i
        incidence[day] = before - susceptible
    return incidence


def least_squares(counts: NDArray[np.float64], interval: GenerationInterval) -> Estimate:
    """R0 = beta / gamma of the SIR epidemic closest to ``counts`` (day,) in the square-root scale.

    The recovery rate is the reciprocal of the mean generation interval, which the counts do not tell; transmission,
    share infected at the start and size of the population seen are fitted. The square root stabilises the variance of
    counts. The interval of the estimate follows from the Jacobian at the best fit.
    """
    from scipy.optimize import least_squares as fit

    seen = np.asarray(counts, dtype=np.float64)
    kept = ~np.isnan(seen)
    cases = float(seen[kept].sum())
    if kept.sum() < 4 or cases < _FEWEST_CASES:
        return NONE
    gamma = 1.0 / interval.mean
    root = np.sqrt(seen[kept])

    def residuals(logs: NDArray[np.float64]) -> NDArray[np.float64]:
        beta, share, size = np.exp(logs)
        return np.asarray(np.sqrt(size * sir_incidence(beta, gamma, share, len(seen)))[kept] - root)

    fits = []
    for r0 in _STARTS:
        start = np.log([r0 * gamma, 1e-4, max(cases * 10.0, 100.0)])
        fits.append(fit(residuals, np.clip(start, _LOW + 1e-6, _HIGH - 1e-6), bounds=(_LOW, _HIGH), max_nfev=60))
    best = min(fits, key=lambda one: float(one.cost))
    value = float(np.exp(best.x[0])) / gamma
    variance = 2.0 * float(best.cost) / max(int(kept.sum()) - 3, 1)
    covariance = np.linalg.pinv(best.jac.T @ best.jac) * variance
    # what the counts do not tell at all has an interval without end, but one that can be written
    error = min(float(np.sqrt(max(covariance[0, 0], 0.0))), _LARGEST_ERROR)
    return Estimate(value, value * float(np.exp(-_Z90 * error)), value * float(np.exp(_Z90 * error)))
