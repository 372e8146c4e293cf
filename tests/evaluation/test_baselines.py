"""Baselines: causal, ordered, kept between calls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sgnn.evaluation.baselines import BASELINES, baseline_forecasts, damped_drift, last_value


def series() -> np.ndarray:
    chance = np.random.default_rng(0)
    return chance.poisson(np.exp(4 + np.cumsum(chance.normal(0, 0.15, (2, 40)), axis=1))).astype(float)


@pytest.mark.parametrize("name", BASELINES)
def test_quantiles_are_ordered_not_negative_and_blind_to_the_future(name: str, tmp_path: Path) -> None:
    values = series()
    found = baseline_forecasts(values, [11, 25], 4, [name], tmp_path, processes=1)[name]
    assert found.shape == (2, 2, 4, 23)
    assert found.min() >= 0
    assert np.all(np.diff(found, axis=-1) >= 0)
    values[:, 26:] = 1e6
    np.testing.assert_array_equal(
        baseline_forecasts(values, [11, 25], 4, [name], tmp_path / "b", processes=1)[name], found
    )


def test_last_value_repeats_the_last_value_and_widens() -> None:
    found = last_value(series()[0], 8)
    assert (found[:, 11] == series()[0][-1]).all()
    width = found[:, 20] - found[:, 2]
    assert width[-1] > width[0]


def test_damped_drift_goes_on_ever_more_slowly() -> None:
    steps = np.diff(np.concatenate([[40.0], damped_drift(np.arange(1.0, 41.0), 6)[:, 11]]))
    np.testing.assert_allclose(steps, 0.8 ** np.arange(1, 7))


def test_constant_and_short_series_are_forecast_too(tmp_path: Path) -> None:
    found = baseline_forecasts(np.zeros((1, 12)), [3, 11], 4, list(BASELINES), tmp_path, processes=1)
    for one in found.values():
        assert np.isfinite(one).all()


def test_fitted_forecasts_are_kept_by_the_digest_of_what_they_saw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = baseline_forecasts(series(), [20], 4, ["theta"], tmp_path, processes=1)["theta"]
    monkeypatch.setitem(BASELINES, "theta", lambda *_: 1 / 0)
    np.testing.assert_array_equal(
        baseline_forecasts(series(), [20], 4, ["theta"], tmp_path, processes=1)["theta"], first
    )
    with pytest.raises(ZeroDivisionError):
        baseline_forecasts(series() + 1, [20], 4, ["theta"], tmp_path, processes=1)


def test_processes_give_the_same_as_one(tmp_path: Path) -> None:
    one = baseline_forecasts(series(), [20, 30], 4, ["auto_ets"], tmp_path / "a", processes=1)["auto_ets"]
    two = baseline_forecasts(series(), [20, 30], 4, ["auto_ets"], tmp_path / "b", processes=2)["auto_ets"]
    np.testing.assert_allclose(two, one)
