"""Toy simulators as somebody's own package: random walks, with draws that fail and draws out of range."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.simulation import (
    Dimension,
    ObservationOperator,
    Outputs,
    Parameter,
    Prior,
    Simulator,
    Streams,
    Theta,
    Uniform,
    Variable,
    lift,
)


class Walk(Simulator):
    """A random walk of `weeks` steps; `seconds` are slept a draw, so that a kill can hit it half-way."""

    name = "walks.walk"
    version = "1"

    def __init__(self, weeks: int = 12, seconds: float = 0.0, failing: float = 0.0) -> None:
        self.weeks, self.seconds, self.failing = weeks, seconds, failing

    def prior(self) -> Prior:
        return Prior({"scale": Parameter(Uniform(0.5, 2.0), unit="people", description="size of a step")})

    def dimensions(self) -> tuple[Dimension, ...]:
        return (Dimension("week", self.weeks, unit="week", long_name="weeks since the start", start=1),)

    def variables(self) -> tuple[Variable, ...]:
        return (
            Variable("level", ("week",), "float32", "people", "observable", "where the walk is", (-40.0, 40.0)),
            Variable("step", ("week",), "float32", "people", "latent"),
            Variable("crossings", (), "int32", "", "target"),
            Variable("nothing", ("week",), "int16", "", "latent"),
        )

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        """Walks, one after the other; a share `failing` of the draws raises."""
        steps = np.stack([self.steps(streams, i) for i in range(len(streams))]) * theta["scale"][:, None]
        level = np.cumsum(steps, axis=1)
        time.sleep(self.seconds * len(streams))
        if self.failing and (np.abs(steps[:, 0]) < self.failing).any():
            raise ValueError("the first step is too small")
        return {
            "level": level.astype(np.float32),
            "step": steps.astype(np.float32),
            "crossings": (np.diff(np.sign(level), axis=1) != 0).sum(axis=1).astype(np.int32),
            "nothing": np.zeros(level.shape, dtype=np.int16),
        }

    def steps(self, streams: Streams, position: int) -> NDArray[np.float64]:
        """Standard normal steps (week,) of one draw."""
        return streams.generator(position, "steps").normal(size=self.weeks)


class Jump(Walk):
    """A walk with one large jump, and so a parameter of its own."""

    name = "walks.jump"

    def prior(self) -> Prior:
        return super().prior().merged(Prior({"jump": Parameter(Uniform(5.0, 50.0), unit="people")}))

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        """Walks that jump in their second week."""
        outputs = super().simulate(theta, streams)
        outputs["level"][:, 1:] += theta["jump"][:, None].astype(np.float32)
        return outputs


class Count(ObservationOperator):
    """What somebody counts of the level."""

    name = "walks.count"
    version = "1"

    def prior(self) -> Prior:
        return Prior({"error": Parameter(Uniform(0.1, 1.0), unit="people")})

    def variables(self, known: Mapping[str, Variable]) -> tuple[Variable, ...]:
        del known  # the form of what is counted does not depend on it
        return (Variable("counted", ("week",), "float32", "people", "observable", missing=True),)

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """The level with an error, every third week missing."""
        noise = np.stack(
            [streams.generator(i, "noise").normal(size=data["level"].shape[1]) for i in range(len(streams))]
        )
        counted = data["level"] + theta["error"][:, None] * noise
        counted[:, ::3] = np.nan
        return {"counted": counted.astype(np.float32)}


STEADY = lift(
    lambda theta, _: {"level": np.full(3, theta["height"])},
    name="walks.steady",
    version="1",
    prior=Prior({"height": Parameter(Uniform(0.0, 1.0))}),
    dimensions=[Dimension("week", 3)],
    variables=[Variable("level", ("week",), np.float64, "", "observable")],
)
