"""Simulators that take their random numbers from the wrong place, one mistake each, beside one that is right."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.simulation import (
    Beta,
    Categorical,
    Correlated,
    Dimension,
    Fixed,
    Gamma,
    LogNormal,
    LogUniform,
    Normal,
    ObservationOperator,
    Outputs,
    Parameter,
    Prior,
    Simulator,
    Streams,
    Theta,
    Uniform,
    Variable,
)

STEPS = 40
_GOES_ON = np.random.default_rng(11)


class Sound(Simulator):
    """A walk with a drift whose steps come from the streams, as they should; a prior with one of everything."""

    name = "wrongs.sound"
    version = "1"

    def prior(self) -> Prior:
        return Prior(
            {
                "scale": Parameter(LogUniform(0.5, 2.0), unit="m"),
                "drift": Parameter(Normal(0.0, 0.1), unit="m"),
                "pull": Parameter(Normal(0.5, 0.2), unit="m"),
                "start": Parameter(LogNormal(10.0, 0.5), unit="m", bounds=(4.0, 40.0)),
                "share": Parameter(Beta(2.0, 5.0)),
                "waiting": Parameter(Gamma(3.0, 0.5), unit="s"),
                "longer": Parameter(Uniform("waiting", 20.0), unit="s"),
                "kind": Parameter(Categorical((1.0, 2.0, 5.0), (0.2, 0.5, 0.3))),
                "gravity": Parameter(Fixed(9.81), unit="m/s2"),
            },
            (Correlated(("drift", "pull"), ((1.0, 0.6), (0.6, 1.0))),),
        )

    def dimensions(self) -> tuple[Dimension, ...]:
        return (Dimension("step", STEPS),)

    def variables(self) -> tuple[Variable, ...]:
        return (
            Variable("noise", ("step",), "float64", "", "latent"),
            Variable("level", ("step",), "float32", "m", "observable", valid_range=(-1e4, 1e4)),
            Variable("turns", (), "int32", "", "target"),
        )

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        """Walks from their noise."""
        noise = self.noise(streams)
        level = theta["start"][:, None] + np.cumsum(theta["drift"][:, None] + theta["scale"][:, None] * noise, axis=1)
        turns = (np.diff(np.sign(np.diff(level, axis=1)), axis=1) != 0).sum(axis=1)
        return {"noise": noise, "level": level.astype(np.float32), "turns": turns.astype(np.int32)}

    def noise(self, streams: Streams) -> NDArray[np.float64]:
        """Random numbers (batch, step)."""
        return np.stack([streams.generator(at, "noise").random(STEPS) - 0.5 for at in range(len(streams))])


class Still(Simulator):
    """Takes no random numbers: the outcome follows from the parameters."""

    name = "wrongs.still"
    version = "1"

    def prior(self) -> Prior:
        return Prior({"speed": Parameter(Uniform(0.1, 1.0), unit="1/s")})

    def dimensions(self) -> tuple[Dimension, ...]:
        return (Dimension("step", STEPS),)

    def variables(self) -> tuple[Variable, ...]:
        return (Variable("wave", ("step",), "float32", "m", "observable"),)

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        """A wave."""
        return {"wave": np.sin(theta["speed"][:, None] * np.arange(STEPS)).astype(np.float32)}


class Clock(Sound):
    """Seeds from the clock."""

    name = "wrongs.clock"

    def noise(self, streams: Streams) -> NDArray[np.float64]:
        """Other numbers at each call."""
        return np.random.default_rng(time.perf_counter_ns()).random((len(streams), STEPS)) - 0.5


class Numbered(Sound):
    """A seed of its own plus the draw's number, in a generator whose neighbouring seeds overlap."""

    name = "wrongs.numbered"
    seed = 5

    def noise(self, streams: Streams) -> NDArray[np.float64]:
        """What draw i has at t + 4, draw i + 1 has at t."""
        generators = [np.random.Philox(key=self.key(streams), counter=self.seed + int(i)) for i in streams.draws]
        return np.stack([np.random.Generator(one).random(STEPS) - 0.5 for one in generators])

    def key(self, streams: Streams) -> int:
        """The same in every corpus."""
        return 0


class Overlapping(Numbered):
    """The same with the corpus's own key: reproducible in every way, and differing between corpora."""

    name = "wrongs.overlapping"

    def key(self, streams: Streams) -> int:
        """The corpus's."""
        return int(streams.key("noise"))


class GoesOn(Sound):
    """One generator for all draws that this process ever makes."""

    name = "wrongs.goes_on"

    def noise(self, streams: Streams) -> NDArray[np.float64]:
        """The next numbers."""
        return _GOES_ON.random((len(streams), STEPS)) - 0.5


class OneStream(Sound):
    """The stream of the batch's first draw for all of its draws."""

    name = "wrongs.one_stream"

    def noise(self, streams: Streams) -> NDArray[np.float64]:
        """One row, again and again."""
        return np.tile(streams.generator(0, "noise").random(STEPS) - 0.5, (len(streams), 1))


class Restarted(Sound):
    """A generator that every task begins anew, as one that is copied into each worker."""

    name = "wrongs.restarted"

    def noise(self, streams: Streams) -> NDArray[np.float64]:
        """The same rows in every block."""
        return np.random.default_rng(3).random((len(streams), STEPS)) - 0.5


class Dull(Sound):
    """Outputs that say nothing: all zero, always the same, and cut off at the end of their type."""

    name = "wrongs.dull"

    def variables(self) -> tuple[Variable, ...]:
        return (
            *super().variables(),
            Variable("dead", ("step",), "float32", "", "latent"),
            Variable("frozen", ("step",), "float32", "", "latent"),
            Variable("clipped", ("step",), "uint8", "", "latent"),
            Variable("absent", ("step",), "float32", "", "observable", missing=True),
        )

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        """The walk, and what is dull beside it."""
        outputs = super().simulate(theta, streams)
        shape = outputs["level"].shape
        return outputs | {
            "dead": np.zeros(shape, np.float32),
            "frozen": np.tile(np.arange(STEPS, dtype=np.float32), (len(streams), 1)),
            "clipped": np.minimum(np.abs(outputs["level"]) * 20, 255).astype(np.uint8),
            "absent": np.full(shape, np.nan, np.float32),
        }


class Reading(ObservationOperator):
    """The level with an error."""

    name = "wrongs.reading"
    version = "1"

    def prior(self) -> Prior:
        return Prior({"error": Parameter(Uniform(0.1, 1.0), unit="m")})

    def variables(self, known: Mapping[str, Variable]) -> tuple[Variable, ...]:
        return (Variable("read", ("step",), "float32", "m", "observable"),)

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Errors of the streams."""
        errors = np.stack([self.errors(streams, at) for at in range(len(streams))])
        return {"read": (data["level"] + theta["error"][:, None] * errors).astype(np.float32)}

    def errors(self, streams: Streams, at: int) -> NDArray[np.float64]:
        """Errors (step,) of one draw."""
        return streams.generator(at, "errors").normal(size=STEPS)


class Stale(Reading):
    """Errors that a draw has in every corpus."""

    name = "wrongs.stale"

    def errors(self, streams: Streams, at: int) -> NDArray[np.float64]:
        """Those of the draw's number."""
        return np.random.default_rng(int(streams.draws[at])).normal(size=STEPS)
