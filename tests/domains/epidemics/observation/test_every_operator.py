"""What holds for every registered operator: it changes the data, a draw is its own, and nobody is un-counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sgnn.simulation.registry import find, names

OPERATORS = [name.removeprefix("epidemics.") for name in names("sgnn.observations") if name.startswith("epidemics.")]
SWITCHED = [
    name
    for name in OPERATORS
    if name != "report" and "present" in find("sgnn.observations", f"epidemics.{name}")(variable="deaths").prior().names
]
# what makes an effect strong that is faint or absent in most draws
STRONG = {
    "report": {"share_start": 0.3, "share_end": 0.6},
    "dump": {"rate": 3.0, "share": 0.3},
    "missing": {"share": 0.3, "length": 2.0},
    "backfill": {"known": 0.4, "pace": 0.3},
    "rounding": {"unit": 10.0},
    "small_counts": {"smallest": 10.0},
}


def switched_on(stage: Any, name: str) -> dict[str, np.ndarray]:
    strong = STRONG.get(name, {})
    return stage.theta(**strong, **({"present": 1.0} if name in SWITCHED else {}))


def test_there_is_an_operator_for_everything_that_reporting_does() -> None:
    assert set(OPERATORS) >= {
        *("report", "delay", "weekday", "batch_noise", "holiday_dip", "dump", "overdispersion"),
        *("weekly", "missing", "late_start", "backfill", "rounding", "small_counts", "outbreak_window"),
    }


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_that_is_switched_on_changes_the_data(name: str, stage: Callable[..., Any]) -> None:
    made = stage(name)
    before, after = made.before(), made.observe(switched_on(made, name))
    # where hardly anybody is counted there may be nothing to change
    enough = ((before > 0) & (before < 10)).any(axis=1) if name == "small_counts" else before.sum(axis=1) > 2000
    changed = [
        before[draw].shape != after[draw].shape or not np.array_equal(before[draw], after[draw])
        for draw in np.flatnonzero(enough)
    ]
    assert len(changed) >= 5
    assert all(changed)


@pytest.mark.parametrize("name", SWITCHED)
def test_an_operator_that_is_switched_off_changes_nothing(name: str, stage: Callable[..., Any]) -> None:
    made = stage(name)
    np.testing.assert_array_equal(made.observe(made.theta(present=0.0)), made.before())


@pytest.mark.parametrize("name", OPERATORS)
def test_a_draw_is_observed_alike_in_any_batch(name: str, stage: Callable[..., Any]) -> None:
    made = stage(name)
    theta = switched_on(made, name)
    together = made.observe(theta)
    for rows in (np.array([31, 4, 17]), np.array([39]), np.arange(40)[::-1]):
        np.testing.assert_array_equal(made.observe(theta, rows), together[rows])


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_leaves_what_it_is_shown_as_it_was(name: str, stage: Callable[..., Any]) -> None:
    made = stage(name)
    before = {key: values.copy() for key, values in made.data.items()}
    for values in made.data.values():
        values.flags.writeable = False
    made.observe(switched_on(made, name))
    for key, values in made.data.items():
        np.testing.assert_array_equal(values, before[key])


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("level", [0, 1, 3, 50_000])
def test_no_count_is_negative_or_made_from_nothing(name: str, level: int, stage: Callable[..., Any]) -> None:
    made = stage(name, np.full((40, 140), level))
    after = made.observe(switched_on(made, name))
    assert np.nanmin(after, initial=0.0) >= 0
    assert not np.isinf(after).any()
    may_be_missing = {"epidemics.missing", "epidemics.late_start", "epidemics.outbreak_window"}
    assert made.operator.name in may_be_missing or not np.isnan(after).any()
    if level == 0:
        assert np.nansum(after) == 0


@pytest.mark.parametrize("name", OPERATORS)
def test_every_parameter_says_what_it_means(name: str, stage: Callable[..., Any]) -> None:
    for parameter, about in stage(name).operator.prior().parameters.items():
        assert about.description, parameter
        assert about.source or parameter == "present", parameter
