"""Dumps: what went unseen is reported on one day, and nobody is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def test_the_backlog_is_all_that_is_missing_and_never_negative(waves: np.ndarray, stage: Callable[..., Any]) -> None:
    made = stage("dump", waves)
    theta = made.theta(present=1.0)
    backlog = np.cumsum(waves, axis=1) - np.cumsum(made.observe(theta), axis=1)
    assert np.all(backlog >= 0)
    # about the stated share at most, whole people held back at random
    assert np.all(backlog[:, -1] <= theta["share"] * waves.sum(axis=1) + 5 * np.sqrt(waves.shape[1]))


def test_a_dump_every_day_gives_everybody_back(waves: np.ndarray, stage: Callable[..., Any]) -> None:
    made = stage("dump", waves)
    np.testing.assert_array_equal(made.observe(made.theta(present=1.0, rate=1e9)), waves)


def test_dumps_come_as_often_as_stated(stage: Callable[..., Any]) -> None:
    level = np.full((40, 3650), 1000)
    made = stage("dump", level)
    after = made.observe(made.theta(present=1.0, rate=2.0, share=0.3))
    dumps = (after > 1000).sum(axis=1)
    # Poisson with mean 20 a draw
    assert abs(dumps.mean() - 20.0) < 4 * np.sqrt(20.0 / 40)
