"""Dumps: a backlog found late and reported on one day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.observation.switch import present
from sgnn.simulation import LogUniform, ObservationOperator, Outputs, Parameter, Prior, Streams, Theta, Uniform
from sgnn.simulation.compiled import inner, outer
from sgnn.simulation.random import open_stream, uniform


@inner
def _dump(rate: float, share: float, stream: np.ndarray, out: np.ndarray) -> None:
    backlog, keep = 0.0, share * uniform(stream)
    for day in range(out.shape[0]):
        held = math.floor(out[day] * keep + uniform(stream)) if out[day] > 0.0 else 0.0
        held = min(held, out[day])
        out[day] -= held
        backlog += held
        if uniform(stream) < rate / 365.0:
            out[day] += backlog
            backlog = 0.0
            keep = share * uniform(stream)


@outer
def _dumped(
    counts: np.ndarray, on: np.ndarray, rate: np.ndarray, share: np.ndarray, draws: np.ndarray, key: int
) -> np.ndarray:
    out = counts.astype(np.float64)
    for row in range(counts.shape[0]):
        if on[row] < 0.5:
            continue
        _dump(rate[row], share[row], open_stream(key, draws[row]), out[row])
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
