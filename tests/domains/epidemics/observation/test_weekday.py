"""Weekdays: held back at weekends, made up for on Monday."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


def test_people_are_conserved_but_for_those_held_back_on_the_last_day(
    waves: np.ndarray, stage: Callable[..., Any]
) -> None:
    made = stage("weekday", waves)
    after = made.observe(made.theta(present=1.0, strength=1.0))
    missing = np.cumsum(waves, axis=1) - np.cumsum(after, axis=1)
    assert np.all(missing >= 0)
    # nobody waits longer than over a weekend
    assert np.all(missing[:, -1] <= waves[:, -3:].sum(axis=1))


def test_a_record_that_ends_on_a_thursday_has_everybody(waves: np.ndarray, stage: Callable[..., Any]) -> None:
    days = waves[:, : 7 * 20 + 4]
    made = stage("weekday", days)
    after = made.observe(made.theta(present=1.0, strength=1.0, first_weekday=0.0))
    np.testing.assert_array_equal(after.sum(axis=1), days.sum(axis=1))


@pytest.mark.parametrize("first", [0, 3, 6])
def test_sundays_are_low_and_mondays_high_whatever_day_is_first(first: int, stage: Callable[..., Any]) -> None:
    made = stage("weekday", np.full((40, 140), 10_000))
    after = made.observe(made.theta(present=1.0, strength=1.0, first_weekday=float(first)))
    by_weekday = [after[:, (np.arange(140) + first) % 7 == day][:, 1:].mean() for day in range(7)]
    assert np.argmin(by_weekday) == 6
    assert np.argmax(by_weekday) == 0
    # what waits since Saturday is held back on Sunday too
    saturday = (1.0 + 0.1) * (1 - 0.45)
    sunday = (1.0 + (1.0 + 0.1) * 0.45) * (1 - 0.6)
    assert by_weekday[5] == pytest.approx(10_000 * saturday, rel=0.01)
    assert by_weekday[6] == pytest.approx(10_000 * sunday, rel=0.01)
