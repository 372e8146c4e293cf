"""Neighbours moved to the data, and the quantiles of few of them."""

from __future__ import annotations

import numpy as np
from scipy import stats

from sgnn.attribution.adjusted import adjusted, smoothed_quantiles
from sgnn.evaluation.log_score import log_score
from sgnn.learning.forecast.levels import LEVELS

Q = np.array(LEVELS)
WIDE = np.linspace(-20.0, 20.0, 101)
"""Quantiles of a prior that is even over all that is asked about."""


def test_what_changes_with_the_place_alone_is_what_it_would_be_at_the_query() -> None:
    chance = np.random.default_rng(0)
    offsets = chance.normal(1.0, 1.0, size=(3, 60, 2))
    values = 5.0 + offsets @ np.array([2.0, -1.0])
    found = adjusted(values, np.full((3, 60), 1 / 60), offsets)
    np.testing.assert_allclose(found, 5.0, atol=0.02)


def test_values_that_are_missing_stay_so_and_move_no_other() -> None:
    chance = np.random.default_rng(1)
    offsets = chance.normal(size=(1, 50, 2))
    values = chance.normal(size=(1, 50))
    gap = values.copy()
    gap[0, :10] = np.nan
    weights = np.full((1, 50), 1 / 50)
    found = adjusted(gap, weights, offsets)
    assert np.isnan(found[0, :10]).all()
    alone = adjusted(values[:, 10:], weights[:, 10:], offsets[:, 10:])
    np.testing.assert_allclose(found[:, 10:], alone)


def test_quantiles_of_a_few_hundred_values_are_nearly_those_that_they_are_from() -> None:
    values = np.random.default_rng(2).normal(3.0, 2.0, size=(200, 300))
    found = smoothed_quantiles(values, np.full(values.shape, 1 / 300), Q, WIDE)
    np.testing.assert_allclose(found.mean(axis=0), stats.norm.ppf(Q, 3.0, 2.0), atol=0.15)
    assert (np.diff(found, axis=1) >= 0).all()


def test_few_values_smoothed_score_better_than_as_they_are() -> None:
    chance = np.random.default_rng(3)
    values, truth = chance.normal(size=(500, 40)), chance.normal(size=500)
    smooth = smoothed_quantiles(values, np.full(values.shape, 1 / 40), Q, WIDE)
    rough = np.quantile(values, Q, axis=1).T
    assert log_score(smooth, Q, truth).mean() > log_score(rough, Q, truth).mean()
    assert np.isnan(smoothed_quantiles(np.full((1, 3), np.nan), np.full((1, 3), 1 / 3), Q, WIDE)).all()


def test_a_few_neighbours_that_agree_leave_a_share_to_the_prior_that_falls_with_their_number() -> None:
    chance = np.random.default_rng(4)
    [few] = smoothed_quantiles(chance.normal(0.0, 0.01, size=(1, 9)), np.full((1, 9), 1 / 9), Q, WIDE)
    # a tenth is the prior's: 0.01 and 0.025 of all are a tenth and a quarter of it
    np.testing.assert_allclose(few[[0, 1, -2, -1]], [-16.0, -10.0, 10.0, 16.0], atol=1e-6)
    np.testing.assert_allclose(few[6:-6], 0.0, atol=0.05)
    [many] = smoothed_quantiles(chance.normal(0.0, 0.01, size=(1, 999)), np.full((1, 999), 1 / 999), Q, WIDE)
    np.testing.assert_allclose(many, stats.norm.ppf(Q, 0.0, 0.01), atol=0.004)
