"""Case fatality: deaths a reported case, as it stands and allowing for those who are still to die."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_JEFFREYS = 0.5


def delay_probabilities(mean: float, sd: float, days: int) -> Array:
    """P(delay of d days), (day,), of a Gamma delay in days that is rounded to the nearest one."""
    from scipy.stats import gamma

    edges = np.maximum(np.arange(days + 1) - 0.5, 0.0)
    shape = (mean / sd) ** 2
    return np.asarray(np.diff(gamma.cdf(edges, shape, scale=mean / shape)))


def resolved_share(cases: Array, mean: float, sd: float) -> float:
    """Share of the deaths of ``cases`` (day,) that are known by the last day of the record.

    The factor u of Nishiura et al. (2009), equation 2: cases are weighed by the chance that the delay from report to
    death, of the given mean and standard deviation in days, is over. NaN without a case.
    """
    known = np.nan_to_num(cases[: _length(cases)])
    total = float(known.sum())
    if total <= 0.0:
        return math.nan
    over = np.cumsum(delay_probabilities(mean, sd, len(known)))
    return float(known @ over[::-1]) / total


def case_fatality(cases: Array, deaths: Array, levels: Array, resolved: float = 1.0) -> Array:
    """Quantiles (level,) of deaths a case, of counts (day,) to date of which a share is ``resolved``.

    The posterior of a binomial share under Jeffreys' prior, of as many cases as are resolved; of more deaths than that
    all are taken to have died. With a ``resolved`` of 1 it is the crude ratio, which is low while an outbreak grows.
    """
    from scipy.stats import beta

    died, known = float(np.nansum(deaths)), float(np.nansum(cases)) * resolved
    if not known > 0.0:
        return np.full(len(levels), np.nan)
    alive = max(known - died, 0.0)
    return np.asarray(beta.ppf(levels, died + _JEFFREYS, alive + _JEFFREYS))


def _length(counts: Array) -> int:
    return len(counts) - int(np.argmax(np.isfinite(counts[::-1])))
