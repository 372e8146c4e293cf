"""What an estimator answers: a value and an interval, or that it has none."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """An estimate with its 90 % interval; NaN where the counts do not allow one."""

    value: float
    low: float = math.nan
    high: float = math.nan

    @property
    def found(self) -> bool:
        """Whether there is an estimate."""
        return math.isfinite(self.value)


NONE = Estimate(math.nan)
