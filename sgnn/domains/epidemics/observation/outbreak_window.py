"""The window in which an outbreak is seen: from its first reported case, for as many days as there are yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sgnn.simulation import ObservationOperator, Outputs, Parameter, Prior, Streams, Theta, Uniform, Variable


@njit(cache=True, nogil=True)
def _seen(counts: np.ndarray, days: np.ndarray) -> np.ndarray:
    out = np.full(counts.shape, np.nan, dtype=np.float32)
    for row in range(counts.shape[0]):
        first = 0
        while first < counts.shape[1] - 1 and counts[row, first] <= 0.0:
            first += 1
        if counts[row, first] <= 0.0:
            first = 0
        last = min(first + int(days[row]), counts.shape[1])
        for day in range(first, last):
            out[row, day - first] = counts[row, day]
    return out


class OutbreakWindow(ObservationOperator):
    """Count days from the first report on, and leave out everything after the last day that is known.

    An outbreak of which nothing is reported is seen from its first day, as a row of zeros.
    """

    name = "epidemics.outbreak_window"
    version = "1"

    def __init__(self, variable: str, shortest: int = 14, longest: int = 100, label: str | None = None) -> None:
        super().__init__(variable, label)
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
        """The variable, missing after the last day known."""
        return (replace(super().variables(known)[0], dtype=np.float32, missing=True),)

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Counts (batch, day) since the first report, NaN where nothing is known yet."""
        return {self.variable: _seen(np.asarray(data[self.variable], dtype=np.float64), theta["days"])}
