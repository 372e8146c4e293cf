"""The prior predictive check: what it must say of series from the prior, and of others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgnn.evaluation.report.prior_check import SPAN, about_peak, growth, lively, prior_check, scatter


def walks(number: int, time: int, seed: int) -> np.ndarray:
    """Counts of wandering size (number, time)."""
    steps = np.random.default_rng(seed).normal(0, 0.2, (number, time))
    return np.round(50 * np.exp(steps.cumsum(axis=1)))


def test_nine_in_ten_values_of_series_from_the_prior_lie_in_its_band() -> None:
    check = prior_check(walks(2000, 80, 0), walks(400, 80, 1))
    assert check is not None
    assert check.inside == pytest.approx(0.9, abs=0.02)
    assert np.quantile(check.growth[0], [0.1, 0.9]) == pytest.approx(np.quantile(check.growth[1], [0.1, 0.9]), abs=0.05)


def test_series_unlike_the_prior_leave_its_band() -> None:
    flat = np.random.default_rng(2).poisson(1000, (40, 80)).astype(float)
    check = prior_check(walks(2000, 80, 0), flat)
    assert check is not None
    assert check.inside < 0.6


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), factor=st.floats(1, 1e4), gaps=st.integers(0, 10))
def test_the_shape_about_the_peak_does_not_depend_on_scale_and_is_highest_there(
    seed: int, factor: float, gaps: int
) -> None:
    series = walks(4, 50, seed) + 1
    series[:, :gaps] = np.nan
    shape = about_peak(series)
    assert shape.shape == (4, 2 * SPAN + 1)
    np.testing.assert_array_equal(shape[:, SPAN], 1.0)
    assert np.nanmax(shape) <= 1.0
    np.testing.assert_allclose(about_peak(series * factor), shape)


def test_steady_growth_is_growth_without_scatter() -> None:
    series = np.exp(0.1 * np.arange(40))[None] * 1e6
    assert growth(series) == pytest.approx(np.full(36, 0.4), abs=1e-4)
    assert scatter(series) == pytest.approx(np.zeros(38), abs=1e-4)


def test_series_of_next_to_nothing_are_left_out_and_nothing_is_no_check() -> None:
    series = np.array([[0.0, 1.0] * 20, [5.0] * 40, [np.nan] * 40])
    np.testing.assert_array_equal(lively(series), series[1:2])
    assert prior_check(series[:1], series[1:2]) is None
    assert prior_check(series[1:2], series[2:]) is None
