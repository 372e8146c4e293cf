"""Operators that see the walks: one that is sound, and one for each way to break a rule."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.simulation import ObservationOperator, Outputs, Parameter, Prior, Streams, Theta, Uniform, Variable
from toy_controls.sound import STEPS


class Noisy(ObservationOperator):
    """Writes down the height with an error, as the variable ``written``."""

    name = "controls.noisy"
    version = "1"

    def __init__(self, variable: str = "written", label: str | None = None) -> None:
        super().__init__(variable, label)

    def prior(self) -> Prior:
        return Prior({"error": Parameter(Uniform(0.1, 0.5), "m", "standard deviation")})

    def variables(self, known: Mapping[str, Variable]) -> tuple[Variable, ...]:
        return (replace(known["height"], name=self.variable),)

    def generator(self, streams: Streams, row: int) -> np.random.Generator:
        """Where the random numbers of one draw come from."""
        return streams.generator(row, "error")

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        written = np.array(data["height"])
        for row in range(len(streams)):
            written[row] += theta["error"][row] * self.generator(streams, row).normal(size=STEPS)
        return {self.variable: written}


class Clock(Noisy):
    """A seed from the clock."""

    breaks = "determinism"

    def generator(self, streams: Streams, row: int) -> np.random.Generator:
        return np.random.default_rng(time.time_ns())


class SeedPlusIndex(Noisy):
    """`seed + i`."""

    breaks = "streams"

    def generator(self, streams: Streams, row: int) -> np.random.Generator:
        return np.random.default_rng(99 + int(streams.draws[row]))


class Overwrites(Noisy):
    """Changes an output of the simulator."""

    breaks = "declaration"

    def __init__(self) -> None:
        super().__init__("height")


class WritesData(Noisy):
    """Adds its errors to what it is shown."""

    breaks = "inputs"

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        made = super().observe(data, theta, streams)
        data["height"][:] = made[self.variable]
        return made


class Idle(Noisy):
    """Hands on what an earlier stage has written."""

    breaks = "changes"

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        return {self.variable: np.array(data[self.variable])}


class FailsOpen(Noisy):
    """Catches what went wrong, and hands on what an earlier stage has written."""

    breaks = "failures"

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        try:
            return super().observe(data, theta, streams)
        except KeyError:
            return {self.variable: np.array(data.get(self.variable, 0.0))}


class Normalised(Noisy):
    """Scaled by the largest height of the batch."""

    breaks = "batch"

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        return {name: values / values.max() for name, values in super().observe(data, theta, streams).items()}


class WrongShape(Noisy):
    """Leaves out the last day."""

    breaks = "outputs"

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        return {name: values[:, 1:] for name, values in super().observe(data, theta, streams).items()}
