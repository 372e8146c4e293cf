"""The bootstrap: its intervals hold the score, widen with noise, and see a clear difference."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgnn.evaluation.bootstrap import resample, score_intervals
from sgnn.evaluation.scores import Errors, errors, summary
from sgnn.learning.forecast.levels import LEVELS

Q = np.array(LEVELS)


def methods(unseen: bool = False) -> dict[str, Errors]:
    chance = np.random.default_rng(0)
    truth = chance.normal(100, 10, (20, 30, 4))
    spread = 10 * (Q - 0.5)
    made = {
        name: truth[..., None] + chance.normal(0, noise, truth.shape)[..., None] + spread
        for name, noise in (("model", 3), ("same", 3), ("last_value", 10))
    }
    if unseen:
        truth[:, 20:] = np.nan
    return {name: errors(one, Q, truth) for name, one in made.items()}


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 12))
@settings(max_examples=25, deadline=None)
def test_resamples_draw_as_many_origins_and_series_as_there_are(series: int, origins: int, block: int) -> None:
    by_series, by_origin = resample(series, origins, replicates=20, block=block)
    assert by_series.shape == (20, series)
    assert by_origin.shape == (20, origins)
    assert (by_series.sum(axis=1) == series).all()
    assert (by_origin.sum(axis=1) == origins).all()


def test_origins_are_drawn_in_runs() -> None:
    _, by_origin = resample(5, 48, replicates=200, block=8)
    neighbours = (by_origin[:, 1:] > 0) == (by_origin[:, :-1] > 0)
    assert neighbours.mean() > 0.8


def test_intervals_hold_the_score_and_the_reference_is_one() -> None:
    found = methods()
    intervals = score_intervals(found, "last_value", "model")["methods"]
    scores = summary(found["model"], found["last_value"])
    for score in ("mae", "wis", "relative_mae", "relative_wis", "skill"):
        low, high = intervals["model"][score]
        assert low < scores[score] < high, score
    for percent, share in scores["coverage"].items():
        low, high = intervals["model"]["coverage"][percent]
        assert low <= share <= high
    assert intervals["last_value"]["relative_mae"] == [1.0, 1.0]


def test_every_horizon_series_and_origin_has_its_interval() -> None:
    found = methods()
    intervals = score_intervals(found, "last_value", "model")
    steps = intervals["methods"]["model"]["by_horizon"]
    assert [step["horizon"] for step in steps] == [1, 2, 3, 4]
    for step in steps:
        at = np.s_[:, :, step["horizon"] - 1]
        low, high = step["relative_mae"]
        assert low < summary(found["model"][at], found["last_value"][at])["relative_mae"] < high
    for cut, size in (("by_series", 20), ("by_origin", 30)):
        assert len(intervals[cut]) == size
        for row, (low, high) in enumerate(intervals[cut]):
            at = np.s_[row] if cut == "by_series" else np.s_[:, row]
            assert low < summary(found["model"][at], found["last_value"][at])["relative_mae"] < high


def test_a_clear_difference_excludes_zero_and_none_holds_it() -> None:
    found = score_intervals(methods(), "last_value", "model")["differences"]
    assert found["last_value"]["relative_mae"][1] < -0.3
    low, high = found["same"]["relative_mae"]
    assert low < 0.0 < high


def test_a_mean_of_independent_errors_has_the_interval_that_theory_gives() -> None:
    chance = np.random.default_rng(4)
    truth = chance.normal(0, 1, (1, 4000, 1))
    own = errors(np.zeros((1, 4000, 1, 23)), Q, truth)
    low, high = score_intervals({"model": own}, "model", "model")["methods"]["model"]["mae"]
    expected = 2 * 1.645 * np.abs(truth).std() / np.sqrt(truth.size)
    assert high - low == pytest.approx(expected, rel=0.15)


def test_missing_truths_do_not_count() -> None:
    found = methods(unseen=True)
    intervals = score_intervals(found, "last_value", "model")
    low, high = intervals["methods"]["model"]["relative_mae"]
    assert low < summary(found["model"], found["last_value"])["relative_mae"] < high
    assert intervals["methods"]["model"]["coverage"]["90"][1] <= 1.0
    assert intervals["by_origin"][25] is None


def test_a_thousand_replicates_of_a_whole_benchmark_take_seconds() -> None:
    chance = np.random.default_rng(0)
    own = errors(np.sort(chance.gamma(2, 50, (52, 48, 8, 23))), Q, chance.gamma(2, 50, (52, 48, 8)))
    began = time.process_time()
    score_intervals({"model": own, "last_value": own, "theta": own}, "last_value", "model")
    assert time.process_time() - began < 10
