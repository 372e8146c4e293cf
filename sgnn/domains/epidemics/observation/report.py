"""Reporting: a share of what happens is counted, and the share grows as reporting is built up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.observation.daily import daily_counts
from sgnn.simulation import ObservationOperator, Outputs, Parameter, Prior, Streams, Theta, Uniform, Variable
from sgnn.simulation.compiled import inner, outer
from sgnn.simulation.random import binomial, open_stream


@inner
def _thin_one(
    counts: np.ndarray, low: float, high: float, middle: float, width: float, stream: np.ndarray, out: np.ndarray
) -> None:
    for day in range(counts.shape[0]):
        if counts[day] > 0:
            rise = 1.0 / (1.0 + math.exp(-(day - middle) / width))
            out[day] = binomial(stream, np.int64(counts[day]), low + (high - low) * rise)


@outer
def thinned(
    counts: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    middle: np.ndarray,
    width: np.ndarray,
    draws: np.ndarray,
    key: int,
) -> np.ndarray:
    """Counts (row, day) of which each is kept with a chance that follows a logistic ramp from ``low`` to ``high``."""
    out = np.zeros(counts.shape, dtype=np.float64)
    for row in range(counts.shape[0]):
        stream = open_stream(key, draws[row])
        _thin_one(counts[row], low[row], high[row], middle[row], width[row], stream, out[row])
    return out


class Report(ObservationOperator):
    """Count a share of the daily ``source``, each event by itself, as the observed daily ``variable``.

    The share follows a logistic ramp from ``share_start`` to ``share_end``. Cases are counted from 5-40 % up to 25-85 %
    (the published ramp), deaths and admissions nearly in full.
    """

    name = "epidemics.report"
    version = "1"

    def __init__(self, variable: str, source: str, label: str | None = None) -> None:
        super().__init__(variable, label)
        self.source = source

    def prior(self) -> Prior:
        """Shares at both ends of the ramp, its middle and its width."""
        cases = self.variable == "cases"
        start, end = (Uniform(0.05, 0.4), Uniform(0.25, 0.85)) if cases else (Uniform(0.6, 1.0), Uniform(0.75, 1.0))
        source = "Mantis prior" if cases else "deaths and admissions are registered nearly in full"
        return Prior(
            {
                "share_start": Parameter(start, description="share reported before the ramp", source=source),
                "share_end": Parameter(end, description="share reported after the ramp", source=source),
                "ramp_day": Parameter(
                    Uniform(-200.0, 600.0), unit="day", description="middle of the ramp", source="any time"
                ),
                "ramp_width": Parameter(
                    Uniform(5.0, 60.0), unit="day", description="width of the ramp", source="weeks to months"
                ),
            }
        )

    def variables(self, known: Mapping[str, Variable]) -> tuple[Variable, ...]:
        """The observed variable, by day."""
        return (daily_counts(self.variable, known, self.source, self.label),)

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Thinned counts (batch, day)."""
        ramp = (theta["share_start"], theta["share_end"], theta["ramp_day"], theta["ramp_width"])
        return {self.variable: thinned(data[self.source], *ramp, streams.draws, streams.key("thin"))}
