"""Simulators that keep every rule: what the broken ones are made from."""

from __future__ import annotations

import numpy as np

from sgnn.simulation import Dimension, Outputs, Parameter, Prior, Simulator, Streams, Theta, Uniform, Variable

STEPS = 12


class Sound(Simulator):
    """Walks with a drift, one row at a time; subclasses spoil one step of it."""

    name = "controls.sound"
    version = "1"

    def prior(self) -> Prior:
        return Prior({"drift": Parameter(Uniform(-0.5, 0.5), "m/day", "mean of a step")})

    def dimensions(self) -> tuple[Dimension, ...]:
        return (Dimension("day", STEPS, "day"),)

    def variables(self) -> tuple[Variable, ...]:
        return (Variable("height", ("day",), np.float64, "m", "observable", valid_range=(-1e3, 1e3)),)

    def generator(self, streams: Streams, row: int) -> np.random.Generator:
        """Where the random numbers of one draw come from."""
        return streams.generator(row, "steps")

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        if not np.isfinite(theta["drift"]).all():
            raise ValueError("drift is not a number")
        heights = np.empty((len(streams), STEPS))
        for row in range(len(streams)):
            heights[row] = np.cumsum(theta["drift"][row] + self.generator(streams, row).normal(size=STEPS))
        return {"height": heights}


class Deterministic(Sound):
    """The same without chance: draws with the same parameters are the same, and that is no fault."""

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        if not np.isfinite(theta["drift"]).all():
            raise ValueError("drift is not a number")
        return {"height": np.outer(theta["drift"], np.arange(STEPS))}


class FewSeeds(Sound):
    """A seed that is cut to a hundred values: as few outcomes as a fair mechanism may have, so no more than noted."""

    def generator(self, streams: Streams, row: int) -> np.random.Generator:
        return np.random.default_rng(int(streams.seeds()[row] % 100))


class Rare(Sound):
    """Hardly anything happens by chance, so that many draws are equal; and that is no fault either."""

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        made = super().simulate(theta, streams)
        for row in range(len(streams)):
            made["height"][row] = streams.generator(row, "rare").random() < 0.1
        return made


class Settled(Sound):
    """Needs a setting."""

    def __init__(self, days: int) -> None:
        self.days = days
