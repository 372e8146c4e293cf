"""Periods of several stages in steps of time, and the generation interval that follows from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Period:
    """A sum of ``stages`` geometric waits of at least one step each, by draw; of no stages: no wait at all.

    ``leave`` (draw,) is the probability of leaving a stage in a step.
    """

    stages: NDArray[np.int64]
    leave: Array

    @property
    def mean(self) -> Array:
        """Mean (draw,), steps."""
        return self.stages / self.leave

    @property
    def variance(self) -> Array:
        """Variance (draw,), steps squared."""
        return self.stages * (1.0 - self.leave) / self.leave**2

    @property
    def third_moment(self) -> Array:
        """Mean of the cube (draw,), steps cubed."""
        skewed = self.stages * (1.0 - self.leave) * (2.0 - self.leave) / self.leave**3
        return np.asarray(skewed + 3.0 * self.mean * self.variance + self.mean**3)


def period_of(mean: Array, stages: Array, fewest: int) -> Period:
    """Period of a ``mean`` (draw,) in steps with as many of the ``stages`` (draw,) as steps allow, kept to its mean.

    One shorter than a step has ``fewest`` stages: 0 leaves it out, 1 makes it a step.
    """
    whole = np.minimum(np.round(stages), np.floor(mean)).astype(np.int64)
    number = np.maximum(whole, np.where(mean >= 1.0, 1, fewest))
    leave = np.divide(number, np.maximum(mean, 1.0), out=np.ones(len(mean)), where=number > 0)
    return Period(number, leave)


def generation_moments(latent: Period, infectious: Period) -> tuple[Array, Array]:
    """Mean and standard deviation (draw,) of the steps from an infection to those it causes.

    A person infects at an even rate in each infectious step, the first of which follows the last latent one: the
    interval is the latent period plus a step ``j`` drawn with a chance in proportion to that of being infectious so
    long (Svensson 2007).
    """
    mean, second = infectious.mean, infectious.variance + infectious.mean**2
    step = 0.5 * (second / mean + 1.0)
    step_squared = (2.0 * infectious.third_moment + 3.0 * second + mean) / (6.0 * mean)
    variance = latent.variance + step_squared - step**2
    return np.asarray(latent.mean + step), np.sqrt(variance)


def reproduction_number(growth: float, latent: tuple[float, int], infectious: tuple[float, int]) -> float:
    """R0 of an outbreak that grows by ``growth`` a day, of Erlang periods given by (mean in days, stages).

    Wallinga & Lipsitch (2007), equation 3.4, after Wearing, Rohani & Keeling (2005); ``growth`` is not 0.
    """
    waits = (1.0 + growth * latent[0] / latent[1]) ** latent[1]
    return float(
        growth * infectious[0] * waits / (1.0 - (1.0 + growth * infectious[0] / infectious[1]) ** -infectious[1])
    )
