"""Baselines: fitted once, kept by what they saw, going on after a kill."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sgnn.evaluation.baselines import BASELINES, SERIES_A_PART, baseline_forecasts, filled_forward, stand_ins
from sgnn.evaluation.classical import METHODS, last_value

SERIES = SERIES_A_PART + 2


def series() -> np.ndarray:
    chance = np.random.default_rng(0)
    return chance.poisson(np.exp(4 + np.cumsum(chance.normal(0, 0.15, (SERIES, 40)), axis=1))).astype(float)


def forecasts(values: np.ndarray, cache: Path, name: str = "theta", processes: int = 1) -> np.ndarray:
    return baseline_forecasts(values, [20], 4, [name], cache, processes)[name]


def broken(*_: object) -> np.ndarray:
    raise ZeroDivisionError


def test_every_baseline_has_every_forecast(tmp_path: Path) -> None:
    found = baseline_forecasts(series()[:1], [11, 20], 4, BASELINES, tmp_path, processes=1)
    assert list(found) == ["last_value", "damped_drift", "auto_ets", "auto_arima", "theta"]
    assert {one.shape for one in found.values()} == {(1, 2, 4, 23)}


def test_fitted_forecasts_are_kept_by_the_digest_of_what_they_saw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = series()
    first = forecasts(values, tmp_path)
    monkeypatch.setitem(METHODS, "theta", broken)
    values[:, 21:] = 7.0  # no forecast saw it
    np.testing.assert_array_equal(forecasts(values, tmp_path), first)
    values[0, 20] += 1
    with pytest.raises(ZeroDivisionError):
        forecasts(values, tmp_path)


def test_what_was_fitted_before_a_kill_is_not_fitted_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = forecasts(series(), tmp_path / "whole")
    first = forecasts(series()[:SERIES_A_PART], tmp_path)
    fitted: list[float] = []
    monkeypatch.setitem(METHODS, "theta", lambda past, *rest: fitted.append(past[0]) or last_value(past, *rest))
    again = forecasts(series(), tmp_path)
    np.testing.assert_array_equal(again[:SERIES_A_PART], first)
    np.testing.assert_array_equal(again[:SERIES_A_PART], whole[:SERIES_A_PART])
    assert fitted == series()[SERIES_A_PART:, 0].tolist()


def test_processes_give_the_same_as_one(tmp_path: Path) -> None:
    one = forecasts(series(), tmp_path / "one", "auto_ets")
    np.testing.assert_array_equal(forecasts(series(), tmp_path / "two", "auto_ets", processes=2), one)


def test_gaps_are_filled_by_what_was_known_then() -> None:
    gaps = np.array([[np.nan, 2.0, np.nan, np.nan, 5.0]])
    np.testing.assert_array_equal(filled_forward(gaps), [[0.0, 2.0, 2.0, 2.0, 5.0]])


def test_forecasts_that_the_last_value_stands_in_for_are_counted() -> None:
    chance = np.random.default_rng(0)
    last = np.sort(chance.gamma(2, 10, (3, 2, 4, 23)), axis=-1)
    last[2] = 0.0  # nothing but zeros: every model forecasts zeros
    fitted = last + 1.0
    fitted[0, 0] = last[0, 0]
    fitted[2] = 0.0
    assert stand_ins({"last_value": last, "damped_drift": last, "theta": fitted, "auto_ets": last + 1.0}) == {
        "theta": 1
    }
