"""Calibrated quantiles hold what they say, and stay in order and about their median."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from sgnn.learning.calibration import FEWEST, Calibration, calibration_of, conformal_factors, groups_of, scaled
from sgnn.learning.forecast.levels import LEVELS, MEDIAN

LEVELS_ = np.array(LEVELS)
NORMAL = norm.ppf(LEVELS_)


def answers(number: int, width: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of normal posteriors, ``width`` times as wide as the truths are spread about their medians."""
    chance = np.random.default_rng(seed)
    centre, spread = chance.normal(size=number), chance.uniform(0.5, 2.0, number)
    truth = centre + spread * chance.normal(size=number)
    return centre[:, None] + width * spread[:, None] * NORMAL, truth


def gaps(quantiles: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Differences of the share of truths below each quantile from what it says."""
    return np.asarray((truth[:, None] <= quantiles).mean(axis=0) - LEVELS_)


@settings(max_examples=20, deadline=None)
@given(width=st.floats(0.6, 1.8), seed=st.integers(0, 99))
def test_quantiles_hold_what_they_say_of_new_draws_however_wide_they_were(width: float, seed: int) -> None:
    factors = conformal_factors(*_swapped(*answers(3000, width, seed)))
    assert factors is not None
    quantiles, truth = answers(20_000, width, seed + 1000)
    # the chance of 3,000 draws at any of 22 levels, and of 20,000
    assert np.abs(gaps(scaled(quantiles, factors), truth)).max() < 0.04


def test_what_is_calibrated_stays_nearly_as_it_is() -> None:
    factors = conformal_factors(*_swapped(*answers(20_000, 1.0, 3)))
    assert factors is not None
    outer = np.abs(NORMAL) > 0.5
    np.testing.assert_allclose(factors[outer], 1.0, atol=0.05)
    assert factors[MEDIAN] == 1.0


def test_the_rank_is_that_of_a_new_draw_among_those_known() -> None:
    """Of ``n`` scores the one of rank ``ceil((n + 1) p)`` is the factor: 0.95 of 600 is not the 570th but the 571st."""
    number = 600
    quantiles = np.tile(np.linspace(-1.0, 1.0, len(LEVELS)), (number, 1))
    truth = np.linspace(0.3, 1.2, number)
    factors = conformal_factors(quantiles, LEVELS_, truth)
    at = LEVELS.index(0.95)
    assert factors is not None
    assert factors[at] == pytest.approx(truth[571 - 1] / quantiles[0, at])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(0.5, 2.0), min_size=len(LEVELS), max_size=len(LEVELS)),
    st.lists(st.floats(-5.0, 5.0), min_size=len(LEVELS), max_size=len(LEVELS)),
)
def test_moved_quantiles_rise_and_keep_their_median(factors: list[float], values: list[float]) -> None:
    quantiles = np.sort(np.array(values))[None]
    moved = scaled(quantiles, np.array(factors))
    assert (np.diff(moved) >= 0.0).all()
    assert moved[0, MEDIAN] == pytest.approx(quantiles[0, MEDIAN])


def test_too_few_draws_move_nothing() -> None:
    quantiles, truth = answers(FEWEST, 0.5, 1)
    assert conformal_factors(quantiles, LEVELS_, truth) is not None
    truth[0] = np.nan
    assert conformal_factors(quantiles, LEVELS_, truth) is None


def test_groups_are_moved_each_by_its_own_factors_and_unknown_quantities_not_at_all() -> None:
    wide = tuple([2.0] * len(LEVELS))
    calibration = Calibration({"r0": {"1": wide}}, {"1": 600}, "textbook")
    quantiles = np.tile(NORMAL, (3, 1))
    moved = calibration.apply("r0", quantiles, np.array([np.nan, 0.0, 1.0]))
    np.testing.assert_array_equal(moved[:2], quantiles[:2])
    np.testing.assert_allclose(moved[2], 2.0 * NORMAL)
    np.testing.assert_array_equal(calibration.apply("other", quantiles, np.ones(3)), quantiles)
    assert groups_of(np.array([np.nan, 0.0, 1.0])).tolist() == ["unknown", "0", "1"]


def test_it_reads_as_it_was_kept() -> None:
    calibration = Calibration({"r0": {"unknown": tuple(np.linspace(0.5, 2.0, len(LEVELS)))}}, {"unknown": 700})
    again = calibration_of(json.loads(json.dumps(calibration.to_json())))
    np.testing.assert_allclose(again.factors["r0"]["unknown"], calibration.factors["r0"]["unknown"], rtol=1e-5)
    assert (again.draws, again.by) == (calibration.draws, "")


def _swapped(quantiles: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return quantiles, LEVELS_, truth
