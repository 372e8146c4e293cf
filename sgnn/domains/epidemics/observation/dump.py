"""Dumps: a backlog found late and reported on one day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sgnn.domains.epidemics.observation.switch import present
from sgnn.simulation import LogUniform, ObservationOperator, Outputs, Parameter, Prior, Streams, Theta, Uniform
from sgnn.simulation.random import open_stream, uniform


@njit(cache=True, nogil=True)
def _dumped(
    counts: np.ndarray, on: np.ndarray, rate: np.ndarray, share: np.ndarray, draws: np.ndarray, key: int
) -> np.ndarray:
    out = counts.astype(np.float64)
    for row in range(counts.shape[0]):
        if on[row] < 0.5:
            continue
        stream = open_stream(key, draws[row])
        backlog, keep = 0.0, share[row] * uniform(stream)
        for day in range(counts.shape[1]):
            held = math.floor(out[row, day] * keep + uniform(stream)) if out[row, day] > 0.0 else 0.0
            held = min(held, out[row, day])
            out[row, day] -= held
            backlog += held
            if uniform(stream) < rate[row] / 365.0:
                out[row, day] += backlog
                backlog = 0.0
                keep = share[row] * uniform(stream)
    return out


class Dump(ObservationOperator):
    """Lose sight of a share of the counts and report the backlog on single days; people are conserved."""

    name = "epidemics.dump"
    version = "1"

    def prior(self) -> Prior:
        """Switch, dumps a year, and the largest share that goes unseen."""
        return Prior(
            {
                "present": present(0.3, "a backlog"),
                "rate": Parameter(
                    LogUniform(0.3, 4.0),
                    unit="1/year",
                    description="dumps a year",
                    source="states found 100s to 1000s of deaths in 2020-2021",
                ),
                "share": Parameter(
                    Uniform(0.02, 0.3),
                    description="largest share of the counts that goes unseen",
                    source="audits of death certificates",
                ),
            }
        )

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Counts (batch, day) by day of report."""
        backlog = (theta["present"], theta["rate"], theta["share"])
        return {self.variable: _dumped(data[self.variable], *backlog, streams.draws, streams.key("backlog"))}
