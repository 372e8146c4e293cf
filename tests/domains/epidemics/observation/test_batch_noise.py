"""Batch noise: a factor of mean 1 per week, as wide and as persistent as stated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


def factors(stage: Callable[..., Any], **values: float) -> np.ndarray:
    level = np.full((400, 7 * 60), 1_000_000)
    made = stage("batch_noise", level)
    after = made.observe(made.theta(400, present=1.0, **values)) / 1_000_000
    weeks = after.reshape(400, 60, 7)
    np.testing.assert_array_equal(weeks, weeks[:, :, :1].repeat(7, axis=2))
    return np.asarray(weeks[:, :, 0])


def test_the_factor_has_mean_one_and_the_stated_spread(stage: Callable[..., Any]) -> None:
    made = factors(stage, sd=0.3, memory=0.0)
    assert made.mean() == pytest.approx(1.0, abs=0.01)
    assert np.log(made).std() == pytest.approx(0.3, rel=0.02)


@pytest.mark.parametrize("memory", [-0.3, 0.6])
def test_weeks_are_as_correlated_as_stated(memory: float, stage: Callable[..., Any]) -> None:
    logs = np.log(factors(stage, sd=0.2, memory=memory))
    assert logs[:, 0].std() == pytest.approx(logs[:, -1].std(), rel=0.15)
    scores = logs - logs.mean()
    assert (scores[:, 1:] * scores[:, :-1]).mean() / scores.var() == pytest.approx(memory, abs=0.03)


def test_few_people_stay_few_on_average(stage: Callable[..., Any]) -> None:
    made = stage("batch_noise", np.ones((40, 7000), dtype=np.int32))
    assert made.observe(made.theta(present=1.0, sd=0.3, memory=0.0)).mean() == pytest.approx(1.0, abs=0.06)


def test_many_people_stay_whole(stage: Callable[..., Any]) -> None:
    made = stage("batch_noise", np.full((40, 70), 12_345, dtype=np.int32))
    after = made.observe(made.theta(present=1.0, sd=0.2))
    np.testing.assert_array_equal(after, np.round(after))
