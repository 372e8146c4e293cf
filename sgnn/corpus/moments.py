"""Mean and standard deviation with their standard errors, gathered block by block."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Moments:
    """Number of values, their mean, and sums of powers of the distances from it, up to the fourth."""

    number: int = 0
    mean: float = 0.0
    second: float = 0.0
    third: float = 0.0
    fourth: float = 0.0

    @property
    def sd(self) -> float:
        """Standard deviation; NaN for fewer than two values."""
        return math.sqrt(self.second / (self.number - 1)) if self.number > 1 else math.nan

    @property
    def mean_variance(self) -> float:
        """Variance of the mean."""
        return self.sd**2 / self.number if self.number > 1 else math.nan

    @property
    def sd_variance(self) -> float:
        """Variance of the standard deviation, from the fourth moment (delta method); 0 where nothing varies."""
        if self.number < 2:
            return math.nan
        variance = self.second / self.number
        excess = self.fourth / self.number - variance**2
        return max(excess, 0.0) / (4 * variance * self.number) if variance > 0 else 0.0

    def with_values(self, values: NDArray[np.float64]) -> Moments:
        """Moments of these and further values: [value]. Pairwise formulas of Pébay (2008), Sandia report 6212."""
        if not len(values):
            return self
        away = values - values.mean()
        sums = (float((away**power).sum()) for power in (2, 3, 4))
        return self._merged(Moments(len(values), float(values.mean()), *sums))

    def _merged(self, other: Moments) -> Moments:
        a, b = self.number, other.number
        n, d = a + b, other.mean - self.mean
        second = self.second + other.second + d**2 * a * b / n
        third = self.third + other.third + d**3 * a * b * (a - b) / n**2
        third += 3 * d * (a * other.second - b * self.second) / n
        fourth = self.fourth + other.fourth + d**4 * a * b * (a**2 - a * b + b**2) / n**3
        fourth += 6 * d**2 * (a**2 * other.second + b**2 * self.second) / n**2
        fourth += 4 * d * (a * other.third - b * self.third) / n
        return Moments(n, self.mean + d * b / n, second, third, fourth)
