"""Somebody's own package: two mechanisms of counted atoms, two stages that observe them, and ways to go wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.simulation import (
    Component,
    Dimension,
    DrawGenerator,
    LogUniform,
    Mixture,
    ObservationOperator,
    ObservationPipeline,
    Outputs,
    Parameter,
    Prior,
    Simulator,
    Streams,
    Theta,
    Uniform,
    Variable,
)
from sgnn.simulation.random import open_stream, poisson

DAYS = 6
Spoil = Callable[[Outputs, NDArray[np.int64]], None]


class Decay(Simulator):
    """Poisson counts about an exponential decay; ``spoil`` does to the outputs what a bad simulator would."""

    name = "atoms.decay"
    version = "1"

    def __init__(self, spoil: Spoil | None = None) -> None:
        self.spoil = spoil

    def prior(self) -> Prior:
        return Prior({"start": Parameter(LogUniform(1.0, 100.0), "atoms"), "rate": Parameter(Uniform(0.1, 1.0))})

    def dimensions(self) -> tuple[Dimension, ...]:
        return (Dimension("day", DAYS, "day"),)

    def variables(self) -> tuple[Variable, ...]:
        return (
            Variable("left", ("day",), np.int64, "atoms", "latent", valid_range=(0, 1000)),
            Variable("activity", ("day",), np.float32, "1/day", "latent"),
        )

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        mean = theta["start"][:, None] * np.exp(-theta["rate"][:, None] * np.arange(DAYS))
        left, key = np.zeros(mean.shape, dtype=np.int64), streams.key("counts")
        for row, draw in enumerate(streams.draws):
            state = open_stream(key, draw)
            left[row] = [poisson(state, one) for one in mean[row]]
        outputs: Outputs = {"left": left, "activity": (mean * theta["rate"][:, None]).astype(np.float32)}
        if self.spoil is not None:
            self.spoil(outputs, streams.draws)
        return outputs


class Growth(Decay):
    """The same mechanism with its sign turned, and without an activity."""

    name = "atoms.growth"

    def prior(self) -> Prior:
        return Prior({"start": Parameter(LogUniform(1.0, 100.0), "atoms"), "gain": Parameter(Uniform(0.0, 0.1))})

    def variables(self) -> tuple[Variable, ...]:
        return super().variables()[:1]

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        outputs = super().simulate({"start": theta["start"], "rate": -theta["gain"]}, streams)
        del outputs["activity"]
        return outputs


class Detector(ObservationOperator):
    """Detects a share of what is left as a new variable; ``spoil`` as above."""

    name = "atoms.detector"
    version = "1"

    def __init__(self, variable: str, source: str = "left", label: str | None = None, spoil: Spoil | None = None):
        super().__init__(variable, label)
        self.source, self.spoil = source, spoil

    def prior(self) -> Prior:
        return Prior({"share": Parameter(Uniform(0.2, 0.9), "", "share detected")})

    def variables(self, known: Mapping[str, Variable]) -> tuple[Variable, ...]:
        return (Variable(self.variable, ("day",), np.float64, "atoms", "observable", valid_range=(0.0, 1e6)),)

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        made: Outputs = {self.variable: np.empty(data[self.source].shape)}
        for row in range(len(streams)):
            chance = streams.generator(row, "detect")
            made[self.variable][row] = chance.binomial(data[self.source][row], theta["share"][row])
        if self.spoil is not None:
            self.spoil(made, streams.draws)
        return made


class Dead(ObservationOperator):
    """A dead time: every count above a limit is lost; changes what the detector saw."""

    name = "atoms.dead"
    version = "1"

    def prior(self) -> Prior:
        return Prior({"limit": Parameter(Uniform(5.0, 20.0), "atoms")})

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        return {self.variable: np.minimum(data[self.variable], np.floor(theta["limit"])[:, None])}


def of(*simulators: Simulator) -> Mixture:
    """Mixture with even weights."""
    return Mixture([Component(simulator, 1.0, simulator.prior()) for simulator in simulators])


def generator(decay: Decay | None = None, detector: Detector | None = None) -> DrawGenerator:
    """Both mechanisms, seen by a detector with a dead time."""
    pipeline = ObservationPipeline((detector or Detector("seen"), Dead("seen")))
    return DrawGenerator(of(decay or Decay(), Growth()), pipeline, "corpus")
