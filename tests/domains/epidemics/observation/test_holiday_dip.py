"""Holiday dips: reports sink for days and come back after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


def test_what_is_held_back_is_reported_later_but_for_the_share_never_caught_up(
    waves: np.ndarray, stage: Callable[..., Any]
) -> None:
    ended = waves.copy()
    ended[:, -240:] = 0
    made = stage("holiday_dip", ended)
    after = made.observe(made.theta(rate=3.0, depth=0.5, caught_up=1.0))
    assert np.all(np.cumsum(after, axis=1) <= np.cumsum(ended, axis=1) + 1e-6)
    np.testing.assert_array_equal(after.sum(axis=1), ended.sum(axis=1))
    never = made.observe(made.theta(rate=3.0, depth=0.5, caught_up=0.0))
    assert np.all(never <= ended)


def test_a_feast_comes_every_year_on_its_day(stage: Callable[..., Any]) -> None:
    made = stage("holiday_dip", np.full((40, 1100), 1000))
    after = made.observe(made.theta(rate=0.0, depth=0.4, feast_day=100.0, caught_up=0.8))
    assert np.all(after[:, [100, 465, 830]] < 1000)
    assert np.all(after[:, :100] == 1000)
    low = (after < 1000).sum(axis=1)
    assert low.min() >= 3 * 5
    assert low.max() <= 3 * 14


def test_the_depth_is_the_stated_one_on_average(stage: Callable[..., Any]) -> None:
    level = np.full((40, 3650), 10_000)
    made = stage("holiday_dip", level)
    after = made.observe(made.theta(rate=4.0, depth=0.3, caught_up=0.0))
    assert 1 - after[after < 10_000].mean() / 10_000 == pytest.approx(0.3, abs=0.02)


def test_whole_people_are_reported_whatever_share_is_caught_up(waves: np.ndarray, stage: Callable[..., Any]) -> None:
    made = stage("holiday_dip", waves)
    after = made.observe(made.theta(rate=6.0, depth=0.5, caught_up=0.77))
    np.testing.assert_array_equal(after, np.round(after))
