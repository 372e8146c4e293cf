"""The generation interval: days between the infection of a case and those it infects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import DataError

_TAIL = 1e-4


@dataclass(frozen=True)
class GenerationInterval:
    """A Gamma distribution with the given mean and standard deviation, days."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        if not (self.mean > 0.0 and self.sd > 0.0):
            raise DataError(
                f"generation interval with mean {self.mean} and standard deviation {self.sd} days",
                remedy="give two positive numbers of days",
            )

    @property
    def shape(self) -> float:
        """Shape of the Gamma distribution."""
        return (self.mean / self.sd) ** 2

    @property
    def scale(self) -> float:
        """Scale of the Gamma distribution, days."""
        return self.sd**2 / self.mean

    def weights(self) -> NDArray[np.float64]:
        """Probabilities (lag,) of 1, 2, … whole days; their sum is 1, and lags beyond all but 1e-4 are left out."""
        from scipy.stats import gamma

        law = gamma(self.shape, scale=self.scale)
        last = max(int(np.ceil(law.ppf(1.0 - _TAIL))), 1)
        # a lag of no whole day is counted with the first: nobody infects before being infected
        edges = np.concatenate([[0.0], np.arange(1, last + 1) + 0.5])
        mass = np.diff(law.cdf(edges))
        return np.asarray(mass / mass.sum(), dtype=np.float64)

    def reproduction_number(self, growth: float) -> float:
        """Reproduction number of an epidemic that grows by ``growth`` a day: 1 over the Laplace transform at it.

        Wallinga & Lipsitch (2007). Infinite growth backwards has none: 0 where the transform does not exist.
        """
        base = 1.0 + growth * self.scale
        return float(base**self.shape) if base > 0.0 else 0.0


def infectious_pressure(counts: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cases (day,) to be expected if each infected one other: the counts before, weighted by their lag.

    A missing count is taken as lying between its neighbours: as a day without cases it would raise every estimate.
    """
    seen = ~np.isnan(counts)
    if not seen.any():
        return np.zeros(len(counts))
    days = np.arange(len(counts))
    whole = np.interp(days, days[seen], counts[seen])
    return np.concatenate([[0.0], np.convolve(whole, weights)[: len(counts) - 1]])
