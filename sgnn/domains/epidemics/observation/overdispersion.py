"""Overdispersion: counts vary more than a Poisson variable does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sgnn.simulation import LogUniform, ObservationOperator, Outputs, Parameter, Prior, Streams, Theta
from sgnn.simulation.random import negative_binomial, open_stream


@njit(cache=True, nogil=True)
def _redrawn(counts: np.ndarray, dispersion: np.ndarray, draws: np.ndarray, key: int) -> np.ndarray:
    out = np.zeros(counts.shape, dtype=np.float64)
    for row in range(counts.shape[0]):
        stream = open_stream(key, draws[row])
        for day in range(counts.shape[1]):
            if counts[row, day] > 0.0:
                out[row, day] = negative_binomial(stream, counts[row, day], dispersion[row])
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
