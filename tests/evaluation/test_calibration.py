"""Calibration: uniform for the true distribution, bent for a wrong one."""

from __future__ import annotations

import numpy as np
from scipy import stats

from sgnn.evaluation.calibration import coverage_by_horizon, pit, reliability
from sgnn.learning.forecast.levels import LEVELS

Q = np.array(LEVELS)


def forecasts(scale: float) -> tuple[np.ndarray, np.ndarray]:
    truth = np.random.default_rng(0).normal(0, 1, (2000, 4))
    return np.broadcast_to(scale * stats.norm.ppf(Q), (*truth.shape, 23)), truth


def test_the_true_distribution_has_a_uniform_pit() -> None:
    values = pit(forecasts(1.0)[0], Q, forecasts(1.0)[1])
    inner = values[(values > 0.03) & (values < 0.97)]
    assert stats.kstest((inner - 0.03) / 0.94, "uniform").statistic < 0.02


def test_too_narrow_a_forecast_has_its_pit_at_the_ends() -> None:
    values = pit(*_with_levels(0.3))
    assert np.mean((values < 0.05) | (values > 0.95)) > 0.4


def _with_levels(scale: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    forecast, truth = forecasts(scale)
    return forecast, Q, truth


def test_zeros_forecast_and_seen_get_the_middle_of_their_levels() -> None:
    forecast = np.concatenate([np.zeros(12), np.arange(1.0, 12.0)])[None]
    assert 0.2 < pit(forecast, Q, np.array([0.0]))[0] < 0.35


def test_reliability_is_the_diagonal_and_missing_truths_do_not_count() -> None:
    forecast, truth = forecasts(1.0)
    truth[:100] = np.nan
    np.testing.assert_allclose(reliability(forecast, Q, truth), Q, atol=0.02)
    for percent, shares in coverage_by_horizon(forecast, Q, truth).items():
        np.testing.assert_allclose(shares, percent / 100, atol=0.03)
