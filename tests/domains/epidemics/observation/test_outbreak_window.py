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
