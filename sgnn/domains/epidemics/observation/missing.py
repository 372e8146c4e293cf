"""Missing weeks: reports that never came, singly, in runs, or before counting began."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.observation.switch import present
from sgnn.simulation import (
    LogUniform,
    ObservationOperator,
    Outputs,
    Parameter,
    Prior,
    Streams,
    Theta,
    Uniform,
    Variable,
)
from sgnn.simulation.compiled import outer
from sgnn.simulation.random import exponential, open_stream, uniform


@outer
def _gappy(
    counts: np.ndarray, on: np.ndarray, share: np.ndarray, length: np.ndarray, draws: np.ndarray, key: int
) -> np.ndarray:
    out = counts.copy()
    for row in range(counts.shape[0]):
        if on[row] < 0.5:
            continue
        stream = open_stream(key, draws[row])
        left = 0
        # gaps of geometric length between stretches that make them the stated share of all weeks
        starts = share[row] / (share[row] + (1.0 - share[row]) * length[row])
        scale = 1.0 / math.log(length[row] / (length[row] - 1.0)) if length[row] > 1.0 else 0.0
        for week in range(counts.shape[1]):
            if left == 0 and uniform(stream) < starts:
                left = 1 + int(exponential(stream) * scale)
            if left > 0:
                out[row, week] = np.nan
                left -= 1
    return out


class _Gaps(ObservationOperator):
    """Shared by the operators that leave weeks out: their variable may be missing."""

    def variables(self, known: Mapping[str, Variable]) -> tuple[Variable, ...]:
        """The variable, which may now be missing."""
        return (replace(super().variables(known)[0], missing=True),)


class Missing(_Gaps):
    """Leave out weeks, singly or in runs."""

    name = "epidemics.missing"
    version = "2"

    def prior(self) -> Prior:
        """Switch, share of weeks missing, and mean length of a gap."""
        return Prior(
            {
                "present": present(0.15, "missing weeks"),
                "share": Parameter(
                    LogUniform(0.01, 0.2), description="share of the weeks missing", source="surveillance data"
                ),
                "length": Parameter(
                    Uniform(1.0, 4.0), unit="week", description="mean length of a gap", source="weeks to a month"
                ),
            }
        )

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Counts (batch, week), NaN where missing."""
        gaps = (theta["present"], theta["share"], theta["length"])
        return {self.variable: _gappy(data[self.variable], *gaps, streams.draws, streams.key("gaps"))}


class LateStart(_Gaps):
    """Leave out everything before the week in which collection began."""

    name = "epidemics.late_start"
    version = "1"

    def prior(self) -> Prior:
        """Switch and first week."""
        return Prior(
            {
                "present": present(0.15, "a late start"),
                "first_week": Parameter(
                    Uniform(1.0, 60.0),
                    unit="week",
                    description="first week collected",
                    source="US admissions began in August 2020",
                ),
            }
        )

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Counts (batch, week), NaN before the first week."""
        weeks = np.arange(data[self.variable].shape[1])
        before = (weeks < theta["first_week"][:, None]) & (theta["present"][:, None] > 0.5)
        return {self.variable: np.where(before, np.float32(np.nan), data[self.variable])}
