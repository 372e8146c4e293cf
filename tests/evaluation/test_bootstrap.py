"""The bootstrap: its intervals hold the score, widen with noise, and see a clear difference."""

from __future__ import annotations

import numpy as np

from sgnn.evaluation.bootstrap import resample, score_intervals
from sgnn.learning.forecast.quantiles import LEVELS

Q = np.array(LEVELS)


def methods(seed: int = 0) -> tuple[dict[str, np.ndarray], np.ndarray]:
    chance = np.random.default_rng(seed)
    truth = chance.normal(100, 10, (20, 30, 4))
    spread = 10 * (Q - 0.5)
    good = truth[..., None] + chance.normal(0, 3, truth.shape)[..., None] + spread
    same = truth[..., None] + chance.normal(0, 3, truth.shape)[..., None] + spread
    poor = truth[..., None] + chance.normal(0, 10, truth.shape)[..., None] + spread
    return {"model": good, "same": same, "last_value": poor}, truth


def test_resamples_draw_as_many_origins_and_series_as_there_are() -> None:
    by_series, by_origin = resample(20, 30)
    assert (by_series.sum(axis=1) == 20).all()
    assert (by_origin.sum(axis=1) == 30).all()


def test_intervals_hold_the_score_and_the_reference_is_one() -> None:
    forecasts, truth = methods()
    found = score_intervals(forecasts, "last_value", Q, truth, "model")["methods"]
    error = {name: np.abs(truth - one[..., 11]).mean() for name, one in forecasts.items()}
    low, high = found["model"]["relative_mae"]
    assert low < error["model"] / error["last_value"] < high
    assert high - low < 0.1
    assert found["last_value"]["relative_mae"] == [1.0, 1.0]


def test_a_clear_difference_excludes_zero_and_none_holds_it() -> None:
    forecasts, truth = methods()
    found = score_intervals(forecasts, "last_value", Q, truth, "model")["differences"]
    assert found["last_value"]["relative_mae"][1] < -0.3
    low, high = found["same"]["relative_mae"]
    assert low < 0.02
    assert high > -0.02


def test_missing_truths_do_not_count() -> None:
    forecasts, truth = methods()
    truth[:, 20:] = np.nan
    found = score_intervals(forecasts, "last_value", Q, truth, "model")["methods"]["model"]
    assert np.isfinite(found["relative_mae"]).all()
    assert found["coverage_90"][1] <= 1.0
