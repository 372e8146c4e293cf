"""Points of a posterior: each expects less of its error than any other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import lognorm, norm

from sgnn.evaluation.estimates.points import posterior_mean, weighted_median
from sgnn.learning.forecast.levels import LEVELS

LEVELS_ = np.array(LEVELS)
# of a lognormal distribution the weighted median is exp(mu - sigma^2), the mean exp(mu + sigma^2 / 2)
SIGMA = 0.4
QUANTILES = lognorm.ppf(LEVELS_, SIGMA)[None]


def test_the_weighted_median_and_the_mean_of_a_lognormal_posterior_are_those_of_its_formula() -> None:
    assert weighted_median(QUANTILES, LEVELS_)[0] == pytest.approx(np.exp(-(SIGMA**2)), rel=0.01)
    assert posterior_mean(QUANTILES, LEVELS_)[0] == pytest.approx(np.exp(SIGMA**2 / 2), rel=0.01)


def test_each_point_expects_less_of_its_error_than_the_median() -> None:
    truth = lognorm.rvs(SIGMA, size=40_000, random_state=1)
    median = QUANTILES[0, len(LEVELS) // 2]
    percent = [np.mean(np.abs(one - truth) / truth) for one in (weighted_median(QUANTILES, LEVELS_)[0], median)]
    squared = [np.mean((one - truth) ** 2) for one in (posterior_mean(QUANTILES, LEVELS_)[0], median)]
    assert percent[0] < percent[1]
    assert squared[0] < squared[1]


def test_a_posterior_that_reaches_below_zero_has_no_weighted_median() -> None:
    assert np.isnan(weighted_median(norm.ppf(LEVELS_)[None], LEVELS_)).all()


def test_an_estimate_without_all_quantiles_has_neither_point() -> None:
    alone = np.full((1, len(LEVELS)), np.nan)
    alone[0, len(LEVELS) // 2] = 2.0
    assert np.isnan([weighted_median(alone, LEVELS_)[0], posterior_mean(alone, LEVELS_)[0]]).all()
