"""Reporting: the share counted follows the stated ramp."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sgnn.errors import RecipeError
from sgnn.simulation import ObservationPipeline

DAYS = 700


@pytest.mark.parametrize(("start", "end"), [(0.05, 0.85), (0.4, 0.25), (1.0, 1.0)])
def test_the_ramp_thins_by_the_stated_share(start: float, end: float, stage: Callable[..., Any]) -> None:
    made = stage("report", np.full((40, DAYS), 20_000))
    seen = made.observe(made.theta(share_start=start, share_end=end, ramp_day=350.0, ramp_width=20.0))
    share = seen.mean(axis=0) / 20_000
    rise = 1.0 / (1.0 + np.exp(-(np.arange(DAYS) - 350.0) / 20.0))
    np.testing.assert_allclose(share, start + (end - start) * rise, atol=0.003)


def test_every_event_is_counted_or_not_by_itself(stage: Callable[..., Any]) -> None:
    made = stage("report", np.full((40, 2000), 30))
    seen = made.observe(made.theta(share_start=0.3, share_end=0.3))
    assert seen.mean() == pytest.approx(9.0, abs=0.05)
    assert seen.var() == pytest.approx(30 * 0.3 * 0.7, rel=0.03)


def test_all_of_a_whole_country_can_be_counted(stage: Callable[..., Any]) -> None:
    made = stage("report", np.full((40, 3), 40_000_000, dtype=np.int32))
    assert (made.observe(made.theta(share_start=1.0, share_end=1.0)) == 4e7).all()


def test_an_unknown_source_is_said_in_one_line(stage: Callable[..., Any], known: Any) -> None:
    operator = stage("report").operator
    operator.source = "visits_daily"
    with pytest.raises(RecipeError, match="'visits_daily', which no simulator gives; there are: deaths_daily"):
        ObservationPipeline((operator,)).outputs(*known)


def test_cases_are_counted_far_less_than_deaths(stage: Callable[..., Any]) -> None:
    kind = type(stage("report").operator)
    cases, deaths = (kind(variable=name, source="x").prior().parameters["share_start"] for name in ("cases", "deaths"))
    assert cases.distribution.high < deaths.distribution.low
