"""The window in which an outbreak is seen: from its first reported case, for as many days or weeks as there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    report, and only whole weeks are seen. ``beside`` names further observed counts, such as deaths, that are seen on
    the same days and by the same weeks.
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
        beside: Sequence[str] = (),
    ) -> None:
        super().__init__(variable, label)
        self.paths, self.weeks = dict(paths or {}), bool(weeks)
        self.observed = (variable, *beside)
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
        """What is observed, missing after the last day known, and the paths beside it."""
        own = super().variables(known)[0]
        for source in (*self.observed, *self.paths.values()):
            if source not in known or known[source].dims != own.dims:
                raise RecipeError(
                    f"observation stage '{self.label}': '{source}' is no series like '{self.variable}'",
                    remedy=f"series are: {', '.join(name for name, one in known.items() if one.dims == own.dims)}",
                )
        paths = [
            replace(known[source], name=name, dtype=np.float32, role="target", missing=True)
            for name, source in self.paths.items()
        ]
        observed = [replace(known[name], dtype=np.float32, missing=True) for name in self.observed]
        return (*observed, *paths)

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Counts (batch, day) since the first report, NaN where nothing is known yet."""
        # copies, which may be written: for counts that may not, the kernel would be compiled once more
        counts = {name: np.array(data[name], dtype=np.float64) for name in self.observed}
        own, days = counts[self.variable], theta["days"]
        firsts = _first_reports(own)
        if self.weeks:
            firsts, weeks, days = _by_week(firsts, theta, own.shape[1])
            for one in counts.values():
                _evened(one, firsts, weeks)
        paths = {name: np.array(data[source], dtype=np.float64) for name, source in self.paths.items()}
        seen = {name: _seen(one, firsts, days) for name, one in (counts | paths).items()}
        # a first week may begin before the record does
        before = np.arange(own.shape[1]) < -firsts[:, None]
        for name, one in counts.items():
            seen[name] = np.where(before, one[:, :1], seen[name]).astype(np.float32)
        return seen


def _by_week(
    firsts: NDArray[np.int64], theta: Theta, days: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """First day, number of whole weeks (0 where draws are by day) and number of days known, each (batch,)."""
    begins = firsts - (firsts - theta["week_begins"].astype(np.int64)) % DAYS_PER_WEEK
    known = np.minimum(theta["days"], days - begins)
    # a record that ends within the second week is no series by week
    is_weekly = (theta["weekly"] > 0.5) & (known >= 2 * DAYS_PER_WEEK)
    starts = np.where(is_weekly, begins, firsts)
    weeks = np.where(is_weekly, known // DAYS_PER_WEEK, 0).astype(np.int64)
    return starts, weeks, np.where(is_weekly, weeks * DAYS_PER_WEEK, theta["days"])
