"""The window of an outbreak begins with its first report and ends with what is known."""

from __future__ import annotations

import numpy as np

from sgnn.domains.epidemics.observation import OutbreakWindow
from sgnn.simulation import Streams


def seen(counts: list[list[float]], days: float) -> np.ndarray:
    operator, values = OutbreakWindow("cases"), np.array(counts)
    theta = {"days": np.full(len(values), days)}
    return operator.observe({"cases": values}, theta, Streams("window", np.arange(len(values))))["cases"]


def test_the_first_day_is_that_of_the_first_report() -> None:
    np.testing.assert_array_equal(seen([[0, 0, 3, 0, 5, 6]], 6.0)[0], [3, 0, 5, 6, np.nan, np.nan])


def test_what_lies_after_the_last_day_known_is_missing() -> None:
    np.testing.assert_array_equal(seen([[1, 2, 3, 4]], 2.9)[0], [1, 2, np.nan, np.nan])


def test_an_outbreak_that_nobody_reports_is_a_row_of_zeros() -> None:
    np.testing.assert_array_equal(seen([[0, 0, 0, 0]], 3.0)[0], [0, 0, 0, np.nan])


def test_a_report_on_the_last_day_alone_is_seen() -> None:
    np.testing.assert_array_equal(seen([[0, 0, 0, 7]], 3.0)[0], [7, np.nan, np.nan, np.nan])


def test_lengths_fill_the_stated_range() -> None:
    days = OutbreakWindow("cases").prior().sample(Streams("window", np.arange(2000)))["days"].astype(int)
    assert (days.min(), days.max()) == (14, 100)
