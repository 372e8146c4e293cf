"""Reporting delay: nobody is lost but those who wait at the end, and the mean is the stated one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


def test_people_are_conserved_but_for_those_who_wait_at_the_end(waves: np.ndarray, stage: Callable[..., Any]) -> None:
    made = stage("delay", waves)
    after = made.observe(made.theta(present=1.0))
    known_by_then, happened = np.cumsum(after, axis=1), np.cumsum(waves, axis=1)
    assert np.all(known_by_then <= happened + 1e-6)
    assert np.all(after == np.floor(after))


def test_once_all_have_been_reported_none_is_missing(waves: np.ndarray, stage: Callable[..., Any]) -> None:
    ended = waves.copy()
    ended[:, -42:] = 0
    made = stage("delay", ended)
    after = made.observe(made.theta(present=1.0))
    np.testing.assert_array_equal(after.sum(axis=1), ended.sum(axis=1))


@pytest.mark.parametrize("mean", [2.0, 8.0])
def test_reports_come_the_stated_days_late(mean: float, stage: Callable[..., Any]) -> None:
    once = np.zeros((40, 100), dtype=np.int32)
    once[:, 0] = 1_000_000
    made = stage("delay", once)
    after = made.observe(made.theta(present=1.0, mean=mean, shape=3.0, shrink=0.0))
    late = (after * np.arange(100)).sum(axis=1) / after.sum(axis=1)
    # a delay of a whole day and a half counts as one day
    np.testing.assert_allclose(late, mean - 0.5, rtol=0.02)


def test_delays_shrink_as_years_go_by(stage: Callable[..., Any]) -> None:
    twice = np.zeros((40, 840), dtype=np.int32)
    twice[:, [0, 728]] = 1_000_000
    made = stage("delay", twice)
    after = made.observe(made.theta(present=1.0, mean=8.0, shape=3.0, shrink=0.5))[0]
    day = np.arange(100)
    early, late = ((after[at : at + 100] * day).sum() / after[at : at + 100].sum() for at in (0, 728))
    assert late + 0.5 == pytest.approx((early + 0.5) * np.exp(-0.5 * 728 / 365), rel=0.05)


def test_nobody_waits_for_longer_than_the_setting_says() -> None:
    from sgnn.domains.epidemics.observation import Delay
    from sgnn.simulation import Streams

    once = np.zeros((1, 120))
    once[:, 0] = 1_000_000
    theta = {name: np.array([one]) for name, one in {"present": 1.0, "mean": 35.0, "shape": 4.0, "shrink": 0.0}.items()}
    late = []
    for longest in (42, 70):
        after = Delay("cases", longest=longest).observe({"cases": once}, theta, Streams("d", np.arange(1)))["cases"]
        assert after[:, longest + 1 :].sum() == 0.0
        late.append(float(after[0] @ np.arange(120)) / after.sum())
    # what is cut off lay at the end: less of it with more days
    assert late[0] < late[1] < 35.0
