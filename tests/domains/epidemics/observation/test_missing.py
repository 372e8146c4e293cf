"""Missing weeks and late starts: NaN where no report came, everything else untouched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


@pytest.mark.parametrize("name", ["missing", "late_start"])
def test_what_is_not_missing_is_as_it_was(name: str, stage: Callable[..., Any]) -> None:
    made = stage(name)
    after = made.observe(made.theta(present=1.0))
    there = ~np.isnan(after)
    np.testing.assert_array_equal(after[there], made.before()[there])


@pytest.mark.parametrize("name", ["missing", "late_start"])
def test_the_variable_says_that_it_may_be_missing(name: str, known: Any, stage: Callable[..., Any]) -> None:
    _, variables = (stage("report").operator | stage("weekly").operator | stage(name).operator).outputs(*known)
    assert variables["deaths"].missing


@pytest.mark.parametrize(("share", "length"), [(0.05, 1.0), (0.2, 3.0)])
def test_the_stated_share_of_weeks_is_missing(share: float, length: float, stage: Callable[..., Any]) -> None:
    made = stage("missing", np.ones((40, 5000)))
    gone = np.isnan(made.observe(made.theta(present=1.0, share=share, length=length)))
    assert gone.mean() == pytest.approx(share, rel=0.03)


@pytest.mark.parametrize("length", [1.0, 1.5, 4.0])
def test_gaps_are_as_long_as_stated_on_average(length: float, stage: Callable[..., Any]) -> None:
    made = stage("missing", np.ones((40, 5000)))
    gone = np.isnan(made.observe(made.theta(present=1.0, share=0.01, length=length)))
    # two gaps may meet, which at this share makes about one in a hundred longer
    assert gone.sum() / (gone[:, 1:] & ~gone[:, :-1]).sum() == pytest.approx(length, rel=0.08)


def test_nothing_is_known_before_a_late_start_and_all_after_it(stage: Callable[..., Any]) -> None:
    made = stage("late_start")
    gone = np.isnan(made.observe(made.theta(present=1.0, first_week=20.0)))
    assert gone[:, :20].all()
    assert not gone[:, 20:].any()
