"""Batch noise: laboratories and offices work in fits, so that whole weeks run high or low together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.observation.switch import present
from sgnn.simulation import LogUniform, ObservationOperator, Outputs, Parameter, Prior, Streams, Theta, Uniform
from sgnn.simulation.compiled import inner, outer
from sgnn.simulation.random import normal, open_stream, poisson


@inner
def _make_noisy(counts: np.ndarray, sd: float, memory: float, stream: np.ndarray, out: np.ndarray) -> None:
    state = sd * normal(stream)
    fresh = sd * math.sqrt(1.0 - memory**2)
    factor = math.exp(state - 0.5 * sd**2)
    for day in range(counts.shape[0]):
        if day % 7 == 0 and day > 0:
            state = memory * state + fresh * normal(stream)
            factor = math.exp(state - 0.5 * sd**2)
        if counts[day] > 0.0:
            exact = counts[day] * factor
            # rounding would bias counts below 1, which are drawn
            out[day] = poisson(stream, exact) if exact < 1.0 else math.floor(exact + 0.5)


@outer
def _noisy(
    counts: np.ndarray, on: np.ndarray, sd: np.ndarray, memory: np.ndarray, draws: np.ndarray, key: int
) -> np.ndarray:
    out = counts.astype(np.float64)
    for row in range(counts.shape[0]):
        if on[row] < 0.5:
            continue
        _make_noisy(counts[row], sd[row], memory[row], open_stream(key, draws[row]), out[row])
    return out


class BatchNoise(ObservationOperator):
    """Multiply counts by a log-normal factor per week, autocorrelated from week to week, of mean 1."""

    name = "epidemics.batch_noise"
    version = "2"

    def prior(self) -> Prior:
        """Switch, standard deviation and weekly autocorrelation of the log factor."""
        sd = LogUniform(0.02, 0.3) if self.variable == "deaths" else LogUniform(0.01, 0.12)
        return Prior(
            {
                "present": present(0.9, "batch noise"),
                "sd": Parameter(
                    sd, description="standard deviation of the log factor", source="Mantis lognormal(0.1), widened"
                ),
                "memory": Parameter(
                    Uniform(-0.3, 0.7),
                    description="autocorrelation from week to week",
                    source="batches alternate or persist",
                ),
            }
        )

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Noisy counts (batch, day)."""
        noise = (theta["present"], theta["sd"], theta["memory"])
        return {self.variable: _noisy(data[self.variable], *noise, streams.draws, streams.key("noise"))}
