"""The window in which an outbreak is seen: from its first reported case, for as many days as there are yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sgnn.errors import RecipeError
from sgnn.simulation import ObservationOperator, Outputs, Parameter, Prior, Streams, Theta, Uniform, Variable


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
        for day in range(first, last):
            out[row, day - first] = values[row, day]
    return out


class OutbreakWindow(ObservationOperator):
    """Count days from the first report on, and leave out everything after the last day that is known.

    An outbreak of which nothing is reported is seen from its first day, as a row of zeros. ``paths`` names further
    series by new names: what happened on the days that are seen, ``{infections: infections_daily}``.
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
    ) -> None:
        super().__init__(variable, label)
        self.paths = dict(paths or {})
        self.shortest, self.longest = int(shortest), int(longest)

    def prior(self) -> Prior:
        """Days known."""
        return Prior(
            {
                "days": Parameter(
                    Uniform(float(self.shortest), self.longest + 1.0),
                    unit="day",
                    description="days known since the first report",
                    source="published R0 task: 14 to 100 days",
                )
            }
        )

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
        names = {self.variable: self.variable, **self.paths}
        return {name: _seen(np.array(data[source], dtype=np.float64), firsts, days) for name, source in names.items()}
