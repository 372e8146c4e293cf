"""The window of an outbreak begins with its first report and ends with what is known."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.domains.epidemics.observation import OutbreakWindow
from sgnn.errors import RecipeError
from sgnn.simulation import Streams, Variable


def seen(counts: list[list[float]], days: float) -> np.ndarray:
    operator, values = OutbreakWindow("cases"), np.array(counts)
    theta = {"days": np.full(len(values), days)}
    return operator.observe({"cases": values}, theta, Streams("window", np.arange(len(values))))["cases"]


def test_the_first_day_is_that_of_the_first_report() -> None:
    np.testing.assert_array_equal(seen([[0, 0, 3, 0, 5, 6]], 6.0)[0], [3, 0, 5, 6, np.nan, np.nan])


def test_paths_are_those_of_the_days_that_are_seen() -> None:
    operator = OutbreakWindow("cases", paths={"infections": "infections_daily"})
    data = {"cases": np.array([[0.0, 0.0, 3.0, 0.0, 5.0, 6.0]]), "infections_daily": np.arange(6, dtype=np.int32)[None]}
    made = operator.observe(data, {"days": np.array([3.0])}, Streams("window", np.arange(1)))
    np.testing.assert_array_equal(made["infections"][0], [2, 3, 4, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(made["cases"][0], [3, 0, 5, np.nan, np.nan, np.nan])


def test_a_path_that_is_no_series_like_the_variable_is_named() -> None:
    known = {"cases": Variable("cases", ("day",), "float32", "1", "observable")}
    with pytest.raises(RecipeError, match="'deaths' is no series like 'cases'"):
        OutbreakWindow("cases", paths={"dead": "deaths"}).variables(known)


def test_what_lies_after_the_last_day_known_is_missing() -> None:
    np.testing.assert_array_equal(seen([[1, 2, 3, 4]], 2.9)[0], [1, 2, np.nan, np.nan])


def test_an_outbreak_that_nobody_reports_is_a_row_of_zeros() -> None:
    np.testing.assert_array_equal(seen([[0, 0, 0, 0]], 3.0)[0], [0, 0, 0, np.nan])


def test_a_report_on_the_last_day_alone_is_seen() -> None:
    np.testing.assert_array_equal(seen([[0, 0, 0, 7]], 3.0)[0], [7, np.nan, np.nan, np.nan])


def test_lengths_fill_the_stated_range() -> None:
    days = OutbreakWindow("cases").prior().sample(Streams("window", np.arange(2000)))["days"].astype(int)
    assert (days.min(), days.max()) == (14, 100)


def by_week(counts: list[float], days: float, begins: float, first: int = 0) -> dict[str, np.ndarray]:
    operator = OutbreakWindow("cases", paths={"infections": "infections_daily"}, weeks=True)
    values = np.array([[0.0] * first + counts])
    data = {"cases": values, "infections_daily": np.arange(values.shape[1], dtype=np.int32)[None]}
    theta = {"days": days, "weekly": 1.0, "week_begins": begins}
    return operator.observe(data, {name: np.array([one]) for name, one in theta.items()}, Streams("w", np.arange(1)))


def test_counts_by_week_are_spread_evenly_over_whole_weeks() -> None:
    made = by_week([float(one) for one in range(1, 31)], 23.5, 2.0, first=4)
    # the week of the first report begins two days before it, on day 2
    expected = np.repeat([sum(range(1, 6)), sum(range(6, 13)), sum(range(13, 20))], 7) / 7.0
    np.testing.assert_allclose(made["cases"][0][:21], expected, rtol=1e-6)
    assert np.isnan(made["cases"][0][21:]).all()
    np.testing.assert_array_equal(made["infections"][0][:3], [2, 3, 4])


def test_a_first_week_may_begin_before_the_record_does() -> None:
    made = by_week([7.0] * 30, 21.0, 5.0)
    np.testing.assert_allclose(made["cases"][0][:9], [5.0] * 7 + [7.0] * 2)
    assert np.isnan(made["infections"][0][:2]).all()
    np.testing.assert_array_equal(made["infections"][0][2:5], [0, 1, 2])


def test_a_record_that_ends_within_the_second_week_stays_by_day() -> None:
    np.testing.assert_array_equal(by_week([3.0, 1.0, 4.0], 20.0, 0.0)["cases"][0], [3.0, 1.0, 4.0])


def test_draws_that_are_not_by_week_are_as_they_would_be_without_weeks() -> None:
    with_weeks, without = OutbreakWindow("cases", weeks=True), OutbreakWindow("cases")
    counts = np.random.default_rng(1).poisson(2.0, (50, 60)).astype(float)
    theta = {"days": np.linspace(14.0, 60.0, 50), "weekly": np.zeros(50), "week_begins": np.full(50, 3.0)}
    one, other = (each.observe({"cases": counts}, theta, Streams("w", np.arange(50))) for each in (with_weeks, without))
    np.testing.assert_array_equal(one["cases"], other["cases"])


def test_counts_beside_the_variable_are_seen_on_the_same_days_and_by_the_same_weeks() -> None:
    operator = OutbreakWindow("cases", weeks=True, beside=["deaths"])
    cases = np.array([[0.0, 0.0, 0.0, 3.0, *[1.0] * 26]] * 2)
    deaths = np.tile(np.arange(30.0), (2, 1))
    theta = {"days": np.array([20.0, 20.0]), "weekly": np.array([0.0, 1.0]), "week_begins": np.array([1.0, 1.0])}
    made = operator.observe({"cases": cases, "deaths": deaths}, theta, Streams("w", np.arange(2)))
    np.testing.assert_array_equal(made["deaths"][0, :20], np.arange(3.0, 23.0))
    # the week of the first case begins two days before it, on day 1
    np.testing.assert_allclose(made["deaths"][1, :14], np.repeat([4.0, 11.0], 7))
    np.testing.assert_array_equal(np.isnan(made["deaths"]), np.isnan(made["cases"]))


def test_counts_beside_the_variable_that_nobody_makes_are_named() -> None:
    known = {"cases": Variable("cases", ("day",), "float32", "1", "observable")}
    with pytest.raises(RecipeError, match="'deaths' is no series like 'cases'"):
        OutbreakWindow("cases", beside=["deaths"]).variables(known)
