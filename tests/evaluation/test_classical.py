"""Methods without a network: causal, ordered, and by hand where they can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sgnn.evaluation.classical import METHODS, damped_drift, forecast_rows, last_value
from sgnn.learning.forecast.levels import LEVELS, MEDIAN

Q = np.array(LEVELS)


def series() -> np.ndarray:
    chance = np.random.default_rng(0)
    return chance.poisson(np.exp(4 + np.cumsum(chance.normal(0, 0.15, (2, 40)), axis=1))).astype(float)


@pytest.mark.parametrize("name", METHODS)
def test_quantiles_are_ordered_not_negative_and_blind_to_the_future(name: str) -> None:
    values = series()
    found = forecast_rows(name, values, (11, 25), 4, Q)
    assert found.shape == (2, 2, 4, 23)
    assert found.min() >= 0
    assert np.all(np.diff(found, axis=-1) >= 0)
    values[:, 26:] = 1e6
    np.testing.assert_array_equal(forecast_rows(name, values, (11, 25), 4, Q), found)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("past", [[0.0] * 12, [7.0] * 12, [3.0], [3.0, 4.0], [0.0] * 11 + [900.0]])
def test_constant_short_and_sudden_series_are_forecast_too(name: str, past: list[float]) -> None:
    found = METHODS[name](np.array(past), 4, Q)
    assert found.shape == (4, 23)
    assert np.isfinite(found).all()
    assert found.min() >= 0


@given(arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 1e6)), st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_last_value_and_drift_are_finite_ordered_and_scale_with_the_data(past: np.ndarray, horizon: int) -> None:
    for method in (last_value, damped_drift):
        found = method(past, horizon, Q)
        assert np.isfinite(found).all()
        assert np.all(np.diff(found, axis=-1) >= 0)
        np.testing.assert_allclose(method(2 * past, horizon, Q), 2 * found, rtol=1e-9, atol=1e-6)


def test_last_value_repeats_the_last_value_and_widens() -> None:
    found = last_value(series()[0], 8, Q)
    assert (found[:, MEDIAN] == series()[0][-1]).all()
    width = found[:, 20] - found[:, 2]
    assert width[-1] > width[0]


def test_last_value_spreads_by_the_past_changes_over_as_many_steps() -> None:
    found = last_value(np.array([100.0, 104.0, 100.0, 104.0, 100.0]), 2, Q)
    assert found[0, [2, -3]].tolist() == [96.0, 104.0]  # one step ahead the series has always moved by four
    assert found[1, [2, -3]].tolist() == [100.0, 100.0]  # two steps ahead it has always come back


def test_damped_drift_goes_on_ever_more_slowly() -> None:
    steps = np.diff(np.concatenate([[40.0], damped_drift(np.arange(1.0, 41.0), 6, Q)[:, MEDIAN]]))
    np.testing.assert_allclose(steps, 0.8 ** np.arange(1, 7))


@pytest.mark.parametrize("name", ["auto_ets", "auto_arima", "theta"])
def test_fitted_methods_give_the_same_again(name: str) -> None:
    past = series()[1]
    np.testing.assert_array_equal(METHODS[name](past, 4, Q), METHODS[name](past, 4, Q))


def test_the_median_and_intervals_are_those_of_the_library() -> None:
    from statsforecast.models import AutoETS

    past = series()[0]
    made = AutoETS(season_length=1).forecast(y=past, h=3, level=[90])
    found = METHODS["auto_ets"](past, 3, Q)
    np.testing.assert_allclose(found[:, MEDIAN], np.maximum(made["mean"], 0))
    np.testing.assert_allclose(found[:, LEVELS.index(0.05)], np.maximum(made["lo-90"], 0))
    np.testing.assert_allclose(found[:, LEVELS.index(0.95)], made["hi-90"])
