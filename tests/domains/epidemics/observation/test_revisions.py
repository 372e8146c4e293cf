"""Backfill, rounding and suppression of weekly counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def test_backfill_leaves_out_the_stated_share_of_the_last_week_and_less_before(stage: Callable[..., Any]) -> None:
    made = stage("backfill", np.full((40, 30), 1000.0))
    after = made.observe(made.theta(present=1.0, known=0.4, pace=0.5))
    np.testing.assert_array_equal(after[:, -4:], np.tile([925.0, 850.0, 700.0, 400.0], (40, 1)))
    assert np.all(after[:, :15] == 1000)
    assert np.all(np.diff(after, axis=1) <= 0)


def test_rounded_counts_are_the_nearest_multiples(stage: Callable[..., Any]) -> None:
    made = stage("rounding")
    for unit in (1.0, 5.0, 10.0):
        after = made.observe(made.theta(unit=unit))
        assert np.all(after % unit == 0)
        assert np.abs(after - made.before()).max() <= unit / 2


def test_counts_below_the_limit_become_zero_and_others_stay(stage: Callable[..., Any]) -> None:
    made = stage("small_counts")
    after = made.observe(made.theta(smallest=5.0))
    np.testing.assert_array_equal(after, np.where(made.before() < 5, 0, made.before()))
    assert ((made.before() > 0) & (made.before() < 5)).any()
