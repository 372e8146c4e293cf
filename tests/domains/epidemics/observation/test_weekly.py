"""Weeks: exact sums of seven days."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sgnn.errors import RecipeError
from sgnn.simulation import Dimension


def test_a_week_is_the_sum_of_its_days(waves: np.ndarray, stage: Callable[..., Any]) -> None:
    made = stage("weekly", waves)
    weekly = made.observe(made.theta())
    assert weekly.dtype == np.float32
    for week in (0, 7, 59):
        np.testing.assert_array_equal(weekly[:, week], waves[:, 7 * week : 7 * week + 7].sum(axis=1))
    assert weekly.sum(dtype=np.float64) == waves.sum()


def test_the_variable_becomes_weekly(known: Any, stage: Callable[..., Any]) -> None:
    pipeline = stage("report").operator | stage("weekly").operator
    dimensions, variables = pipeline.outputs(*known)
    assert dimensions["week"].size == 60
    assert variables["deaths"].dims == ("week",)
    assert variables["deaths"].unit == "people/week"


def test_days_that_are_not_whole_weeks_are_refused(stage: Callable[..., Any]) -> None:
    with pytest.raises(RecipeError, match="100 days are not whole weeks"):
        stage("weekly").operator.dimensions({"day": Dimension("day", 100)})
