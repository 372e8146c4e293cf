"""Overdispersion: counts vary more than a Poisson variable does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.simulation import LogUniform, ObservationOperator, Outputs, Parameter, Prior, Streams, Theta
from sgnn.simulation.compiled import inner, outer
from sgnn.simulation.random import negative_binomial, open_stream


@inner
def _redraw(counts: np.ndarray, dispersion: float, stream: np.ndarray, out: np.ndarray) -> None:
    for day in range(counts.shape[0]):
        if counts[day] > 0.0:
            out[day] = negative_binomial(stream, counts[day], dispersion)


@outer
def _redrawn(counts: np.ndarray, dispersion: np.ndarray, draws: np.ndarray, key: int) -> np.ndarray:
    out = np.zeros(counts.shape, dtype=np.float64)
    for row in range(counts.shape[0]):
        _redraw(counts[row], dispersion[row], open_stream(key, draws[row]), out[row])
    return out


class Overdispersion(ObservationOperator):
    """Draw each day's count anew from a negative binomial with the count as its mean."""

    name = "epidemics.overdispersion"
    version = "1"

    def prior(self) -> Prior:
        """Dispersion of a day; of a week's sum it is about seven times that."""
        return Prior(
            {
                "dispersion": Parameter(
                    LogUniform(1.0, 200.0),
                    description="dispersion k of a day: variance = mean + mean^2 / k",
                    source="daily death counts: 2-50",
                )
            }
        )

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Counts (batch, day)."""
        return {self.variable: _redrawn(data[self.variable], theta["dispersion"], streams.draws, streams.key("counts"))}
