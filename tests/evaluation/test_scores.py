"""Scores: against formulas worked by hand and against a library."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.evaluation.scores import covered, errors, interval, summary, weighted_interval_score
from sgnn.learning.forecast.levels import LEVELS

Q = np.array(LEVELS)


def normal_quantiles(mean: np.ndarray, sd: float) -> np.ndarray:
    from scipy.stats import norm

    return mean[..., None] + sd * norm.ppf(Q)


def test_weighted_interval_score_agrees_with_the_formula_by_intervals() -> None:
    # compiles dozens of functions when it is imported
    import scoringrules

    chance = np.random.default_rng(0)
    forecast = np.sort(chance.gamma(3, 10, (50, 23)), axis=-1)
    truth = chance.gamma(3, 10, 50)
    alphas = 2 * Q[:11]
    low, high = forecast[:, :11], forecast[:, :-12:-1]
    library = scoringrules.weighted_interval_score(truth, forecast[:, 11], low, high, alphas)
    np.testing.assert_allclose(weighted_interval_score(forecast, Q, truth), library, rtol=1e-9)


def test_score_of_one_quantile_is_twice_the_pinball_loss() -> None:
    assert weighted_interval_score(np.array([10.0]), np.array([0.9]), np.array(15.0)) == pytest.approx(9.0)
    assert weighted_interval_score(np.array([10.0]), np.array([0.9]), np.array(5.0)) == pytest.approx(1.0)


@pytest.mark.parametrize("percent", [50, 80, 90, 95])
def test_calibrated_forecasts_cover_what_they_say(percent: int) -> None:
    truth = np.random.default_rng(1).normal(0, 1, 20000)
    forecast = normal_quantiles(np.zeros(20000), 1.0)
    assert covered(forecast, Q, truth, percent).mean() == pytest.approx(percent / 100, abs=0.01)
    assert covered(forecast * 0.7, Q, truth, percent).mean() < percent / 100 - 0.03


def test_an_interval_that_the_levels_do_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="99 %"):
        interval(np.zeros((1, 23)), Q, 99)


def test_a_forecast_that_halves_the_error_has_a_skill_of_fifty() -> None:
    truth = np.array([[10.0, 20.0], [30.0, np.nan]])
    reference = normal_quantiles(np.nan_to_num(truth) + 4.0, 1.0)
    own = normal_quantiles(np.nan_to_num(truth) + 2.0, 1.0)
    scores = summary(errors(own, Q, truth), errors(reference, Q, truth))
    assert scores["mae"] == pytest.approx(2.0)
    assert scores["relative_mae"] == pytest.approx(0.5)
    assert scores["skill"] == pytest.approx(50.0)
    assert scores["forecasts"] == 3


def test_nothing_observed_gives_no_score() -> None:
    nothing = errors(np.zeros((2, 23)), Q, np.full(2, np.nan))
    scores = summary(nothing, nothing)
    assert scores["relative_mae"] is None
    assert scores["forecasts"] == 0


def test_a_reference_without_error_gives_no_relative_score() -> None:
    truth = np.zeros(3)
    scores = summary(errors(np.ones((3, 23)), Q, truth), errors(np.zeros((3, 23)), Q, truth))
    assert scores["mae"] == pytest.approx(1.0)
    assert scores["relative_mae"] is None
    assert scores["skill"] is None
