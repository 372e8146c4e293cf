"""Weekdays: fewer reports at weekends, made up for in the days after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.observation.switch import present
from sgnn.simulation import Beta, Categorical, ObservationOperator, Outputs, Parameter, Prior, Streams, Theta
from sgnn.simulation.compiled import inner, outer
from sgnn.simulation.random import binomial, open_stream

# share of the day's reports that is held back at full strength, Monday to Sunday: the published factors 1.2 … 0.4
_HELD = np.array([0.0, 0.0, 0.0, 0.0, 0.1, 0.45, 0.6])


@inner
def _hold_back_one(counts: np.ndarray, strength: float, first: int, stream: np.ndarray, out: np.ndarray) -> None:
    waiting = 0
    for day in range(counts.shape[0]):
        share = strength * _HELD[(day + first) % 7]
        arrived = np.int64(counts[day]) + waiting
        waiting = binomial(stream, arrived, share) if share > 0.0 else 0
        out[day] = arrived - waiting


@outer
def _held_back(
    counts: np.ndarray, on: np.ndarray, strength: np.ndarray, first: np.ndarray, draws: np.ndarray, key: int
) -> np.ndarray:
    out = np.empty(counts.shape, dtype=np.float64)
    for row in range(counts.shape[0]):
        stream = open_stream(key, draws[row])
        _hold_back_one(counts[row], on[row] * strength[row], int(first[row]), stream, out[row])
    return out


class Weekday(ObservationOperator):
    """Hold back a share of the reports on weekend days until the next day; people are conserved."""

    name = "epidemics.weekday"
    version = "1"

    def prior(self) -> Prior:
        """Switch, strength of the weekend effect, and the weekday of the first recorded day."""
        return Prior(
            {
                "present": present(0.8, "a weekend effect"),
                "strength": Parameter(
                    Beta(2.0, 2.0),
                    description="strength relative to the published factors",
                    source="Mantis: Monday 1.2 to Sunday 0.4",
                ),
                "first_weekday": Parameter(
                    Categorical((0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)),
                    description="weekday of the first recorded day, Monday 0",
                    source="weeks may end on any day",
                ),
            }
        )

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Counts (batch, day) by day of report."""
        effect = (theta["present"], theta["strength"], theta["first_weekday"])
        return {self.variable: _held_back(data[self.variable], *effect, streams.draws, streams.key("hold"))}
