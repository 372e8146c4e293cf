"""The window in which an outbreak is seen: from its first reported case, for as many days or weeks as there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sgnn.domains.epidemics.calendar import DAYS_PER_WEEK
from sgnn.errors import RecipeError
from sgnn.simulation import (
    Categorical,
    ObservationOperator,
    Outputs,
    Parameter,
    Prior,
    Streams,
    Theta,
    Uniform,
    Variable,
)


@njit(cache=True, nogil=True)
def _first_reports(counts: np.ndarray) -> np.ndarray:
    """Day (row,) of the first count above zero, 0 where there is none."""
    out = np.zeros(counts.shape[0], dtype=np.int64)
    for row in range(counts.shape[0]):
        first = 0
        while first < counts.shape[1] - 1 and counts[row, first] <= 0.0:
            first += 1
        out[row] = first if counts[row, first] > 0.0 else 0
    return out


@njit(cache=True, nogil=True)
def _seen(values: np.ndarray, firsts: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Values (row, day) from each row's first day on, NaN after its last one."""
    out = np.full(values.shape, np.nan, dtype=np.float32)
    for row in range(values.shape[0]):
        first = firsts[row]
        last = min(first + int(days[row]), values.shape[1])
        for day in range(max(first, 0), last):
            out[row, day - first] = values[row, day]
    return out


@njit(cache=True, nogil=True)
def _evened(values: np.ndarray, firsts: np.ndarray, weeks: np.ndarray) -> None:
    """Replace values (row, day) by the mean of their week, for as many ``weeks`` (row,) from each row's first day on.

    Days before the record hold nobody. Nothing is changed in rows of no weeks.
    """
    for row in range(values.shape[0]):
        for week in range(weeks[row]):
            begin = firsts[row] + 7 * week
            total = 0.0
            for day in range(max(begin, 0), begin + 7):
                total += values[row, day]
            for day in range(max(begin, 0), begin + 7):
                values[row, day] = total / 7.0


class OutbreakWindow(ObservationOperator):
    """Count days from the first report on, and leave out everything after the last day that is known.

    An outbreak of which nothing is reported is seen from its first day, as a row of zeros. ``paths`` names further
    series by new names: what happened on the days that are seen, ``{infections: infections_daily}``. With ``weeks``
    some draws are counted by week: each day of a week has a seventh of its count, the first week holds the first
    report, and only whole weeks are seen.
    """

    name = "epidemics.outbreak_window"
    version = "1"

    def __init__(
        self,
        variable: str,
        shortest: int = 14,
        longest: int = 100,
        paths: Mapping[str, str] | None = None,
        label: str | None = None,
        weeks: bool = False,
    ) -> None:
        super().__init__(variable, label)
        self.paths, self.weeks = dict(paths or {}), bool(weeks)
        self.shortest, self.longest = int(shortest), int(longest)

    def prior(self) -> Prior:
        """Days known; with ``weeks`` whether they are counted by week, and the day of the week on which weeks begin."""
        days = Parameter(
            Uniform(float(self.shortest), self.longest + 1.0),
            unit="day",
            description="days known since the first report",
            source="published R0 task: 14 to 100 days",
        )
        weekly = {
            "weekly": Parameter(
                Categorical((0.0, 1.0), (0.8, 0.2)),
                description="1 where counts are by week",
                source="surveillance data",
            ),
            "week_begins": Parameter(
                Categorical(tuple(map(float, range(7)))), description="first day of a week", source="any day"
            ),
        }
        return Prior({"days": days, **(weekly if self.weeks else {})})

    def variables(self, known: Mapping[str, Variable]) -> tuple[Variable, ...]:
        """The variable, missing after the last day known, and the paths beside it."""
        own = replace(super().variables(known)[0], dtype=np.float32, missing=True)
        for source in self.paths.values():
            if source not in known or known[source].dims != own.dims:
                raise RecipeError(
                    f"observation stage '{self.label}': '{source}' is no series like '{self.variable}'",
                    remedy=f"series are: {', '.join(name for name, one in known.items() if one.dims == own.dims)}",
                )
        paths = [
            replace(known[source], name=name, dtype=np.float32, role="target", missing=True)
            for name, source in self.paths.items()
        ]
        return (own, *paths)

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Counts (batch, day) since the first report, NaN where nothing is known yet."""
        # copies, which may be written: for counts that may not, the kernel would be compiled once more
        counts, days = np.array(data[self.variable], dtype=np.float64), theta["days"]
        firsts = _first_reports(counts)
        if self.weeks:
            firsts, days = _by_week(counts, firsts, theta)
        names = {self.variable: self.variable, **self.paths}
        series = {name: counts if name == self.variable else data[source] for name, source in names.items()}
        seen = {name: _seen(np.array(one, dtype=np.float64), firsts, days) for name, one in series.items()}
        # a first week may begin before the record does
        before = np.arange(counts.shape[1]) < -firsts[:, None]
        seen[self.variable] = np.where(before, counts[:, :1], seen[self.variable]).astype(np.float32)
        return seen


def _by_week(
    counts: NDArray[np.float64], firsts: NDArray[np.int64], theta: Theta
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Even out the counts (batch, day) of draws that are by week; first day and number of days of all of them."""
    begins = firsts - (firsts - theta["week_begins"].astype(np.int64)) % DAYS_PER_WEEK
    known = np.minimum(theta["days"], counts.shape[1] - begins)
    # a record that ends within the second week is no series by week
    is_weekly = (theta["weekly"] > 0.5) & (known >= 2 * DAYS_PER_WEEK)
    starts = np.where(is_weekly, begins, firsts)
    weeks = np.where(is_weekly, known // DAYS_PER_WEEK, 0).astype(np.int64)
    _evened(counts, starts, weeks)
    return starts, np.where(is_weekly, weeks * DAYS_PER_WEEK, theta["days"])
