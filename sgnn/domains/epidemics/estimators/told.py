"""The estimators as others call them: counts, and two numbers of days."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.estimators.cori import cori
from sgnn.domains.epidemics.estimators.estimate import Estimate
from sgnn.domains.epidemics.estimators.generation_interval import GenerationInterval
from sgnn.domains.epidemics.estimators.growth_rate import growth_rate
from sgnn.domains.epidemics.estimators.least_squares import least_squares
from sgnn.domains.epidemics.estimators.maximum_likelihood import maximum_likelihood

Counts = NDArray[np.float64]


def growth_rate_of(counts: Counts, mean: float, sd: float) -> Estimate:
    """`growth_rate`, told mean and standard deviation of the generation interval."""
    return growth_rate(counts, GenerationInterval(mean, sd))


def maximum_likelihood_of(counts: Counts, mean: float, sd: float) -> Estimate:
    """`maximum_likelihood`, told mean and standard deviation of the generation interval."""
    return maximum_likelihood(counts, GenerationInterval(mean, sd))


def cori_of(counts: Counts, mean: float, sd: float) -> Estimate:
    """`cori`, told mean and standard deviation of the generation interval."""
    return cori(counts, GenerationInterval(mean, sd))


def least_squares_of(counts: Counts, mean: float, sd: float) -> Estimate:
    """`least_squares`, told mean and standard deviation of the generation interval."""
    return least_squares(counts, GenerationInterval(mean, sd))
