"""Reporting delay: what happened on a day is reported over the days after it, sooner as years go by."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.delays import gamma_delay
from sgnn.domains.epidemics.observation.switch import present
from sgnn.simulation import LogUniform, ObservationOperator, Outputs, Parameter, Prior, Streams, Theta, Uniform
from sgnn.simulation.compiled import inner, outer

LONGEST = 42
"""Days after which everything has been reported, unless a setting says otherwise."""
_STEP = 28


@inner
def _spread(counts: np.ndarray, mean: float, shape: float, shrink: float, lags: np.ndarray, out: np.ndarray) -> None:
    days, known = counts.shape[0], -1
    for day in range(days):
        if counts[day] <= 0.0:
            continue
        if day // _STEP != known:
            known = day // _STEP
            now = mean * math.exp(-shrink * (known * _STEP) / 365.0)
            gamma_delay(shape, max(now, 0.3) / shape, lags)
        ahead = out[day : min(day + lags.shape[0], days)]
        for lag in range(ahead.shape[0]):
            ahead[lag] += counts[day] * lags[lag]


@inner
def _in_whole_people(out: np.ndarray) -> None:
    """Report what is left of a person on the next day."""
    carry = 0.0
    for day in range(out.shape[0]):
        waiting = out[day] + carry
        whole = math.floor(waiting + 1e-9)
        out[day] = whole
        carry = waiting - whole


@outer
def _delayed(
    counts: np.ndarray, on: np.ndarray, mean: np.ndarray, shape: np.ndarray, shrink: np.ndarray, longest: int
) -> np.ndarray:
    out = np.zeros(counts.shape, dtype=np.float64)
    lags = np.empty(longest)
    for row in range(counts.shape[0]):
        if on[row] < 0.5:
            for day in range(counts.shape[1]):
                out[row, day] = counts[row, day]
            continue
        _spread(counts[row], mean[row], shape[row], shrink[row], lags, out[row])
        _in_whole_people(out[row])
    return out


class Delay(ObservationOperator):
    """Spread counts over the days after by a Gamma delay whose mean shrinks with time.

    People are conserved but for those still waiting at the end of the record. Nobody waits for more than ``longest``
    days.
    """

    name = "epidemics.delay"
    version = "1"

    def __init__(self, variable: str, longest: int = LONGEST, label: str | None = None) -> None:
        super().__init__(variable, label)
        self.longest = int(longest)

    def prior(self) -> Prior:
        """Switch, mean, shape and yearly shrinkage of the delay."""
        longer = self.variable == "deaths"
        mean = LogUniform(1.0, 20.0) if longer else LogUniform(0.5, 4.0)
        return Prior(
            {
                "present": present(0.8 if longer else 0.5, "a reporting delay"),
                "mean": Parameter(
                    mean,
                    unit="day",
                    description="mean delay at the start",
                    source="days for admissions, up to weeks for deaths",
                ),
                "shape": Parameter(Uniform(1.0, 4.0), description="shape of the Gamma delay", source="wide"),
                "shrink": Parameter(
                    Uniform(0.0, 0.6),
                    unit="1/year",
                    description="rate at which the mean shrinks",
                    source="Mantis prior: delays shrink over time",
                ),
            }
        )

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Delayed counts (batch, day)."""
        return {
            self.variable: _delayed(
                data[self.variable], theta["present"], theta["mean"], theta["shape"], theta["shrink"], self.longest
            )
        }
